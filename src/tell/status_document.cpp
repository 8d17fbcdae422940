#include "base/text.hpp"
#include "tell/status_document_json.hpp"

#include <algorithm>

namespace ecsr::tell {

namespace {

StatusDeployment describe_deployment(const Deployment& deployment) {
    return {.id = deployment.id,
            .status = deployment.status,
            .rollout_state = deployment.rollout_state,
            .rollout_state_reason = deployment.rollout_state_reason,
            .task_definition = deployment.task_definition,
            .desired_count = deployment.desired_count,
            .running_count = deployment.running_count,
            .pending_count = deployment.pending_count,
            .failed_tasks = deployment.failed_tasks,
            .created_at = deployment.created_at};
}

StatusTask describe_task(const Snapshot& snapshot, const Task& task, Instant now) {
    StatusTask status{.task_arn = task.arn,
                      .task_definition = task.task_definition,
                      .last_status = task.last_status,
                      .desired_status = task.desired_status,
                      .health_status = task.health_status,
                      .healthy = is_healthy(snapshot, task),
                      .availability_zone = task.availability_zone,
                      .created_at = task.created_at,
                      .started_at = task.started_at,
                      .age_seconds = static_cast<double>(std::max(Millis{0}, now - task.created_at).count()) / 1000};
    if (!status.healthy) { status.not_healthy_because = why_not_healthy(snapshot, task); }
    for (const auto* target : targets_of(snapshot, task)) {
        status.targets.push_back(
            {target->target_group_arn, target->target_id, target->port, target->state, target->reason});
    }
    const auto protection = snapshot.protection.find(task.arn);
    if (protection != snapshot.protection.end() && protection->second.enabled) {
        status.is_protected = true;
        status.protected_until = protection->second.expires_at;
    }
    return status;
}

} // namespace

StatusDocument status_document(const Snapshot& snapshot, Instant now, std::size_t events) {
    const Service& service = snapshot.service;
    StatusDocument document{.service = service.name,
                            .service_arn = service.arn,
                            .cluster = std::string(short_id(service.cluster_arn)),
                            .status = service.status,
                            .launch_type = service.launch_type,
                            .scheduling_strategy = service.scheduling_strategy,
                            .deployment_controller = service.deployment_controller,
                            .task_definition = service.task_definition,
                            .desired_count = service.desired_count,
                            .running_count = service.running_count,
                            .pending_count = service.pending_count,
                            .healthy_count = healthy_count(snapshot),
                            .deployment_in_flight = deployment_in_flight(service),
                            .read_at = now};
    for (const auto& deployment : service.deployments) {
        document.deployments.push_back(describe_deployment(deployment));
    }
    for (const auto* task : live_tasks(snapshot)) { document.tasks.push_back(describe_task(snapshot, *task, now)); }
    if (const auto& target = snapshot.scalable_target) {
        document.autoscaling = {target->min_capacity, target->max_capacity, target->suspended.dynamic_scaling_in};
    }
    for (std::size_t i = 0; i < std::min(events, service.events.size()); ++i) {
        document.events.push_back({service.events[i].created_at, service.events[i].message});
    }
    return document;
}

} // namespace ecsr::tell
