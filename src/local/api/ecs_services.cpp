// Services (ECS behaviour A3, A4, A7, B4).
#include "local/api/ecs_names.hpp"
#include "local/api/service_input.hpp"
#include "local/api/service_view.hpp"
#include "local/state/ids.hpp"

#include <utility>

namespace ecsr::local::wire {

namespace {

json::object answer(const Call& call, const Service& service) {
    json::object object(call.storage);
    object["service"] = service_view(call, service, true);
    return object;
}

ApiResult<const TaskDefinition*> resolve(const Call& call, const std::string& text) {
    const auto* definition = find_task_definition(call.state, text);
    if (definition == nullptr) { return api_fail("ClientException", "TaskDefinition not found."); }
    return definition;
}

ApiResult<json::object> create(Call& call, Input& input) {
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    Service service = read_new_service(input, (*cluster)->name);
    const std::string task_definition = input.text_or("taskDefinition", "");
    if (!input.good()) { return input.problem(); }
    std::string arn;
    // Task sets name the task definitions of an EXTERNAL service, later.
    if (service.deployment_controller != "EXTERNAL" || !task_definition.empty()) {
        if (task_definition.empty()) {
            return api_fail("InvalidParameterException", "TaskDefinition can not be blank.");
        }
        const auto definition = resolve(call, task_definition);
        if (!definition) { return std::unexpected(definition.error()); }
        const auto fits = check_task_definition(call, service.load_balancers, parse_document(service.document),
                                                **definition, service.launch_type);
        if (!fits) { return std::unexpected(fits.error()); }
        arn = task_definition_arn(call.state.identity, (*definition)->family, (*definition)->revision);
    }
    const auto created = create_service(call.state, std::move(service), arn, call.now);
    if (!created) { return std::unexpected(created.error()); }
    return answer(call, **created);
}

// ServiceNotFoundException also for one that has been deleted.
ApiResult<Service*> require_service(Call& call, Input& input) {
    const std::string text = input.required_text("service");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    auto* service = find_service(call, **cluster, text);
    if (service == nullptr) { return api_fail("ServiceNotFoundException", "Service not found."); }
    return service;
}

ApiResult<json::object> update(Call& call, Input& input) {
    const auto found = require_service(call, input);
    if (!found) { return std::unexpected(found.error()); }
    Service& service = **found;
    if (service.status != ServiceStatus::Active) {
        return api_fail("ServiceNotActiveException", "Service was not ACTIVE.");
    }
    ServiceUpdate update = read_service_update(input, service);
    if (!input.good()) { return input.problem(); }
    const std::string document = updated_document(input, service);
    const bool checks = update.task_definition || update.load_balancers || update.other_change_needs_deployment;
    if (checks && (update.task_definition || !service.deployments.empty())) {
        const auto definition = resolve(call, update.task_definition ? *update.task_definition
                                                                     : service.deployments.front().task_definition);
        if (!definition) { return std::unexpected(definition.error()); }
        const auto fits = check_task_definition(call, update.load_balancers.value_or(service.load_balancers),
                                                parse_document(document), **definition, service.launch_type);
        if (!fits) { return std::unexpected(fits.error()); }
        if (update.task_definition) {
            update.task_definition =
                task_definition_arn(call.state.identity, (*definition)->family, (*definition)->revision);
        }
    }
    update.document = document;
    update.availability_zone_rebalancing = input.text("availabilityZoneRebalancing");
    const auto updated = update_service(call.state, service, update, call.now);
    if (!updated) { return std::unexpected(updated.error()); }
    return answer(call, **updated);
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const bool force = input.boolean_or("force", false);
    const auto service = require_service(call, input);
    if (!service) { return std::unexpected(service.error()); }
    if ((*service)->status == ServiceStatus::Inactive) {
        return api_fail("ServiceNotFoundException", "Service not found.");
    }
    const auto removed = delete_service(call.state, **service, force, call.now);
    if (!removed) { return std::unexpected(removed.error()); }
    return answer(call, **removed);
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto names = input.texts("services").value_or(std::vector<std::string>{});
    const bool with_tags = includes(input, "TAGS");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    if (names.empty()) { return api_fail("InvalidParameterException", "Services cannot be empty."); }
    if (names.size() > 10) { return api_fail("InvalidParameterException", "Services can have at most 10 items."); }
    json::array services(call.storage);
    json::array failures(call.storage);
    for (const auto& name : names) {
        if (const auto* service = find_service(call, **cluster, name)) {
            services.emplace_back(service_view(call, *service, with_tags));
        } else {
            failures.emplace_back(failure(ecs_arn_of(call, "service", name, (*cluster)->name), "MISSING"));
        }
    }
    json::object object(call.storage);
    object["services"] = std::move(services);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> list(Call& call, Input& input) {
    const auto launch = input.text_among("launchType", {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"});
    const auto strategy = input.text_among("schedulingStrategy", {"REPLICA", "DAEMON"});
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    std::vector<std::string> arns;
    for (const auto& [key, service] : call.state.services) {
        if (key.first != (*cluster)->name || service.status != ServiceStatus::Active ||
            (launch && service.launch_type != *launch) || (strategy && service.scheduling_strategy != *strategy)) {
            continue;
        }
        arns.push_back(service_arn(call.state.identity, key.first, key.second));
    }
    json::object object;
    const auto page = ecs_page(input, std::move(arns), 10, object);
    if (!page) { return std::unexpected(page.error()); }
    object["serviceArns"] = to_array(*page);
    return object;
}

constexpr Operation operations[] = {
    {"CreateService", create, Change::State},
    {"UpdateService", update, Change::State},
    {"DeleteService", remove, Change::State},
    {"DescribeServices", describe},
    {"ListServices", list},
};

} // namespace

std::span<const Operation> service_operations() {
    return operations;
}

} // namespace ecsr::local::wire
