#include "tell/status_report.hpp"

#include "base/text.hpp"
#include "tell/status_document_json.hpp"
#include "tell/text_table.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

namespace {

std::string heading(const StatusDocument& status) {
    std::string text = fmt::format("Service {} in cluster {}: {}, {} desired, {} running, {} pending, {} healthy\n",
                                   status.service, status.cluster, status.status, status.desired_count,
                                   status.running_count, status.pending_count, status.healthy_count);
    text +=
        fmt::format("{}, {}, deployed by {}, {}\n", or_dash(status.scheduling_strategy), or_dash(status.launch_type),
                    or_dash(status.deployment_controller), family_and_revision(status.task_definition));
    if (status.autoscaling) {
        text += fmt::format("Autoscaling from {} to {}{}\n", status.autoscaling->min_capacity,
                            status.autoscaling->max_capacity,
                            status.autoscaling->scale_in_suspended ? ", scale-in suspended" : "");
    }
    return text;
}

std::string deployments(const StatusDocument& status, Instant now) {
    std::vector<std::vector<std::string>> rows{
        {"DEPLOYMENT", "STATUS", "ROLLOUT", "DEFINITION", "DESIRED", "RUNNING", "PENDING", "FAILED", "AGE"}};
    for (const auto& deployment : status.deployments) {
        rows.push_back({deployment.id, deployment.status, or_dash(deployment.rollout_state),
                        family_and_revision(deployment.task_definition), std::to_string(deployment.desired_count),
                        std::to_string(deployment.running_count), std::to_string(deployment.pending_count),
                        std::to_string(deployment.failed_tasks), age(deployment.created_at, now)});
    }
    return text_table(rows);
}

std::string targets(const StatusTask& task) {
    std::vector<std::string> parts;
    parts.reserve(task.targets.size());
    for (const auto& target : task.targets) {
        parts.push_back(target.reason.empty() ? target.state : fmt::format("{} ({})", target.state, target.reason));
    }
    return or_dash(join(parts, ", "));
}

std::string protection(const StatusTask& task) {
    if (!task.is_protected) { return "-"; }
    return task.protected_until ? fmt::format("until {}", to_the_second(*task.protected_until)) : "yes";
}

std::string tasks(const StatusDocument& status, Instant now) {
    if (status.tasks.empty()) { return "No tasks.\n"; }
    std::vector<std::vector<std::string>> rows{
        {"TASK", "STATUS", "HEALTH", "TARGETS", "ZONE", "DEFINITION", "PROTECTED", "AGE"}};
    for (const auto& task : status.tasks) {
        rows.push_back({std::string(short_id(task.task_arn)), task.last_status, or_dash(task.health_status),
                        targets(task), or_dash(task.availability_zone), family_and_revision(task.task_definition),
                        protection(task), age(task.created_at, now)});
    }
    return text_table(rows);
}

std::string events(const StatusDocument& status) {
    if (status.events.empty()) { return ""; }
    std::string text = "\nLast events:\n";
    for (const auto& event : status.events) {
        text += fmt::format("  {}  {}\n", to_the_second(event.created_at), event.message);
    }
    return text;
}

} // namespace

std::string status_text(const Snapshot& snapshot, Instant now, std::size_t shown_events) {
    const auto status = status_document(snapshot, now, shown_events);
    return heading(status) + "\n" + deployments(status, now) + "\n" + tasks(status, now) + events(status);
}

std::string status_json(const Snapshot& snapshot, Instant now, std::size_t shown_events) {
    return json::to_json<json::SnakeCase>(status_document(snapshot, now, shown_events), 2);
}

} // namespace ecsr::tell
