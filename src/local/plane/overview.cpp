#include "local/plane/overview.hpp"

#include "base/text.hpp"
#include "local/scheduler/task_life.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>
#include <tuple>

namespace ecsr::local {

namespace {

constexpr std::size_t stopped_tasks_shown = 5;
constexpr std::int64_t mebibyte = 1 << 20;

std::vector<std::string> urls_of(const State& state, const std::string& target_group_arn) {
    std::vector<std::string> urls;
    for (const auto& [arn, listener] : state.listeners) {
        if (listener.target_group_arn != target_group_arn || listener.bound_port == 0) { continue; }
        urls.push_back(fmt::format("http://127.0.0.1:{}/", listener.bound_port));
    }
    return urls;
}

SeenTargetGroup seen(const State& state, const TargetGroup& group) {
    SeenTargetGroup shown;
    shown.name = group.name;
    shown.urls = urls_of(state, group.arn);
    for (const auto& target : group.targets) {
        switch (target.state) {
        case TargetState::Healthy: ++shown.healthy; break;
        case TargetState::Initial: ++shown.initial; break;
        case TargetState::Unhealthy: ++shown.unhealthy; break;
        case TargetState::Draining: ++shown.draining; break;
        case TargetState::Unused: ++shown.unused; break;
        }
    }
    return shown;
}

SeenService seen(const State& state, const Service& service) {
    SeenService shown;
    shown.cluster = service.cluster;
    shown.service = service.name;
    shown.status = to_string(service.status);
    shown.desired = service.desired_count;
    for (const auto& [deployment, counts] : counts_by_deployment(state, service)) {
        shown.running += counts.running;
        shown.pending += counts.pending;
    }
    shown.deployments = static_cast<int>(service.deployments.size());
    if (!service.deployments.empty()) {
        const auto& primary = service.deployments.front();
        shown.task_definition = std::string(short_id(primary.task_definition));
        shown.rollout = to_string(primary.rollout_state);
        shown.rollout_reason = primary.rollout_state_reason;
    }
    for (const auto& balanced : service.load_balancers) {
        const auto group = state.target_groups.find(balanced.target_group_arn);
        if (group != state.target_groups.end()) { shown.target_groups.push_back(seen(state, group->second)); }
    }
    return shown;
}

std::optional<std::int64_t> memory_limit(const State& state, const Task& task) {
    if (task.overrides.memory_mib) { return *task.overrides.memory_mib * mebibyte; }
    const auto* definition = find_task_definition(state, task.task_definition);
    if (definition == nullptr) { return std::nullopt; }
    if (definition->memory_mib) { return *definition->memory_mib * mebibyte; }
    std::int64_t sum = 0;
    for (const auto& container : definition->containers) {
        if (!container.memory_mib) { return std::nullopt; }
        sum += *container.memory_mib * mebibyte;
    }
    return sum;
}

// The reason of a task that ended by itself says little; those of its containers say why.
std::string told_by_containers(const Task& task) {
    if (task.stop_code != stopped_by_exit && task.stop_code != stopped_by_failed_start) { return ""; }
    std::vector<std::string> told;
    for (const auto& container : task.containers) {
        std::vector<std::string> facts;
        if (container.exit_code) { facts.push_back(fmt::format("exit {}", *container.exit_code)); }
        if (!container.reason.empty()) { facts.push_back(container.reason); }
        if (!facts.empty()) { told.push_back(fmt::format("{}: {}", container.name, join(facts, ", "))); }
    }
    return join(told, "; ");
}

SeenTask seen(const State& state, Runtime& runtime, const Task& task) {
    SeenTask shown{.id = task.id,
                   .cluster = task.cluster,
                   .service = task.service,
                   .task_definition = std::string(short_id(task.task_definition)),
                   .status = to_string(task.last_status),
                   .health = to_string(task_health(task)),
                   .created_at = task.created_at,
                   .stopped_at = task.stopped_at,
                   .stopped_reason = task.stopped_reason,
                   .told_by_containers = told_by_containers(task),
                   .memory_bytes = 0,
                   .memory_limit_bytes = memory_limit(state, task)};
    if (task.last_status == TaskStatus::Stopped) { return shown; }
    for (const auto& [name, bytes] : runtime.memory_usage(task.id)) {
        shown.memory_bytes += static_cast<std::int64_t>(bytes);
    }
    return shown;
}

std::vector<SeenTask> tasks_of(const State& state, Runtime& runtime) {
    std::vector<SeenTask> there;
    std::vector<const Task*> stopped;
    for (const auto& [id, task] : state.tasks) {
        if (task.last_status == TaskStatus::Stopped) {
            stopped.push_back(&task);
        } else {
            there.push_back(seen(state, runtime, task));
        }
    }
    std::ranges::sort(
        there, {}, [](const SeenTask& task) { return std::tie(task.cluster, task.service, task.created_at, task.id); });
    std::ranges::sort(stopped, std::ranges::greater(), [](const Task* task) { return task->stopped_at; });
    for (const Task* task : stopped | std::views::take(stopped_tasks_shown)) {
        there.push_back(seen(state, runtime, *task));
    }
    return there;
}

std::vector<SeenEvent> events_of(const State& state, std::size_t count) {
    std::vector<SeenEvent> events;
    for (const auto& [key, service] : state.services) {
        // Of one service as many as are wanted of all are enough.
        for (const auto& event : service.events | std::views::take(count)) {
            events.push_back({event.created_at, event.id, service.cluster, service.name, event.message});
        }
    }
    std::ranges::reverse(events); // of one time, the older first
    std::ranges::stable_sort(events, {}, &SeenEvent::at);
    if (events.size() > count) { events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(count)); }
    return events;
}

// Error: NotFound.
Result<const Service*> find_service(const State& state, std::string_view cluster, std::string_view name) {
    std::vector<const Service*> found;
    std::vector<std::string> there;
    for (const auto& [key, service] : state.services) {
        there.push_back(fmt::format("{}/{}", service.cluster, service.name));
        if (service.name == name && (cluster.empty() || service.cluster == cluster)) { found.push_back(&service); }
    }
    if (found.size() == 1) { return found.front(); }
    const std::string names = there.empty() ? "none" : join(there, ", ");
    if (found.empty()) {
        return fail(ErrorKind::NotFound,
                    fmt::format("there is no service \"{}\"{}; services: {}", name,
                                cluster.empty() ? "" : fmt::format(" in the cluster \"{}\"", cluster), names));
    }
    return fail(
        ErrorKind::NotFound,
        fmt::format("several clusters have a service \"{}\": name one with --cluster; services: {}", name, names));
}

} // namespace

