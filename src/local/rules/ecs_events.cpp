#include "local/rules/json_event.hpp"
#include "local/scheduler/capacity.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

std::string time_text(Instant at) {
    std::string text = to_rfc3339(at);
    if (text.find('.') == std::string::npos) { text.insert(text.size() - 1, ".000"); }
    return text;
}

void put_time(json::object& object, const char* name, const std::optional<Instant>& at) {
    if (at) { object[name] = time_text(*at); }
}

void put_text(json::object& object, const char* name, const std::string& text) {
    if (!text.empty()) { object[name] = text; }
}

// The same as in the answers of the API, made from the task's own id.
std::string attachment_id(const std::string& id) {
    if (id.size() < 32) { return id; }
    return fmt::format("{}-{}-{}-{}-{}", id.substr(0, 8), id.substr(8, 4), id.substr(12, 4), id.substr(16, 4),
                       id.substr(20, 12));
}

json::array attachments(const Task& task) {
    json::object address;
    address["name"] = "privateIPv4Address";
    address["value"] = task.private_ip;
    json::object object;
    object["id"] = attachment_id(task.id);
    object["type"] = "eni";
    object["status"] = task.last_status == TaskStatus::Stopped        ? "DELETED"
                       : task.last_status == TaskStatus::Provisioning ? "PRECREATED"
                                                                      : "ATTACHED";
    object["details"] = json::array{std::move(address)};
    return {std::move(object)};
}

void put_limits(json::object& object, const TaskDefinition* definition, const std::string& container) {
    object["cpu"] = "0";
    if (definition == nullptr) { return; }
    const auto found = std::ranges::find(definition->containers, container, &ContainerDefinition::name);
    if (found == definition->containers.end()) { return; }
    object["cpu"] = std::to_string(found->cpu);
    if (found->memory_mib) { object["memory"] = std::to_string(*found->memory_mib); }
    if (found->memory_reservation_mib) { object["memoryReservation"] = std::to_string(*found->memory_reservation_mib); }
}

json::object container_detail(const Identity& identity, const Task& task, const Container& container,
                              const TaskDefinition* definition) {
    const bool awsvpc = definition != nullptr && definition->network_mode == NetworkMode::Awsvpc;
    json::object object;
    object["containerArn"] = container_arn(identity, task.cluster, task.id, container.uuid);
    if (container.exit_code) { object["exitCode"] = *container.exit_code; }
    object["lastStatus"] = to_string(container.last_status);
    object["name"] = container.name;
    object["image"] = container.image;
    put_text(object, "runtimeId", container.runtime_id);
    put_text(object, "reason", container.reason);
    object["taskArn"] = task_arn(identity, task.cluster, task.id);
    json::array interfaces;
    if (awsvpc) {
        json::object interface;
        interface["attachmentId"] = attachment_id(task.id);
        interface["privateIpv4Address"] = task.private_ip;
        interfaces.emplace_back(std::move(interface));
    }
    object["networkInterfaces"] = std::move(interfaces);
    put_limits(object, definition, container.name);
    return object;
}

void put_times(json::object& detail, const Task& task, Instant at) {
    detail["createdAt"] = time_text(task.created_at);
    detail["updatedAt"] = time_text(at);
    put_time(detail, "connectivityAt", task.connectivity_at);
    put_time(detail, "pullStartedAt", task.pull_started_at);
    put_time(detail, "pullStoppedAt", task.pull_stopped_at);
    put_time(detail, "startedAt", task.started_at);
    put_time(detail, "stoppingAt", task.stopping_at);
    put_time(detail, "executionStoppedAt", task.execution_stopped_at);
    put_time(detail, "stoppedAt", task.stopped_at);
}

json::object overrides(const Task& task) {
    json::array containers;
    for (const auto& container : task.containers) {
        json::object item;
        item["name"] = container.name;
        containers.emplace_back(std::move(item));
    }
    json::object object;
    object["containerOverrides"] = std::move(containers);
    return object;
}

