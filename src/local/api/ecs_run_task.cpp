// RunTask (ECS behaviour A3, A4, A7, B12).
#include "local/api/ecs_names.hpp"
#include "local/api/service_input.hpp"
#include "local/api/task_size_input.hpp"
#include "local/api/task_view.hpp"
#include "local/scheduler/capacity.hpp"
#include "local/scheduler/run_task.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr const char* invalid = "InvalidParameterException";

struct Asked {
    RunTaskOrder order;
    std::string task_definition; // as the request names it
    std::string token;           // clientToken
    std::string propagate_tags;
    json::object document; // networkConfiguration and platformVersion, where the request has them
};

ContainerOverride read_container_override(Input& input) {
    ContainerOverride changed;
    changed.name = input.required_text("name");
    changed.command = input.texts("command").value_or(std::vector<std::string>{});
    changed.environment = input.pairs("environment", "name", "value");
    changed.cpu = input.integer_between("cpu", 0, 1'000'000);
    changed.memory_mib = input.integer_between("memory", 4, 100'000'000);
    changed.memory_reservation_mib = input.integer_between("memoryReservation", 4, 100'000'000);
    return changed;
}

TaskOverrides read_overrides(Input& request) {
    TaskOverrides overrides;
    auto input = request.object("overrides");
    if (!input) { return overrides; }
    for (auto& container : input->objects("containerOverrides")) {
        overrides.containers.push_back(read_container_override(container));
    }
    overrides.cpu = read_task_cpu(*input);
    overrides.memory_mib = read_task_memory(*input);
    overrides.document = to_text(input->members());
    return overrides;
}

void check_texts(Input& input, const Asked& asked) {
    if (asked.order.started_by.size() > 128) { input.note({invalid, "startedBy can have at most 128 characters."}); }
    if (asked.token.size() > 64) { input.note({invalid, "clientToken can have at most 64 characters."}); }
    if (asked.order.group.starts_with("service:")) { input.note({invalid, "Invalid namespace for group."}); }
}

Asked read_request(Input& input) {
    Asked asked;
    asked.task_definition = input.required_text("taskDefinition");
    asked.order.count = input.integer_between("count", 1, 10).value_or(1);
    asked.order.group = input.text_or("group", "");
    asked.order.started_by = input.text_or("startedBy", "");
    asked.order.overrides = read_overrides(input);
    asked.order.tags = read_ecs_tags(input);
    asked.token = input.text_or("clientToken", "");
    asked.propagate_tags = input.text_among("propagateTags", {"TASK_DEFINITION", "SERVICE", "NONE"}).value_or("NONE");
    if (asked.propagate_tags == "SERVICE") { input.note({invalid, "Tags can not be propagated from a service here."}); }
    input.object("networkConfiguration");
    input.text("platformVersion");
    copy_members(input.members(), asked.document, {"networkConfiguration", "platformVersion"});
    asked.order.launch_type = read_launch_type(input);
    asked.order.by_capacity_provider = !input.objects("capacityProviderStrategy").empty();
    for (const auto* name : {"placementConstraints", "placementStrategy", "volumeConfigurations"}) {
        input.objects(name);
    }
    input.boolean("enableECSManagedTags");
    input.boolean("enableExecuteCommand");
    input.text("referenceId");
    check_texts(input, asked);
    return asked;
}

ApiResult<const TaskDefinition*> usable_definition(Call& call, const Asked& asked) {
    const auto* definition = find_task_definition(call.state, asked.task_definition);
    if (definition == nullptr) { return api_fail("ClientException", "TaskDefinition not found."); }
    if (!definition->active) { return api_fail(invalid, "TaskDefinition is inactive"); }
    const auto fits = check_task_definition(call, {}, asked.document, *definition, asked.order.launch_type);
    if (!fits) { return std::unexpected(fits.error()); }
    for (const auto& changed : asked.order.overrides.containers) {
        if (std::ranges::find(definition->containers, changed.name, &ContainerDefinition::name) ==
            definition->containers.end()) {
            return api_fail(invalid, fmt::format("Override for container named {} is not a container in the "
                                                 "TaskDefinition.",
                                                 changed.name));
        }
    }
    return definition;
}

json::object answer(const Call& call, const Cluster& cluster, const std::vector<std::string>& ids,
                    const RunTaskOrder& order, const std::vector<std::string>& reasons) {
    json::array tasks;
    for (const auto& id : ids) {
        const auto task = call.state.tasks.find(id);
        if (task != call.state.tasks.end()) { tasks.emplace_back(task_view(call, task->second, true)); }
    }
    json::array failures;
    for (const auto& reason : reasons) {
        json::object item;
        if (order.launch_type != "FARGATE") {
            item["arn"] = container_instance_arn(call.state.identity, cluster.name, cluster.container_instance_id);
        }
        item["reason"] = reason;
        failures.emplace_back(std::move(item));
    }
    json::object object;
    object["tasks"] = std::move(tasks);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> run(Call& call, Input& input) {
    Asked asked = read_request(input);
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    RunTaskOrder& order = asked.order;
    order.cluster = (*cluster)->name;
    const std::string request = to_text(input.members());
    if (!asked.token.empty()) {
        if (const auto* before = find_run_token(call.state, order.cluster, asked.token, call.now)) {
            if (before->request == request) { return answer(call, **cluster, before->task_ids, order, {}); }
            return api_fail("ConflictException", "The clientToken was used with other parameters before.");
        }
    }
    const auto definition = usable_definition(call, asked);
    if (!definition) { return std::unexpected(definition.error()); }
    if (!order.by_capacity_provider && instance_drains(call.state, order.cluster, order.launch_type)) {
        return api_fail(invalid, "No Container Instances were found in your cluster.");
    }
    order.task_definition = task_definition_arn(call.state.identity, (*definition)->family, (*definition)->revision);
    if (order.group.empty()) { order.group = "family:" + (*definition)->family; }
    if (asked.propagate_tags == "TASK_DEFINITION") {
        order.tags.insert((*definition)->tags.begin(), (*definition)->tags.end());
    }
    const auto started = run_task(call.state, order, call.now);
    if (!asked.token.empty()) {
        keep_run_token(call.state, order.cluster, asked.token, {request, started.task_ids, call.now});
    }
    return answer(call, **cluster, started.task_ids, order, started.failures);
}

constexpr Operation operations[] = {
    {"RunTask", run, Change::State},
};

} // namespace

std::span<const Operation> run_task_operations() {
    return operations;
}

} // namespace ecsr::local::wire
