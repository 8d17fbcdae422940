#include "model/snapshot.hpp"

#include <algorithm>
#include <string_view>

namespace ecsr {

namespace {

const Container* find_container(const Task& task, const std::string& name) {
    for (const Container& container : task.containers) {
        if (container.name == name) { return &container; }
    }
    return nullptr;
}

// awsvpc tasks share one network interface: any container that tells the address tells the task's.
std::string_view private_ip(const Task& task) {
    for (const Container& container : task.containers) {
        if (!container.private_ip.empty()) { return container.private_ip; }
    }
    return {};
}

std::string_view instance_id(const Snapshot& snapshot, const Task& task) {
    const auto found = snapshot.instance_ids.find(task.container_instance_arn);
    return found == snapshot.instance_ids.end() ? std::string_view() : found->second;
}

const TargetHealth* target_for(const Snapshot& snapshot, const Task& task, const TargetGroupBinding& binding) {
    const auto by_address = [&](std::string_view id, int port) {
        return id.empty() ? nullptr : snapshot.targets.find(binding.target_group_arn, id, port);
    };
    if (const auto* target = by_address(private_ip(task), binding.container_port)) { return target; }
    const Container* container = find_container(task, binding.container_name);
    if (container == nullptr) { return nullptr; }
    for (const NetworkBinding& network : container->network_bindings) {
        if (network.container_port != binding.container_port) { continue; }
        if (const auto* target = by_address(instance_id(snapshot, task), network.host_port)) { return target; }
    }
    return nullptr;
}

bool definition_has_health_check(const Snapshot& snapshot, const Task& task) {
    const auto found = snapshot.task_definitions.find(task.task_definition);
    return found != snapshot.task_definitions.end() && has_health_check(found->second);
}

// Whether a health check says no, or has yet to say yes. The definition is looked up only where its answer matters.
bool lacks_health_check(const Snapshot& snapshot, const Task& task) {
    if (task.health_status == "HEALTHY") { return false; }
    return task.health_status == "UNHEALTHY" || definition_has_health_check(snapshot, task);
}

} // namespace

std::vector<const TargetHealth*> targets_of(const Snapshot& snapshot, const Task& task) {
    std::vector<const TargetHealth*> found;
    for (const TargetGroupBinding& binding : snapshot.service.target_groups) {
        if (const TargetHealth* target = target_for(snapshot, task, binding)) { found.push_back(target); }
    }
    return found;
}

std::string why_not_healthy(const Snapshot& snapshot, const Task& task) {
    if (!is_live(task)) { return is_stopped(task) ? "STOPPED" : "stopping"; }
    if (task.last_status != "RUNNING") { return task.last_status; }
    if (lacks_health_check(snapshot, task)) { return "health check " + task.health_status; }
    for (const TargetGroupBinding& binding : snapshot.service.target_groups) {
        const TargetHealth* target = target_for(snapshot, task, binding);
        if (target == nullptr) { return "not registered in its target group"; }
        if (target->state != "healthy") {
            return "target " + target->state + (target->reason.empty() ? "" : " (" + target->reason + ")");
        }
    }
    return {};
}

bool is_healthy(const Snapshot& snapshot, const Task& task) {
    // As why_not_healthy(), without words: asked of every task at every step.
    if (!is_running(task) || lacks_health_check(snapshot, task)) { return false; }
    return std::ranges::all_of(snapshot.service.target_groups, [&](const TargetGroupBinding& binding) {
        const TargetHealth* target = target_for(snapshot, task, binding);
        return target != nullptr && target->state == "healthy";
    });
}

bool is_registered(const Snapshot& snapshot, const Task& task) {
    return std::ranges::all_of(snapshot.service.target_groups, [&](const TargetGroupBinding& binding) {
        return target_for(snapshot, task, binding) != nullptr;
    });
}

bool is_vouched_for(const Snapshot& snapshot, const Task& task) {
    return !snapshot.service.target_groups.empty() || definition_has_health_check(snapshot, task);
}

std::vector<const Task*> live_tasks(const Snapshot& snapshot) {
    std::vector<const Task*> live;
    for (const auto& [arn, task] : snapshot.tasks) {
        if (is_live(task)) { live.push_back(&task); }
    }
    std::ranges::stable_sort(live, {}, &Task::created_at); // those of the same time stay in the order of their ARNs
    return live;
}

int live_count(const Snapshot& snapshot) {
    return static_cast<int>(
        std::ranges::count_if(snapshot.tasks, [](const auto& each) { return is_live(each.second); }));
}

int healthy_count(const Snapshot& snapshot) {
    return static_cast<int>(
        std::ranges::count_if(snapshot.tasks, [&](const auto& each) { return is_healthy(snapshot, each.second); }));
}

} // namespace ecsr
