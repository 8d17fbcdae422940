#include "local/scheduler/operations.hpp"

#include "local/scheduler/announcements.hpp"
#include "local/scheduler/deployments.hpp"
#include "local/scheduler/task_life.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

std::unexpected<ApiError> invalid(std::string message) {
    return api_fail("InvalidParameterException", std::move(message));
}

bool maps_port(const ContainerDefinition& container, int port) {
    return std::any_of(container.port_mappings.begin(), container.port_mappings.end(),
                       [&](const PortMapping& mapping) { return mapping.container_port == port; });
}

ApiResult<void> check_load_balancers(const State& state, const std::vector<ServiceLoadBalancer>& load_balancers,
                                     const TaskDefinition& definition) {
    for (const ServiceLoadBalancer& wanted : load_balancers) {
        if (!state.target_groups.contains(wanted.target_group_arn)) {
            return invalid(
                fmt::format("The target group with targetGroupArn {} does not exist.", wanted.target_group_arn));
        }
        const auto container = std::find_if(definition.containers.begin(), definition.containers.end(),
                                            [&](const auto& c) { return c.name == wanted.container_name; });
        if (container == definition.containers.end()) {
            return invalid(
                fmt::format("The container {} does not exist in the task definition.", wanted.container_name));
        }
        if (!maps_port(*container, wanted.container_port)) {
            return invalid(fmt::format("The container {} did not have a container port {} defined.",
                                       wanted.container_name, wanted.container_port));
        }
    }
    return {};
}

ApiResult<const TaskDefinition*> usable_definition(const State& state, const std::string& arn) {
    const TaskDefinition* definition = find_task_definition(state, arn);
    if (definition == nullptr) { return api_fail("ClientException", "TaskDefinition not found."); }
    if (!definition->active) { return invalid("TaskDefinition is inactive"); }
    return definition;
}

bool asks_for_the_same(const Service& existing, const Service& asked, const std::string& task_definition) {
    return !existing.deployments.empty() && existing.deployments.front().task_definition == task_definition &&
           existing.desired_count == asked.desired_count && existing.launch_type == asked.launch_type &&
           existing.scheduling_strategy == asked.scheduling_strategy &&
           existing.load_balancers == asked.load_balancers && existing.document == asked.document;
}

} // namespace

ApiResult<Service*> create_service(State& state, Service service, const std::string& task_definition_arn, Instant now) {
    if (!state.clusters.contains(service.cluster)) {
        return api_fail("ClusterNotFoundException", "Cluster not found.");
    }
    const auto existing = state.services.find({service.cluster, service.name});
    if (existing != state.services.end() && existing->second.status == ServiceStatus::Draining) {
        return invalid("Unable to Start a service that is still Draining.");
    }
    if (existing != state.services.end() && existing->second.status == ServiceStatus::Active) {
        if (asks_for_the_same(existing->second, service, task_definition_arn)) { return &existing->second; }
        return invalid("Creation of service was not idempotent.");
    }
    // Task sets name the task definitions of an EXTERNAL service, later.
    if (service.deployment_controller != "EXTERNAL" || !task_definition_arn.empty()) {
        const auto definition = usable_definition(state, task_definition_arn);
        if (!definition) { return std::unexpected(definition.error()); }
        if (auto checked = check_load_balancers(state, service.load_balancers, **definition); !checked) {
            return std::unexpected(checked.error());
        }
    }
    service.status = ServiceStatus::Active;
    service.created_at = now;
    service.deployments.clear();
    service.events.clear();
    service.touched = true;
    service.next_decision_at = service.look_again_at = Instant::max();
    if (service.deployment_controller != "EXTERNAL") { start_deployment(state, service, task_definition_arn, now); }
    const ServiceKey key{service.cluster, service.name};
    return &(state.services[key] = std::move(service));
}

