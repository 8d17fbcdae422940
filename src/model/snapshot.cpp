#include "model/snapshot.hpp"

#include <algorithm>
#include <tuple>

namespace ecsr {

namespace {

const Container* find_container(const Task& task, const std::string& name) {
    for (const Container& container : task.containers) {
        if (container.name == name) { return &container; }
    }
    return nullptr;
}

// awsvpc tasks share one network interface: any container that tells the address tells the task's.
std::string private_ip(const Task& task) {
    for (const Container& container : task.containers) {
        if (!container.private_ip.empty()) { return container.private_ip; }
    }
    return {};
}

std::string instance_id(const Snapshot& snapshot, const Task& task) {
    const auto found = snapshot.instance_ids.find(task.container_instance_arn);
    return found == snapshot.instance_ids.end() ? std::string() : found->second;
}

bool is_target_of(const Snapshot& snapshot, const Task& task, const TargetGroupBinding& binding,
                  const TargetHealth& target) {
    if (target.target_group_arn != binding.target_group_arn || target.state == "unused") { return false; }
    if (const std::string ip = private_ip(task); !ip.empty() && target.target_id == ip) {
        return target.port == binding.container_port;
    }
    const Container* container = find_container(task, binding.container_name);
    if (container == nullptr || target.target_id != instance_id(snapshot, task)) { return false; }
    return std::ranges::any_of(container->network_bindings, [&](const NetworkBinding& network) {
        return network.container_port == binding.container_port && network.host_port == target.port;
    });
}

const TargetHealth* target_for(const Snapshot& snapshot, const Task& task, const TargetGroupBinding& binding) {
    for (const TargetHealth& target : snapshot.targets) {
        if (is_target_of(snapshot, task, binding, target)) { return &target; }
    }
    return nullptr;
}

bool definition_has_health_check(const Snapshot& snapshot, const Task& task) {
    const auto found = snapshot.task_definitions.find(task.task_definition);
    return found != snapshot.task_definitions.end() && has_health_check(found->second);
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
    if (task.health_status == "UNHEALTHY" ||
        (definition_has_health_check(snapshot, task) && task.health_status != "HEALTHY")) {
        return "health check " + task.health_status;
    }
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
    return why_not_healthy(snapshot, task).empty();
}

bool is_vouched_for(const Snapshot& snapshot, const Task& task) {
    return !snapshot.service.target_groups.empty() || definition_has_health_check(snapshot, task);
}

std::vector<const Task*> live_tasks(const Snapshot& snapshot) {
    std::vector<const Task*> live;
    for (const auto& [arn, task] : snapshot.tasks) {
        if (is_live(task)) { live.push_back(&task); }
    }
    std::ranges::sort(live, {}, [](const Task* task) { return std::tie(task->created_at, task->arn); });
    return live;
}

int healthy_count(const Snapshot& snapshot) {
    const auto live = live_tasks(snapshot);
    return static_cast<int>(std::ranges::count_if(live, [&](const Task* task) { return is_healthy(snapshot, *task); }));
}

} // namespace ecsr
