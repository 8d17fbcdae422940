#include "local/api/service_view.hpp"

#include "local/api/ecs_names.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <cstddef>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t usual_members = 32;

json::object deployment_view(const Call& call, const Service& service, const Deployment& deployment,
                             const TaskCounts& counts, const json::object& document) {
    json::object object(call.storage);
    object.reserve(usual_members);
    object["id"] = deployment.id;
    object["status"] = to_string(deployment.status);
    object["taskDefinition"] = deployment.task_definition;
    object["desiredCount"] = deployment.desired_count;
    object["pendingCount"] = counts.pending;
    object["runningCount"] = counts.running;
    object["failedTasks"] = deployment.failed_tasks;
    object["createdAt"] = call.time(deployment.created_at);
    object["updatedAt"] = call.time(deployment.updated_at);
    if (service.deployment_controller == "ECS") {
        object["rolloutState"] = to_string(deployment.rollout_state);
        put(object, "rolloutStateReason", deployment.rollout_state_reason);
    }
    put_launch(object, service.launch_type, document);
    copy_members(document, object, {"serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"});
    return object;
}

json::array events_view(const Call& call, const Service& service) {
    json::array array(call.storage);
    for (const auto& event : service.events) {
        json::object object(call.storage);
        object["id"] = event.id;
        object["createdAt"] = call.time(event.created_at);
        object["message"] = event.message;
        array.emplace_back(std::move(object));
    }
    return array;
}

void put_current(const Call& call, const Service& service, const CountsByDeployment& counts, json::object& object) {
    if (service.service_deployments.empty()) { return; }
    object["currentServiceDeployment"] = service_deployment_arn(call.state.identity, service.cluster, service.name,
                                                                service.service_deployments.front().id);
    json::array revisions(call.storage);
    for (const auto& deployment : service.deployments) {
        revisions.emplace_back(revision_summary(call, service, deployment.id, counts));
    }
    object["currentServiceRevisions"] = std::move(revisions);
}

void put_deployments(const Call& call, const Service& service, const json::object& document, json::object& object) {
    const auto counts = counts_by_deployment(call.state, service);
    TaskCounts all;
    for (const auto& [id, of_deployment] : counts) {
        all.running += of_deployment.running;
        all.pending += of_deployment.pending;
    }
    json::array deployments(call.storage);
    for (const auto& deployment : service.deployments) {
        if (deployment.status == DeploymentStatus::Inactive) { continue; }
        const auto found = counts.find(deployment.id);
        deployments.emplace_back(
            deployment_view(call, service, deployment, found == counts.end() ? TaskCounts{} : found->second, document));
    }
    object["desiredCount"] = service.desired_count;
    object["runningCount"] = all.running;
    object["pendingCount"] = all.pending;
    object["deployments"] = std::move(deployments);
    put_current(call, service, counts, object);
    if (!service.deployments.empty()) { object["taskDefinition"] = service.deployments.front().task_definition; }
}

void put_members(const Call& call, const Service& service, const json::object& document, json::object& object) {
    object["serviceRegistries"] = json::array();
    object["placementConstraints"] = json::array();
    object["placementStrategy"] = json::array();
    object["enableECSManagedTags"] = false;
    object["propagateTags"] = "NONE";
    object["enableExecuteCommand"] = false;
    copy_members(document, object,
                 {"serviceRegistries", "placementConstraints", "placementStrategy", "enableECSManagedTags",
                  "propagateTags", "enableExecuteCommand"});
    const std::string iam = "arn:aws:iam::" + call.state.identity.account_id;
    object["createdBy"] = iam + ":root";
    if (!service.load_balancers.empty()) {
        object["healthCheckGracePeriodSeconds"] = service.health_check_grace_period.count();
        object["roleArn"] = iam + ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    } else if (service.health_check_grace_period > Seconds(0)) {
        object["healthCheckGracePeriodSeconds"] = service.health_check_grace_period.count();
    }
}

} // namespace