Overview overview_of(const State& state, Runtime& runtime, Instant now, std::size_t events) {
    Overview overview;
    overview.now = now;
    for (const auto& [key, service] : state.services) {
        if (service.status != ServiceStatus::Inactive) { overview.services.push_back(seen(state, service)); }
    }
    overview.tasks = tasks_of(state, runtime);
    overview.events = events_of(state, events);
    return overview;
}

Result<ServiceLogs> logs_of(const State& state, Runtime& runtime, std::string_view cluster, std::string_view service) {
    const auto found = find_service(state, cluster, service);
    if (!found) { return std::unexpected(found.error()); }
    std::vector<const Task*> tasks;
    for (const auto& [id, task] : state.tasks) {
        if (task.cluster == (*found)->cluster && task.service == (*found)->name) { tasks.push_back(&task); }
    }
    std::ranges::sort(tasks, {}, [](const Task* task) { return std::tie(task->created_at, task->id); });
    ServiceLogs logs{(*found)->cluster, (*found)->name, {}};
    for (const Task* task : tasks) {
        for (const auto& container : task->containers) {
            auto text = runtime.written_by(task->id, container.name);
            if (!text) { continue; }
            logs.logs.push_back({task->id, container.name, to_string(task->last_status), std::move(*text)});
        }
    }
    return logs;
}

} // namespace ecsr::local
