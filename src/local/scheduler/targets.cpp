#include "local/scheduler/targets.hpp"

#include "local/scheduler/deployments.hpp"
#include "local/scheduler/operations.hpp"

#include <algorithm>
#include <optional>

namespace ecsr::local {

namespace {

std::optional<int> host_port(const Task& task, const ServiceLoadBalancer& load_balancer) {
    for (const Container& container : task.containers) {
        if (container.name != load_balancer.container_name) { continue; }
        for (const NetworkBinding& binding : container.network_bindings) {
            if (binding.container_port == load_balancer.container_port) { return binding.host_port; }
        }
    }
    return std::nullopt;
}

std::optional<TargetRegistration> registration_of(const State& state, const Task& task, const TargetGroup& group,
                                                  const ServiceLoadBalancer& load_balancer) {
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    const bool own_address = definition != nullptr && definition->network_mode == NetworkMode::Awsvpc;
    const std::optional<int> port = own_address ? load_balancer.container_port : host_port(task, load_balancer);
    if (!port) { return std::nullopt; }
    if (group.target_type == "ip") { return TargetRegistration{group.arn, task.private_ip, *port}; }
    const auto cluster = state.clusters.find(task.cluster);
    if (cluster == state.clusters.end()) { return std::nullopt; }
    return TargetRegistration{group.arn, instance_id(cluster->second.container_instance_id), *port};
}

} // namespace

void register_target(TargetGroup& group, const std::string& id, int port, Instant now) {
    Target* target = find_target(group, id, port);
    if (target != nullptr && target->state != TargetState::Draining) { return; }
    if (target == nullptr) { target = &group.targets.emplace_back(); }
    *target = Target{};
    target->id = id;
    target->port = port;
    target->registered_at = now;
    if (group.health_check_enabled) {
        target->reason = "Elb.RegistrationInProgress";
        target->description = "Target registration is in progress";
    } else {
        target->state = TargetState::Healthy;
    }
    group.balancer_outdated = true;
}

void deregister_target(TargetGroup& group, const std::string& id, int port, Instant now) {
    Target* target = find_target(group, id, port);
    if (target == nullptr || target->state == TargetState::Draining) { return; }
    target->state = TargetState::Draining;
    target->reason = "Target.DeregistrationInProgress";
    target->description = "Target deregistration is in progress";
    target->draining_until = now + deregistration_delay(group);
    group.balancer_outdated = true;
}

void register_task(Turn& turn, Task& task) {
    Service* service = service_of(turn.state, task);
    const Deployment* deployment = service == nullptr ? nullptr : find_deployment(*service, task.started_by);
    if (deployment == nullptr) { return; }
    for (const ServiceLoadBalancer& load_balancer : deployment->load_balancers) {
        TargetGroup* group = find_target_group(turn.state, load_balancer.target_group_arn);
        if (group == nullptr) { continue; }
        const auto registration = registration_of(turn.state, task, *group, load_balancer);
        if (!registration) { continue; }
        register_target(*group, registration->target_id, registration->port, turn.now);
        task.targets.push_back(*registration);
        ++turn.news[key_of(task)].registered[group->arn];
    }
}

Seconds deregister_task(Turn& turn, Task& task) {
    Seconds longest{0};
    TargetNews& news = turn.news[key_of(task)];
    for (const TargetRegistration& registration : task.targets) {
        TargetGroup* group = find_target_group(turn.state, registration.target_group_arn);
        if (group == nullptr) { continue; }
        deregister_target(*group, registration.target_id, registration.port, turn.now);
        longest = std::max(longest, deregistration_delay(*group));
        ++news.deregistered[group->arn];
    }
    if (!task.targets.empty()) { ++news.draining_tasks; }
    task.targets.clear();
    return longest;
}

void touch_services_behind(State& state, const std::string& target_group_arn) {
    const auto registers_there = [&](const Deployment& deployment) {
        return std::ranges::any_of(deployment.load_balancers, [&](const ServiceLoadBalancer& each) {
            return each.target_group_arn == target_group_arn;
        });
    };
    for (auto& [key, service] : state.services) {
        service.touched = service.touched || std::ranges::any_of(service.deployments, registers_there);
    }
}

void drop_drained_targets(State& state, Instant now) {
    for (auto& [arn, group] : state.target_groups) {
        const auto gone = std::erase_if(group.targets, [&](const Target& target) {
            return target.draining_until && *target.draining_until <= now;
        });
        group.balancer_outdated = group.balancer_outdated || gone > 0;
    }
}

} // namespace ecsr::local
