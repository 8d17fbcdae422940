#include "local/scheduler/capacity.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

// Ports of the instance that the definition names itself. awsvpc tasks have ports of their own.
std::vector<int> host_ports(const TaskDefinition& definition) {
    std::vector<int> ports;
    if (definition.network_mode == NetworkMode::Awsvpc) { return ports; }
    for (const ContainerDefinition& container : definition.containers) {
        for (const PortMapping& mapping : container.port_mappings) {
            if (mapping.host_port != 0) { ports.push_back(mapping.host_port); }
        }
    }
    return ports;
}

const ContainerOverride* find_override(const TaskOverrides& overrides, const std::string& name) {
    const auto found = std::ranges::find(overrides.containers, name, &ContainerOverride::name);
    return found == overrides.containers.end() ? nullptr : &*found;
}

int memory_of(const ContainerDefinition& container, const ContainerOverride* changed) {
    if (changed != nullptr && changed->memory_reservation_mib) { return *changed->memory_reservation_mib; }
    if (changed != nullptr && changed->memory_mib) { return *changed->memory_mib; }
    return container.memory_reservation_mib.value_or(container.memory_mib.value_or(0));
}

bool fits(const std::optional<int>& left, const std::optional<int>& demand) {
    return !left || *left >= demand.value_or(0);
}

void subtract(std::optional<int>& left, const std::optional<int>& demand) {
    if (left) { *left -= demand.value_or(0); }
}

void subtract(Capacity& left, const Capacity& demand) {
    subtract(left.cpu, demand.cpu);
    subtract(left.memory_mib, demand.memory_mib);
    subtract(left.tasks, demand.tasks);
}

const char* what_is_wrong(Shortage shortage) {
    switch (shortage) {
    case Shortage::Cpu: return "has insufficient CPU units available";
    case Shortage::Memory: return "has insufficient memory available";
    case Shortage::Tasks: return "encountered error \"RESOURCE:ENI\"";
    case Shortage::Ports: return "is already using a port required by your task";
    case Shortage::Instances:
    case Shortage::None: break;
    }
    return "";
}

const char* fargate_reason(Shortage shortage) {
    switch (shortage) {
    case Shortage::Cpu: return "You've reached the limit on the number of vCPUs you can run concurrently.";
    case Shortage::Tasks: return "You've reached the limit on the number of tasks you can run concurrently.";
    default: break;
    }
    return "Capacity is unavailable at this time. Please try again later or in a different availability zone.";
}

} // namespace

Capacity demand_of(const ContainerDefinition& container, const TaskOverrides& overrides) {
    const ContainerOverride* changed = find_override(overrides, container.name);
    return {changed != nullptr && changed->cpu ? *changed->cpu : container.cpu, memory_of(container, changed), {}};
}

Capacity demand_of(const TaskDefinition& definition, const TaskOverrides& overrides) {
    int cpu = 0;
    int memory = 0;
    for (const ContainerDefinition& container : definition.containers) {
        const Capacity own = demand_of(container, overrides);
        cpu += own.cpu.value_or(0);
        memory += own.memory_mib.value_or(0);
    }
    return {overrides.cpu.value_or(definition.cpu.value_or(cpu)),
            overrides.memory_mib.value_or(definition.memory_mib.value_or(memory)), 1};
}

Capacity remaining_capacity(const State& state) {
    Capacity left = state.capacity;
    for (const auto& [id, task] : state.tasks) {
        if (task.desired_status == TaskStatus::Stopped) { continue; }
        const TaskDefinition* definition = find_task_definition(state, task.task_definition);
        if (definition != nullptr) { subtract(left, demand_of(*definition, task.overrides)); }
    }
    return left;
}

bool instance_drains(const State& state, const std::string& cluster, const std::string& launch_type) {
    const auto found = state.clusters.find(cluster);
    return launch_type != "FARGATE" && found != state.clusters.end() && found->second.draining;
}

bool instance_drains(const State& state, const Service& service) {
    return instance_drains(state, service.cluster, service.launch_type);
}

Room::Room(const State& state, const TaskDefinition& definition, const std::string& cluster,
           const std::string& launch_type, const Capacity& demand)
    : demand_(demand), left_(state.capacity), cluster_(cluster), host_ports_(host_ports(definition)),
      no_instance_(instance_drains(state, cluster, launch_type)) {
    const bool limited = left_.cpu || left_.memory_mib || left_.tasks || !host_ports_.empty();
    if (!limited) { return; }
    for (const auto& [id, task] : state.tasks) {
        if (task.desired_status == TaskStatus::Stopped) { continue; }
        const TaskDefinition* other = find_task_definition(state, task.task_definition);
        if (other != nullptr) { count(task, *other); }
    }
}

void Room::count(const Task& task, const TaskDefinition& definition) {
    subtract(left_, demand_of(definition, task.overrides));
    if (host_ports_.empty() || task.cluster != cluster_) { return; }
    for (const int port : host_ports(definition)) {
        ports_taken_ = ports_taken_ || std::ranges::count(host_ports_, port) > 0;
    }
}

Shortage Room::take() {
    if (no_instance_) { return Shortage::Instances; }
    if (!fits(left_.tasks, demand_.tasks)) { return Shortage::Tasks; }
    if (!fits(left_.cpu, demand_.cpu)) { return Shortage::Cpu; }
    if (!fits(left_.memory_mib, demand_.memory_mib)) { return Shortage::Memory; }
    if (ports_taken_) { return Shortage::Ports; }
    subtract(left_, demand_);
    ports_taken_ = !host_ports_.empty();
    return Shortage::None;
}

std::string shortage_event(const State& state, const std::string& cluster, const std::string& launch_type,
                           Shortage shortage) {
    if (launch_type == "FARGATE") {
        return fmt::format("was unable to place a task. Reason: {}", fargate_reason(shortage));
    }
    const auto found = state.clusters.find(cluster);
    const std::string why = shortage == Shortage::Instances
                                ? "Reason: No Container Instances were found in your cluster."
                                : fmt::format("The closest matching (container-instance {}) {}.",
                                              found == state.clusters.end() ? "" : found->second.container_instance_id,
                                              what_is_wrong(shortage));
    return fmt::format("was unable to place a task because no container instance met all of its requirements. {} For "
                       "more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
                       why);
}

std::string shortage_reason(const std::string& launch_type, Shortage shortage) {
    if (launch_type == "FARGATE") { return fargate_reason(shortage); }
    switch (shortage) {
    case Shortage::Cpu: return "RESOURCE:CPU";
    case Shortage::Memory: return "RESOURCE:MEMORY";
    case Shortage::Tasks: return "RESOURCE:ENI";
    case Shortage::Ports: return "RESOURCE:PORTS";
    case Shortage::Instances: return "NO ACTIVE INSTANCES";
    case Shortage::None: break;
    }
    return {};
}

} // namespace ecsr::local
