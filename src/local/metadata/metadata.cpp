#include "local/metadata/json_metadata.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr double units_of_a_cpu = 1024;
constexpr std::uint64_t mebibyte = 1U << 20U;

void put_time(json::object& object, const char* name, const std::optional<Instant>& at) {
    if (at) { object[name] = to_rfc3339(*at); }
}

const ContainerDefinition* definition_of(const State& state, const Task& task, const std::string& container) {
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    if (definition == nullptr) { return nullptr; }
    const auto found = std::ranges::find(definition->containers, container, &ContainerDefinition::name);
    return found == definition->containers.end() ? nullptr : &*found;
}

std::string docker_name(const State& state, const Task& task, const Container& container) {
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    if (definition == nullptr) { return container.name; }
    return fmt::format("ecs-{}-{}-{}-{}", definition->family, definition->revision, container.name,
                       container.uuid.substr(0, 8));
}

json::object labels(const State& state, const Task& task, const Container& container) {
    json::object all;
    if (const auto* defined = definition_of(state, task, container.name)) {
        for (const auto& [name, value] : defined->docker_labels) { all[name] = value; }
    }
    all["com.amazonaws.ecs.cluster"] = task.cluster;
    all["com.amazonaws.ecs.container-name"] = container.name;
    all["com.amazonaws.ecs.task-arn"] = task_arn(state.identity, task.cluster, task.id);
    if (const auto* definition = find_task_definition(state, task.task_definition)) {
        all["com.amazonaws.ecs.task-definition-family"] = definition->family;
        all["com.amazonaws.ecs.task-definition-version"] = std::to_string(definition->revision);
    }
    return all;
}

const char* network_mode(const State& state, const Task& task) {
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    return to_string(definition == nullptr ? NetworkMode::Bridge : definition->network_mode);
}

json::array ports(const Container& container) {
    json::array all;
    for (const auto& binding : container.network_bindings) {
        json::object port;
        port["ContainerPort"] = binding.container_port;
        port["Protocol"] = binding.protocol;
        port["HostPort"] = binding.host_port;
        port["HostIp"] = binding.bind_ip;
        all.emplace_back(std::move(port));
    }
    return all;
}

void put_log(json::object& object, const ContainerDefinition* defined, const Task& task) {
    if (defined == nullptr || !defined->log) { return; }
    json::object options;
    options["awslogs-group"] = defined->log->group;
    if (!defined->log->stream_prefix.empty()) {
        options["awslogs-stream"] = fmt::format("{}/{}/{}", defined->log->stream_prefix, defined->name, task.id);
    }
    object["LogDriver"] = "awslogs";
    object["LogOptions"] = std::move(options);
}

} // namespace

json::object container_metadata(const State& state, const Task& task, const Container& container) {
    const ContainerDefinition* defined = definition_of(state, task, container.name);
    json::object object;
    object["DockerId"] = container.runtime_id;
    object["Name"] = container.name;
    object["DockerName"] = docker_name(state, task, container);
    object["Image"] = container.image;
    if (auto bound = ports(container); !bound.empty()) { object["Ports"] = std::move(bound); }
    object["Labels"] = labels(state, task, container);
    object["DesiredStatus"] = to_string(task.desired_status);
    object["KnownStatus"] = container.last_status == TaskStatus::Pending ? "PULLED" : to_string(container.last_status);
    if (container.exit_code) { object["ExitCode"] = *container.exit_code; }
    json::object limits;
    limits["CPU"] = defined == nullptr ? 0 : defined->cpu;
    if (defined != nullptr && defined->memory_mib) { limits["Memory"] = *defined->memory_mib; }
    object["Limits"] = std::move(limits);
    put_time(object, "CreatedAt", task.pull_started_at);
    if (!container.runtime_id.empty()) { put_time(object, "StartedAt", task.pull_stopped_at); }
    object["Type"] = "NORMAL";
    if (container.has_health_check) {
        json::object health;
        health["status"] = to_string(container.health);
        object["Health"] = std::move(health);
    }
    put_log(object, defined, task);
    object["ContainerARN"] = container_arn(state.identity, task.cluster, task.id, container.uuid);
    json::object network;
    network["NetworkMode"] = network_mode(state, task);
    network["IPv4Addresses"] = json::array{json::value(task.private_ip)};
    object["Networks"] = json::array{std::move(network)};
    return object;
}

json::object task_metadata(const State& state, const Task& task, bool with_tags) {
    const bool on_fargate = task.launch_type == "FARGATE";
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    json::object object;
    object["Cluster"] = on_fargate ? cluster_arn(state.identity, task.cluster) : task.cluster;
    object["TaskARN"] = task_arn(state.identity, task.cluster, task.id);
    if (definition != nullptr) {
        object["Family"] = definition->family;
        object["Revision"] = std::to_string(definition->revision);
    }
    if (!task.service.empty()) { object["ServiceName"] = task.service; }
    object["DesiredStatus"] = to_string(task.desired_status);
    object["KnownStatus"] = to_string(task.last_status);
    json::object limits;
    if (definition != nullptr && definition->cpu) { limits["CPU"] = *definition->cpu / units_of_a_cpu; }
    if (definition != nullptr && definition->memory_mib) { limits["Memory"] = *definition->memory_mib; }
    if (!limits.empty()) { object["Limits"] = std::move(limits); }
    put_time(object, "PullStartedAt", task.pull_started_at);
    put_time(object, "PullStoppedAt", task.pull_stopped_at);
    put_time(object, "ExecutionStoppedAt", task.execution_stopped_at);
    if (!task.availability_zone.empty()) { object["AvailabilityZone"] = task.availability_zone; }
    object["LaunchType"] = task.launch_type;
    if (with_tags) {
        json::object tags;
        for (const auto& [key, value] : task.tags) { tags[key] = value; }
        object["TaskTags"] = std::move(tags);
    }
    json::array containers;
    for (const auto& container : task.containers) {
        containers.emplace_back(container_metadata(state, task, container));
    }
    object["Containers"] = std::move(containers);
    return object;
}

json::value container_stats(const State& state, const Task& task, const Container& container,
                            const std::map<std::string, std::uint64_t>& memory, Instant now) {
    const auto used = memory.find(container.name);
    if (used == memory.end()) { return nullptr; }
    const ContainerDefinition* defined = definition_of(state, task, container.name);
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    const auto limit = defined != nullptr && defined->memory_mib
                           ? defined->memory_mib
                           : (definition == nullptr ? std::nullopt : definition->memory_mib);
    json::object memory_stats;
    memory_stats["usage"] = used->second;
    // The usage is told without the page cache already: whoever subtracts it must not do so twice.
    memory_stats["stats"] = json::object{{"inactive_file", 0}, {"cache", 0}};
    if (limit) { memory_stats["limit"] = static_cast<std::uint64_t>(*limit) * mebibyte; }
    json::object object;
    object["read"] = to_rfc3339(now);
    object["name"] = "/" + docker_name(state, task, container);
    object["id"] = container.runtime_id;
    object["memory_stats"] = std::move(memory_stats);
    return object;
}

} // namespace ecsr::local