json::object configuration_view(const Call& call, const DeploymentConfiguration& configuration) {
    json::object breaker(call.storage);
    breaker["enable"] = configuration.circuit_breaker_enable;
    breaker["rollback"] = configuration.circuit_breaker_rollback;
    const DeploymentConfiguration usual;
    // Newer than most clients: answered to those that have set them.
    if (configuration.breaker_threshold_type != usual.breaker_threshold_type ||
        configuration.breaker_threshold_value != usual.breaker_threshold_value) {
        json::object threshold(call.storage);
        threshold["type"] = configuration.breaker_threshold_type;
        threshold["value"] = configuration.breaker_threshold_value;
        breaker["thresholdConfiguration"] = std::move(threshold);
    }
    if (!configuration.breaker_reset_on_healthy_task) { breaker["resetOnHealthyTask"] = false; }
    json::object object(call.storage);
    object["deploymentCircuitBreaker"] = std::move(breaker);
    object["maximumPercent"] = configuration.maximum_percent;
    object["minimumHealthyPercent"] = configuration.minimum_healthy_percent;
    object["strategy"] = "ROLLING";
    object["bakeTimeInMinutes"] = 0;
    if (configuration.alarms_enable || !configuration.alarm_names.empty()) {
        json::object alarms(call.storage);
        alarms["alarmNames"] = to_array(configuration.alarm_names);
        alarms["enable"] = configuration.alarms_enable;
        alarms["rollback"] = configuration.alarms_rollback;
        object["alarms"] = std::move(alarms);
    }
    return object;
}

void put_launch(json::object& object, const std::string& launch_type, const json::object& document) {
    const auto* strategy = document.if_contains("capacityProviderStrategy");
    const bool providers = strategy != nullptr && strategy->is_array() && !strategy->get_array().empty();
    if (providers) {
        object["capacityProviderStrategy"] = *strategy;
    } else {
        object["launchType"] = launch_type;
    }
    if (launch_type == "FARGATE") {
        object["platformVersion"] = "LATEST";
        object["platformFamily"] = "Linux";
    }
    copy_members(document, object, {"platformVersion", "networkConfiguration"});
}

json::array load_balancers_view(const Call& call, const std::vector<ServiceLoadBalancer>& load_balancers) {
    json::array array(call.storage);
    for (const auto& load_balancer : load_balancers) {
        json::object object(call.storage);
        object["targetGroupArn"] = load_balancer.target_group_arn;
        object["containerName"] = load_balancer.container_name;
        object["containerPort"] = load_balancer.container_port;
        array.emplace_back(std::move(object));
    }
    return array;
}

json::object revision_summary(const Call& call, const Service& service, const std::string& deployment_id,
                              const CountsByDeployment& counts) {
    const auto listed = std::ranges::find(service.deployments, deployment_id, &Deployment::id);
    const auto tasks = counts.find(deployment_id);
    json::object object(call.storage);
    object["arn"] = service_revision_arn(call.state.identity, service.cluster, service.name, deployment_id);
    object["requestedTaskCount"] = listed == service.deployments.end() ? 0 : listed->desired_count;
    object["runningTaskCount"] = tasks == counts.end() ? 0 : tasks->second.running;
    object["pendingTaskCount"] = tasks == counts.end() ? 0 : tasks->second.pending;
    return object;
}

json::object service_view(const Call& call, const Service& service, bool with_tags) {
    const json::object document = parse_document(service.document, call.storage);
    json::object object(call.storage);
    object.reserve(usual_members);
    object["serviceArn"] = service_arn(call.state.identity, service.cluster, service.name);
    object["serviceName"] = service.name;
    object["clusterArn"] = cluster_arn(call.state.identity, service.cluster);
    object["status"] = to_string(service.status);
    object["loadBalancers"] = load_balancers_view(call, service.load_balancers);
    put_deployments(call, service, document, object);
    put_launch(object, service.launch_type, document);
    object["deploymentConfiguration"] = configuration_view(call, service.deployment_configuration);
    object["events"] = events_view(call, service);
    object["createdAt"] = call.time(service.created_at);
    object["schedulingStrategy"] = service.scheduling_strategy;
    json::object controller(call.storage);
    controller["type"] = service.deployment_controller;
    object["deploymentController"] = std::move(controller);
    object["availabilityZoneRebalancing"] = service.availability_zone_rebalancing;
    put_members(call, service, document, object);
    if (with_tags && !service.tags.empty()) { object["tags"] = ecs_tags(service.tags); }
    return object;
}

} // namespace ecsr::local::wire
