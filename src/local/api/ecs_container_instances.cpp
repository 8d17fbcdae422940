// Container instances: each cluster has one, which stands for this machine.
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/scheduler/capacity.hpp"
#include "local/scheduler/operations.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local::wire {

namespace {

void add_resource(json::array& resources, std::string_view name, const std::optional<int>& amount) {
    if (!amount) { return; }
    json::object resource;
    resource["name"] = name;
    resource["type"] = "INTEGER";
    resource["integerValue"] = *amount;
    resources.emplace_back(std::move(resource));
}

// Known only where a capacity was set (--capacity).
json::array resources_view(const Capacity& capacity) {
    json::array resources;
    add_resource(resources, "CPU", capacity.cpu);
    add_resource(resources, "MEMORY", capacity.memory_mib);
    return resources;
}

const char* status_of(const Cluster& cluster) {
    return cluster.draining ? "DRAINING" : "ACTIVE";
}

json::object view(const Call& call, const Cluster& cluster) {
    int running = 0;
    int pending = 0;
    for (const auto& [id, task] : call.state.tasks) {
        if (task.cluster != cluster.name || task.last_status > TaskStatus::Running) { continue; }
        ++(task.last_status == TaskStatus::Running ? running : pending);
    }
    json::object object;
    object["containerInstanceArn"] =
        container_instance_arn(call.state.identity, cluster.name, cluster.container_instance_id);
    object["ec2InstanceId"] = instance_id(cluster.container_instance_id);
    object["version"] = 1;
    object["status"] = status_of(cluster);
    object["agentConnected"] = true;
    object["runningTasksCount"] = running;
    object["pendingTasksCount"] = pending;
    object["remainingResources"] = resources_view(remaining_capacity(call.state));
    object["registeredResources"] = resources_view(call.state.capacity);
    object["attributes"] = json::array();
    object["attachments"] = json::array();
    object["tags"] = json::array();
    return object;
}

ApiResult<json::object> list_container_instances(Call& call, Input& input) {
    const auto status =
        input.text_among("status", {"ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"});
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    std::vector<std::string> arns;
    if (!status || *status == status_of(**cluster)) {
        arns.push_back(
            container_instance_arn(call.state.identity, (*cluster)->name, (*cluster)->container_instance_id));
    }
    json::object object;
    const auto page = ecs_page(input, std::move(arns), 100, object);
    if (!page) { return std::unexpected(page.error()); }
    object["containerInstanceArns"] = to_array(*page);
    return object;
}

bool is_instance_of(const Call& call, const Cluster& cluster, const std::string& text) {
    return ecs_short_name(call, "container-instance", text, cluster.name) == cluster.container_instance_id;
}

// Those that are this cluster's, and a failure for every other one.
json::object answer(const Call& call, const Cluster& cluster, const std::vector<std::string>& wanted) {
    json::array instances;
    json::array failures;
    for (const auto& text : wanted) {
        if (is_instance_of(call, cluster, text)) {
            instances.emplace_back(view(call, cluster));
        } else {
            failures.emplace_back(failure(ecs_arn_of(call, "container-instance", text, cluster.name), "MISSING"));
        }
    }
    json::object object;
    object["containerInstances"] = std::move(instances);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<std::vector<std::string>> read_instances(Input& input, std::size_t most) {
    auto wanted = input.required_texts("containerInstances");
    if (wanted.size() > most) {
        input.note(
            {"InvalidParameterException", "Container instances can have at most " + std::to_string(most) + " items."});
    }
    if (!input.good()) { return input.problem(); }
    return wanted;
}

ApiResult<json::object> describe_container_instances(Call& call, Input& input) {
    const auto wanted = read_instances(input, 100);
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    return answer(call, **cluster, *wanted);
}

ApiResult<json::object> update_container_instances_state(Call& call, Input& input) {
    const auto wanted = read_instances(input, 10);
    const std::string status = input.required_text("status");
    if (input.good() && status != "ACTIVE" && status != "DRAINING") {
        input.note({"InvalidParameterException", "Container instance status can be set to ACTIVE or DRAINING alone."});
    }
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    const bool meant =
        std::ranges::any_of(*wanted, [&](const auto& text) { return is_instance_of(call, **cluster, text); });
    if (meant) { drain_instance(call.state, **cluster, status == "DRAINING"); }
    return answer(call, **cluster, *wanted);
}

constexpr Operation operations[] = {
    {"ListContainerInstances", list_container_instances},
    {"DescribeContainerInstances", describe_container_instances},
    {"UpdateContainerInstancesState", update_container_instances_state, Change::State},
};

} // namespace

std::span<const Operation> container_instance_operations() {
    return operations;
}

} // namespace ecsr::local::wire
