#include "local/api/task_view.hpp"

#include "local/api/ecs_names.hpp"
#include "local/scheduler/capacity.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t usual_members = 16;

json::object name_value(std::string_view name, const std::string& value, const json::storage_ptr& storage) {
    json::object object(storage);
    object["name"] = name;
    object["value"] = value;
    return object;
}

// One id per task for its network interface, made from the task's own.
std::string attachment_id(const Task& task) {
    const std::string& id = task.id;
    if (id.size() < 32) { return id; }
    return fmt::format("{}-{}-{}-{}-{}", id.substr(0, 8), id.substr(8, 4), id.substr(12, 4), id.substr(16, 4),
                       id.substr(20, 12));
}

json::array attachments_view(const Task& task, const json::storage_ptr& storage) {
    json::object object(storage);
    object["id"] = attachment_id(task);
    object["type"] = "ElasticNetworkInterface";
    object["status"] = task.last_status == TaskStatus::Stopped        ? "DELETED"
                       : task.last_status == TaskStatus::Provisioning ? "PRECREATED"
                                                                      : "ATTACHED";
    json::array details(storage);
    details.emplace_back(name_value("privateIPv4Address", task.private_ip, storage));
    object["details"] = std::move(details);
    json::array attachments(storage);
    attachments.emplace_back(std::move(object));
    return attachments;
}

json::array bindings_view(const Container& container, const json::storage_ptr& storage) {
    json::array array(storage);
    for (const auto& binding : container.network_bindings) {
        json::object object(storage);
        object["bindIP"] = binding.bind_ip;
        object["containerPort"] = binding.container_port;
        object["hostPort"] = binding.host_port;
        object["protocol"] = binding.protocol;
        array.emplace_back(std::move(object));
    }
    return array;
}

void put_limits(json::object& object, const TaskDefinition* definition, const Container& container) {
    object["cpu"] = "0";
    if (definition == nullptr) { return; }
    const auto found = std::ranges::find(definition->containers, container.name, &ContainerDefinition::name);
    if (found == definition->containers.end()) { return; }
    object["cpu"] = std::to_string(found->cpu);
    if (found->memory_mib) { object["memory"] = std::to_string(*found->memory_mib); }
    if (found->memory_reservation_mib) { object["memoryReservation"] = std::to_string(*found->memory_reservation_mib); }
}

json::object container_view(const Call& call, const Task& task, const Container& container,
                            const TaskDefinition* definition) {
    const auto& storage = call.storage;
    json::object object(storage);
    object.reserve(usual_members);
    object["containerArn"] = container_arn(call.state.identity, task.cluster, task.id, container.uuid);
    object["taskArn"] = task_arn(call.state.identity, task.cluster, task.id);
    object["name"] = container.name;
    object["image"] = container.image;
    put(object, "runtimeId", container.runtime_id);
    object["lastStatus"] = to_string(container.last_status);
    put(object, "exitCode", container.exit_code);
    put(object, "reason", container.reason);
    const bool awsvpc = definition != nullptr && definition->network_mode == NetworkMode::Awsvpc;
    object["networkBindings"] = awsvpc ? json::array() : bindings_view(container, storage);
    json::array interfaces(storage);
    if (awsvpc && !task.private_ip.empty()) {
        json::object interface(storage);
        interface["attachmentId"] = attachment_id(task);
        interface["privateIpv4Address"] = task.private_ip;
        interfaces.emplace_back(std::move(interface));
    }
    object["networkInterfaces"] = std::move(interfaces);
    object["healthStatus"] = to_string(container.health);
    put_limits(object, definition, container);
    return object;
}

// Task-level cpu and memory as registered; ECS answers sums of the containers where the task names none.
void put_size(json::object& object, const TaskDefinition* definition, const TaskOverrides& overrides) {
    if (definition == nullptr) { return; }
    const Capacity demand = demand_of(*definition, overrides);
    object["cpu"] = std::to_string(*demand.cpu);
    object["memory"] = std::to_string(*demand.memory_mib);
}

void put_times(const Call& call, const Task& task, json::object& object) {
    object["createdAt"] = call.time(task.created_at);
    call.put_time(object, "connectivityAt", task.connectivity_at);
    call.put_time(object, "pullStartedAt", task.pull_started_at);
    call.put_time(object, "pullStoppedAt", task.pull_stopped_at);
    call.put_time(object, "startedAt", task.started_at);
    call.put_time(object, "stoppingAt", task.stopping_at);
    call.put_time(object, "executionStoppedAt", task.execution_stopped_at);
    call.put_time(object, "stoppedAt", task.stopped_at);
}

// Every container is named, also those without an override.
void put_overrides(const Task& task, json::object& object) {
    const auto& storage = object.storage();
    json::object all(storage);
    if (!task.overrides.document.empty()) { all = parse_document(task.overrides.document, storage); }
    json::array overrides(storage);
    const auto* asked = all.if_contains("containerOverrides");
    if (asked != nullptr && asked->is_array()) { overrides = asked->get_array(); }
    for (const auto& container : task.containers) {
        const bool named = std::ranges::any_of(task.overrides.containers,
                                               [&](const auto& each) { return each.name == container.name; });
        if (named) { continue; }
        json::object item(storage);
        item["name"] = container.name;
        overrides.emplace_back(std::move(item));
    }
    all["containerOverrides"] = std::move(overrides);
    if (!all.contains("inferenceAcceleratorOverrides")) { all["inferenceAcceleratorOverrides"] = json::array(); }
    object["overrides"] = std::move(all);
}

} // namespace

json::object task_view(const Call& call, const Task& task, bool with_tags) {
    const auto& storage = call.storage;
    const auto* definition = find_task_definition(call.state, task.task_definition);
    const auto& identity = call.state.identity;
    json::object object(storage);
    object.reserve(2 * usual_members);
    object["taskArn"] = task_arn(identity, task.cluster, task.id);
    object["clusterArn"] = cluster_arn(identity, task.cluster);
    object["taskDefinitionArn"] = task.task_definition;
    const bool awsvpc = definition != nullptr && definition->network_mode == NetworkMode::Awsvpc;
    object["attachments"] = awsvpc ? attachments_view(task, storage) : json::array();
    object["attributes"] = json::array();
    put(object, "availabilityZone", task.availability_zone);
    const auto cluster = call.state.clusters.find(task.cluster);
    if (cluster != call.state.clusters.end() && task.launch_type != "FARGATE") {
        object["containerInstanceArn"] =
            container_instance_arn(identity, task.cluster, cluster->second.container_instance_id);
    }
    if (task.connectivity_at) { object["connectivity"] = "CONNECTED"; }
    json::array containers(storage);
    for (const auto& container : task.containers) {
        containers.emplace_back(container_view(call, task, container, definition));
    }
    object["containers"] = std::move(containers);
    object["desiredStatus"] = to_string(task.desired_status);
    object["lastStatus"] = to_string(task.last_status);
    object["healthStatus"] = to_string(task_health(task));
    object["enableExecuteCommand"] = false;
    object["group"] = task.group;
    object["launchType"] = task.launch_type;
    put(object, "startedBy", task.started_by);
    put(object, "stopCode", task.stop_code);
    put(object, "stoppedReason", task.stopped_reason);
    object["version"] = task.version;
    put_size(object, definition, task.overrides);
    put_times(call, task, object);
    put_overrides(task, object);
    object["tags"] = with_tags ? ecs_tags(task.tags) : json::array();
    return object;
}

} // namespace ecsr::local::wire