ApiResult<Service*> update_service(State& state, Service& service, const ServiceUpdate& update, Instant now) {
    if (service.status != ServiceStatus::Active) {
        return api_fail("ServiceNotActiveException", "Service was not ACTIVE.");
    }
    const std::string current = service.deployments.empty() ? "" : service.deployments.front().task_definition;
    const std::string wanted = update.task_definition.value_or(current);
    const auto load_balancers = update.load_balancers.value_or(service.load_balancers);
    const bool deploys = update.force_new_deployment || update.other_change_needs_deployment || wanted != current ||
                         load_balancers != service.load_balancers;
    if (deploys && service.deployment_controller != "EXTERNAL") {
        const auto definition = usable_definition(state, wanted);
        // A deregistered revision may be deployed again by a service that runs it already.
        if (!definition && wanted != current) { return std::unexpected(definition.error()); }
        if (definition) {
            if (auto checked = check_load_balancers(state, load_balancers, **definition); !checked) {
                return std::unexpected(checked.error());
            }
        }
    }
    service.load_balancers = load_balancers;
    if (update.desired_count && *update.desired_count != service.desired_count) {
        service.desired_count = *update.desired_count;
        announce(state, service, "INFO", "SERVICE_DESIRED_COUNT_UPDATED", "", now);
    }
    if (update.deployment_configuration) { service.deployment_configuration = *update.deployment_configuration; }
    if (update.health_check_grace_period) { service.health_check_grace_period = *update.health_check_grace_period; }
    if (update.availability_zone_rebalancing) {
        service.availability_zone_rebalancing = *update.availability_zone_rebalancing;
    }
    if (update.document) { service.document = *update.document; }
    if (deploys && service.deployment_controller != "EXTERNAL") { start_deployment(state, service, wanted, now); }
    service.touched = true;
    return &service;
}

ApiResult<Service*> delete_service(State&, Service& service, bool force, Instant) {
    if (service.status == ServiceStatus::Inactive) {
        return api_fail("ServiceNotFoundException", "Service not found.");
    }
    if (service.status == ServiceStatus::Draining) { return &service; }
    const bool replica = service.scheduling_strategy == "REPLICA";
    if (!force && replica && service.desired_count > 0) {
        return invalid("The service cannot be stopped while it is scaled above 0.");
    }
    if (!force && service.deployments.size() > 1) {
        return invalid("The service cannot be stopped while deployments are active.");
    }
    service.status = ServiceStatus::Draining;
    service.desired_count = 0;
    service.touched = true;
    return &service;
}

ApiResult<void> roll_back_deployment(Service& service, ServiceDeployment& record, Instant now) {
    if (!is_moving_forward(record)) {
        return api_fail("ConflictException", "The service deployment is not in a state in which it can be stopped.");
    }
    record.status = ServiceDeploymentStatus::RollbackRequested;
    record.updated_at = now;
    service.touched = true;
    return {};
}

void stop_task(State& state, Task& task, const std::string& reason, Instant now) {
    if (task.desired_status == TaskStatus::Stopped) { return; }
    order_stop(state, task, stopped_by_user, reason.empty() ? "Task stopped by user" : reason, now);
    task.tags.clear();
    touch_service_of(state, task);
}

void drain_instance(State& state, Cluster& cluster, bool draining) {
    cluster.draining = draining;
    for (auto& [key, service] : state.services) { service.touched = service.touched || key.first == cluster.name; }
}

std::string protect_task(State& state, Task& task, bool enabled, Seconds expires_in, Instant now) {
    Service* service = service_of(state, task);
    if (service == nullptr || task.desired_status == TaskStatus::Stopped) { return "TASK_NOT_VALID"; }
    if (enabled && service->blocked_by_protection) { return "DEPLOYMENT_BLOCKED"; }
    if (enabled) {
        task.protection_expires_at = now + expires_in;
    } else {
        task.protection_expires_at.reset();
    }
    service->touched = true;
    return {};
}

} // namespace ecsr::local
