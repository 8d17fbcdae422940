#include "aws/ecs/convert.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ecsr::aws::ecs {

namespace {

std::string or_default(const std::string& text, const char* otherwise) {
    return text.empty() ? otherwise : text;
}

ecsr::Deployment to_model(const Deployment& deployment) {
    return {.id = deployment.id,
            .status = deployment.status,
            .task_definition = deployment.task_definition,
            .desired_count = deployment.desired_count,
            .pending_count = deployment.pending_count,
            .running_count = deployment.running_count,
            .failed_tasks = deployment.failed_tasks,
            .rollout_state = deployment.rollout_state,
            .rollout_state_reason = deployment.rollout_state_reason,
            .created_at = deployment.created_at,
            .updated_at = deployment.updated_at};
}

void take_load_balancers(const Service& service, ecsr::Service& out) {
    for (const LoadBalancer& balancer : service.load_balancers) {
        if (!balancer.target_group_arn.empty()) {
            out.target_groups.push_back(
                {balancer.target_group_arn, balancer.container_name, balancer.container_port.value_or(0)});
        } else if (!balancer.load_balancer_name.empty()) {
            out.has_classic_load_balancer = true;
        }
    }
}

void take_configuration(const DeploymentConfiguration& configuration, ecsr::Service& out) {
    out.maximum_percent = configuration.maximum_percent.value_or(out.maximum_percent);
    out.minimum_healthy_percent = configuration.minimum_healthy_percent.value_or(out.minimum_healthy_percent);
    if (configuration.alarms && configuration.alarms->enable) {
        out.deployment_alarms = configuration.alarms->alarm_names;
    }
}

ecsr::Container to_model(const Container& container) {
    ecsr::Container out{.name = container.name,
                        .image = container.image,
                        .image_digest = container.image_digest,
                        .last_status = container.last_status,
                        .health_status = container.health_status,
                        .exit_code = container.exit_code,
                        .reason = container.reason,
                        .network_bindings = {},
                        .private_ip = {}};
    for (const NetworkBinding& binding : container.network_bindings) {
        out.network_bindings.push_back({binding.container_port.value_or(0), binding.host_port.value_or(0)});
    }
    for (const NetworkInterface& interface : container.network_interfaces) {
        if (out.private_ip.empty()) {
            out.private_ip = or_default(interface.private_ipv4_address, interface.ipv6_address.c_str());
        }
    }
    return out;
}

ecsr::HealthCheck to_model(const std::optional<HealthCheck>& check) {
    ecsr::HealthCheck out;
    if (!check) { return out; }
    out.interval = Seconds(check->interval.value_or(static_cast<int>(out.interval.count())));
    out.timeout = Seconds(check->timeout.value_or(static_cast<int>(out.timeout.count())));
    out.retries = check->retries.value_or(out.retries);
    out.start_period = Seconds(check->start_period.value_or(static_cast<int>(out.start_period.count())));
    return out;
}

} // namespace

ecsr::Service to_model(const Service& service) {
    ecsr::Service out;
    out.arn = service.service_arn;
    out.name = service.service_name;
    out.cluster_arn = service.cluster_arn;
    out.status = service.status;
    out.desired_count = service.desired_count;
    out.running_count = service.running_count;
    out.pending_count = service.pending_count;
    out.launch_type = service.launch_type;
    out.scheduling_strategy = or_default(service.scheduling_strategy, "REPLICA");
    out.deployment_controller =
        service.deployment_controller ? or_default(service.deployment_controller->type, "ECS") : "ECS";
    out.task_definition = service.task_definition;
    for (const Deployment& deployment : service.deployments) { out.deployments.push_back(to_model(deployment)); }
    const auto primary = std::ranges::find(out.deployments, "PRIMARY", &ecsr::Deployment::status);
    if (primary != out.deployments.end()) { std::rotate(out.deployments.begin(), primary, primary + 1); }
    for (const ServiceEvent& event : service.events) {
        out.events.push_back({event.id, event.created_at, event.message});
    }
    take_load_balancers(service, out);
    if (service.deployment_configuration) { take_configuration(*service.deployment_configuration, out); }
    out.health_check_grace_period = Seconds(service.health_check_grace_period_seconds.value_or(0));
    out.created_at = service.created_at;
    for (const Tag& tag : service.tags) { out.tags[tag.key] = tag.value; }
    return out;
}

ecsr::Task to_model(const Task& task) {
    ecsr::Task out{.arn = task.task_arn,
                   .task_definition = task.task_definition_arn,
                   .group = task.group,
                   .started_by = task.started_by,
                   .last_status = task.last_status,
                   .desired_status = task.desired_status,
                   .health_status = task.health_status,
                   .launch_type = task.launch_type,
                   .availability_zone = task.availability_zone,
                   .container_instance_arn = task.container_instance_arn,
                   .stop_code = task.stop_code,
                   .stopped_reason = task.stopped_reason,
                   .containers = {},
                   .started_at = task.started_at,
                   .stopping_at = task.stopping_at,
                   .stopped_at = task.stopped_at,
                   .created_at = task.created_at.value_or(Instant{})};
    for (const Container& container : task.containers) { out.containers.push_back(to_model(container)); }
    return out;
}

ecsr::TaskDefinition to_model(const TaskDefinition& definition) {
    ecsr::TaskDefinition out;
    out.arn = definition.task_definition_arn;
    out.family = definition.family;
    out.revision = definition.revision;
    out.network_mode = or_default(definition.network_mode, "bridge");
    if (const auto mib = parse_integer(definition.memory)) { out.memory_mib = static_cast<int>(*mib); }
    for (const ContainerDefinition& container : definition.container_definitions) {
        out.containers.push_back(
            {.name = container.name,
             .image = container.image,
             .essential = container.essential,
             .has_health_check = container.health_check && !container.health_check->command.empty(),
             .memory_mib = container.memory,
             .memory_reservation_mib = container.memory_reservation,
             .stop_timeout = Seconds(container.stop_timeout.value_or(30)),
             .health_check = to_model(container.health_check)});
    }
    return out;
}

ecsr::TaskProtection to_model(const ProtectedTask& task) {
    return {.enabled = task.protection_enabled, .expires_at = task.expiration_date};
}

} // namespace ecsr::aws::ecs
