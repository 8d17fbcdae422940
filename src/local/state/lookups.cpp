#include "base/text.hpp"
#include "local/state/state.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

const TaskDefinition* newest_active(const std::vector<TaskDefinition>& revisions) {
    const auto found = std::find_if(revisions.rbegin(), revisions.rend(), [](const auto& r) { return r.active; });
    return found == revisions.rend() ? nullptr : &*found;
}

} // namespace

const TaskDefinition* find_task_definition(const State& state, std::string_view arn_or_family_revision) {
    const std::string_view name = short_id(arn_or_family_revision);
    const auto colon = name.find(':');
    const auto family = state.task_definitions.find(std::string(name.substr(0, colon)));
    if (family == state.task_definitions.end()) { return nullptr; }
    if (colon == std::string_view::npos) { return newest_active(family->second); }
    const auto revision = parse_integer(name.substr(colon + 1));
    if (!revision || *revision < 1) { return nullptr; }
    const auto index = static_cast<std::size_t>(*revision - 1);
    return index < family->second.size() ? &family->second[index] : nullptr;
}

TargetGroup* find_target_group(State& state, std::string_view arn) {
    const auto found = state.target_groups.find(std::string(arn));
    return found == state.target_groups.end() ? nullptr : &found->second;
}

Target* find_target(TargetGroup& group, std::string_view id, int port) {
    const auto found = std::find_if(group.targets.begin(), group.targets.end(),
                                    [&](const Target& target) { return target.port == port && target.id == id; });
    return found == group.targets.end() ? nullptr : &*found;
}

std::vector<Task*> tasks_of_service(State& state, const Service& service) {
    return state.tasks.of_service({service.cluster, service.name});
}

Service* service_of(State& state, const Task& task) {
    if (task.service.empty()) { return nullptr; }
    const auto found = state.services.find({task.cluster, task.service});
    return found == state.services.end() ? nullptr : &found->second;
}

std::map<std::string, TaskCounts> counts_by_deployment(const State& state, const Service& service) {
    std::map<std::string, TaskCounts> counts;
    auto last = counts.end(); // nearly all tasks are of one deployment
    for (const Task* task : state.tasks.of_service({service.cluster, service.name})) {
        if (task->last_status > TaskStatus::Running) { continue; }
        if (last == counts.end() || last->first != task->started_by) {
            last = counts.try_emplace(task->started_by).first;
        }
        ++(task->last_status == TaskStatus::Running ? last->second.running : last->second.pending);
    }
    return counts;
}

Seconds deregistration_delay(const TargetGroup& group) {
    constexpr Seconds default_delay{300};
    const auto found = group.attributes.find("deregistration_delay.timeout_seconds");
    if (found == group.attributes.end()) { return default_delay; }
    const auto seconds = parse_integer(found->second);
    return seconds && *seconds >= 0 ? Seconds{*seconds} : default_delay;
}

Health task_health(const Task& task) {
    bool checked = false;
    bool unknown = false;
    for (const Container& container : task.containers) {
        if (!container.essential || !container.has_health_check) { continue; }
        if (container.health == Health::Unhealthy) { return Health::Unhealthy; }
        checked = true;
        unknown = unknown || container.health == Health::Unknown;
    }
    return checked && !unknown ? Health::Healthy : Health::Unknown;
}

bool restarts(const ContainerDefinition& container, int exit_code, Millis has_run_for) {
    const auto& policy = container.restart_policy;
    return policy && has_run_for >= policy->attempt_period &&
           std::ranges::count(policy->ignored_exit_codes, exit_code) == 0;
}

bool is_protected(const Task& task, Instant now) {
    return task.protection_expires_at && *task.protection_expires_at > now;
}

} // namespace ecsr::local