json::object task_detail(const State& state, const Task& task, Instant at) {
    const TaskDefinition* definition = find_task_definition(state, task.task_definition);
    const bool awsvpc = definition != nullptr && definition->network_mode == NetworkMode::Awsvpc;
    json::object detail;
    detail["attachments"] = awsvpc ? attachments(task) : json::array();
    detail["attributes"] = json::array();
    put_text(detail, "availabilityZone", task.availability_zone);
    detail["clusterArn"] = cluster_arn(state.identity, task.cluster);
    if (task.connectivity_at) { detail["connectivity"] = "CONNECTED"; }
    const auto cluster = state.clusters.find(task.cluster);
    if (cluster != state.clusters.end() && task.launch_type != "FARGATE") {
        detail["containerInstanceArn"] =
            container_instance_arn(state.identity, task.cluster, cluster->second.container_instance_id);
    }
    json::array containers;
    for (const auto& container : task.containers) {
        containers.emplace_back(container_detail(state.identity, task, container, definition));
    }
    detail["containers"] = std::move(containers);
    if (definition != nullptr) {
        const Capacity demand = demand_of(*definition, task.overrides);
        detail["cpu"] = std::to_string(demand.cpu.value_or(0));
        detail["memory"] = std::to_string(demand.memory_mib.value_or(0));
    }
    detail["desiredStatus"] = to_string(task.desired_status);
    detail["enableExecuteCommand"] = false;
    detail["group"] = task.group;
    detail["lastStatus"] = to_string(task.last_status);
    detail["launchType"] = task.launch_type;
    detail["overrides"] = overrides(task);
    put_text(detail, "startedBy", task.started_by);
    put_text(detail, "stopCode", task.stop_code);
    put_text(detail, "stoppedReason", task.stopped_reason);
    detail["taskArn"] = task_arn(state.identity, task.cluster, task.id);
    detail["taskDefinitionArn"] = task.task_definition;
    detail["version"] = task.version;
    put_times(detail, task, at);
    return detail;
}

class Writer {
public:
    Writer(State& state, Instant at) : state_(state), at_(at) {}

    json::object operator()(const TaskChange& change) const {
        json::object event =
            begin("ECS Task State Change", task_arn(state_.identity, change.task.cluster, change.task.id));
        event["detail"] = task_detail(state_, change.task, at_);
        return event;
    }

    json::object operator()(const ServiceAction& action) const {
        json::object event = begin("ECS Service Action", service_arn(state_.identity, action.cluster, action.service));
        json::object detail;
        detail["eventType"] = action.type;
        detail["eventName"] = action.name;
        detail["clusterArn"] = cluster_arn(state_.identity, action.cluster);
        put_text(detail, "reason", action.reason);
        detail["createdAt"] = time_text(at_);
        event["detail"] = std::move(detail);
        return event;
    }

    json::object operator()(const DeploymentChange& change) const {
        json::object event =
            begin("ECS Deployment State Change", service_arn(state_.identity, change.cluster, change.service));
        json::object detail;
        detail["eventType"] = change.type;
        detail["eventName"] = change.name;
        detail["deploymentId"] = change.deployment_id;
        detail["updatedAt"] = time_text(at_);
        detail["reason"] = change.reason;
        event["detail"] = std::move(detail);
        return event;
    }

    json::object operator()(const WrittenEvent& written) const {
        json::object event = begin(written.detail_type, written.resource, written.source);
        event["detail"] = json::parse(written.detail);
        return event;
    }

private:
    json::object begin(const std::string& detail_type, std::string resource,
                       const std::string& source = "aws.ecs") const {
        json::object event = make_event(state_, source, detail_type, at_);
        event["resources"] = json::array{json::value(std::move(resource))};
        return event;
    }

    State& state_;
    Instant at_;
};

} // namespace

json::object make_event(State& state, const std::string& source, const std::string& detail_type, Instant at) {
    json::object event;
    event["version"] = "0";
    event["id"] = new_uuid(state.random);
    event["detail-type"] = detail_type;
    event["source"] = source;
    event["account"] = state.identity.account_id;
    event["time"] = to_rfc3339(std::chrono::floor<Seconds>(at));
    event["region"] = state.identity.region;
    event["resources"] = json::array();
    return event;
}

json::object ecs_event(State& state, const Announcement& announcement) {
    return std::visit(Writer(state, announcement.at), announcement.what);
}

} // namespace ecsr::local
