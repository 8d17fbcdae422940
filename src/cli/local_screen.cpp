#include "cli/local_screen.hpp"

#include "base/text.hpp"
#include "tell/text_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace ecsr::cli {

namespace {

constexpr std::size_t shown_of_id = 8;
constexpr std::size_t recognised_by = 4'096; // so many bytes tell where a log that lost its beginning goes on

std::string targets_text(const local::SeenService& service) {
    std::vector<std::string> groups;
    for (const auto& group : service.target_groups) {
        std::vector<std::string> counts;
        for (const auto& [count, word] : {std::pair(group.healthy, "healthy"), std::pair(group.initial, "initial"),
                                          std::pair(group.unhealthy, "unhealthy"),
                                          std::pair(group.draining, "draining"), std::pair(group.unused, "unused")}) {
            if (count > 0) { counts.push_back(fmt::format("{} {}", count, word)); }
        }
        const std::string where = group.urls.empty() ? "" : fmt::format(" at {}", join(group.urls, " "));
        groups.push_back((counts.empty() ? "none" : join(counts, ", ")) + where);
    }
    return groups.empty() ? "-" : join(groups, "; ");
}

std::string memory_text(const local::SeenTask& task) {
    const auto used = format_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(task.memory_bytes, 0)));
    if (!task.memory_limit_bytes) { return used; }
    return fmt::format("{} of {}", used, format_bytes(static_cast<std::uint64_t>(*task.memory_limit_bytes)));
}

std::string services_text(const std::vector<local::SeenService>& services) {
    if (services.empty()) { return "No services.\n"; }
    std::vector<std::vector<std::string>> rows{
        {"CLUSTER", "SERVICE", "DESIRED", "RUNNING", "PENDING", "TASK DEFINITION", "ROLLOUT", "TARGETS"}};
    for (const auto& service : services) {
        const std::string status = service.status == "ACTIVE" ? "" : fmt::format(" ({})", service.status);
        rows.push_back({service.cluster, service.service + status, std::to_string(service.desired),
                        std::to_string(service.running), std::to_string(service.pending),
                        tell::or_dash(service.task_definition), tell::or_dash(service.rollout), targets_text(service)});
    }
    return tell::text_table(rows);
}

std::string tasks_text(const local::Overview& overview) {
    std::vector<std::vector<std::string>> rows{
        {"TASK", "SERVICE", "STATUS", "HEALTH", "AGE", "MEMORY", "TASK DEFINITION"}};
    for (const auto& task : overview.tasks) {
        if (task.stopped_at) { continue; }
        rows.push_back({task.id.substr(0, shown_of_id), tell::or_dash(task.service), task.status, task.health,
                        tell::age(task.created_at, overview.now), memory_text(task), task.task_definition});
    }
    return rows.size() == 1 ? "No tasks.\n" : tell::text_table(rows);
}

std::string stopped_text(const local::Overview& overview) {
    std::vector<std::vector<std::string>> rows{{"STOPPED TASK", "SERVICE", "AGO", "TASK DEFINITION", "REASON"}};
    for (const auto& task : overview.tasks) {
        if (!task.stopped_at) { continue; }
        rows.push_back({task.id.substr(0, shown_of_id), tell::or_dash(task.service),
                        tell::age(*task.stopped_at, overview.now), task.task_definition,
                        tell::or_dash(task.stopped_reason) +
                            (task.told_by_containers.empty() ? "" : fmt::format(" ({})", task.told_by_containers))});
    }
    return rows.size() == 1 ? "" : "\n" + tell::text_table(rows);
}

// What `now` has behind what was known as `before`.
std::string_view new_part(std::string_view before, std::string_view now) {
    if (now.starts_with(before)) { return now.substr(before.size()); }
    const auto end = before.substr(before.size() - std::min(before.size(), recognised_by));
    const auto at = now.rfind(end);
    return at == std::string_view::npos ? now : now.substr(at + end.size());
}

std::string_view last_lines(std::string_view text, std::size_t count) {
    if (count == 0) { return {}; }
    std::size_t at = text.size();
    if (text.ends_with('\n')) { --at; }
    for (std::size_t found = 0; found < count; ++found) {
        const auto end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
        if (end == std::string_view::npos) { return text; }
        at = end;
    }
    return text.substr(at + 1);
}

} // namespace

std::string event_line(const local::SeenEvent& event) {
    return fmt::format("{}  {}/{}  {}\n", tell::to_the_second(event.at), event.cluster, event.service, event.message);
}

std::string local_screen(const local::Overview& overview, const std::string& url) {
    std::string text = fmt::format("Local ECS on {}, {}{}\n\n", url, tell::to_the_second(overview.now),
                                   overview.time_scale > 0 ? fmt::format(" ({} s a second)", overview.time_scale) : "");
    text += services_text(overview.services) + "\n" + tasks_text(overview) + stopped_text(overview);
    if (!overview.events.empty()) { text += "\nLast events\n"; }
    for (const auto& event : overview.events) { text += event_line(event); }
    return text;
}

std::string LogPrinter::lines(const local::ServiceLogs& logs, bool is_last) {
    std::string printed;
    for (const auto& log : logs.logs) {
        std::string& known = printed_[{log.task, log.container}];
        std::string_view part = new_part(known, log.text);
        const auto end = part.rfind('\n');
        if (!is_last) { part = end == std::string_view::npos ? std::string_view() : part.substr(0, end + 1); }
        if (part.empty()) { continue; }
        const auto consumed = static_cast<std::size_t>(part.data() + part.size() - log.text.data());
        if (is_first_) { part = last_lines(part, tail_); }
        for (const auto& line : split(part.ends_with('\n') ? part.substr(0, part.size() - 1) : part, '\n')) {
            printed += fmt::format("{}/{}  {}\n", log.task.substr(0, shown_of_id), log.container, line);
        }
        known = log.text.substr(0, consumed);
    }
    is_first_ = false;
    return printed;
}

} // namespace ecsr::cli
