#include "local/scheduler/service_history.hpp"

#include "local/scheduler/alarm_watch.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

constexpr std::chrono::days kept_for{90}; // ECS behaviour B12

const char* status_reason(FailureCause cause, bool rolled_back) {
    switch (cause) {
    case FailureCause::Breaker:
        return rolled_back ? "Service deployment rolled back because the circuit breaker threshold was exceeded."
                           : "Service deployment stopped because the circuit breaker threshold was exceeded.";
    case FailureCause::Alarms:
        return rolled_back ? "Service deployment rolled back because a CloudWatch alarm was detected."
                           : "Service deployment stopped because a CloudWatch alarm was detected.";
    case FailureCause::User: return "Service deployment rolled back by user.";
    }
    return "";
}

void end_monitors(ServiceDeployment& record) {
    for (MonitorStatus* monitor : {&record.breaker, &record.alarms}) {
        if (*monitor == MonitorStatus::Monitoring) { *monitor = MonitorStatus::MonitoringComplete; }
    }
}

void finish(ServiceDeployment& record, ServiceDeploymentStatus status, Instant now) {
    record.status = status;
    record.finished_at = record.updated_at = now;
    if (status == ServiceDeploymentStatus::Stopped) { record.stopped_at = now; }
    end_monitors(record);
}

void supersede(Service& service, Instant now) {
    if (service.service_deployments.empty()) { return; }
    ServiceDeployment& former = service.service_deployments.front();
    if (!is_under_way(former)) { return; }
    former.status = ServiceDeploymentStatus::StopRequested;
    former.updated_at = now;
}

// Revisions that a listed deployment still runs stay, however old.
void forget_old(Service& service, Instant now) {
    std::erase_if(service.service_deployments,
                  [&](const ServiceDeployment& record) { return record.created_at + kept_for < now; });
    std::erase_if(service.revisions, [&](const ServiceRevision& revision) {
        const bool in_use = std::ranges::any_of(
            service.deployments, [&](const Deployment& each) { return each.id == revision.deployment_id; });
        return !in_use && revision.created_at + kept_for < now;
    });
}

} // namespace

ServiceDeployment* newest_service_deployment(Service& service) {
    return service.service_deployments.empty() ? nullptr : &service.service_deployments.front();
}

bool is_under_way(const ServiceDeployment& record) {
    return is_moving_forward(record) || record.status == ServiceDeploymentStatus::RollbackRequested ||
           record.status == ServiceDeploymentStatus::RollbackInProgress;
}

bool is_moving_forward(const ServiceDeployment& record) {
    return record.status == ServiceDeploymentStatus::Pending || record.status == ServiceDeploymentStatus::InProgress;
}

void record_start(State& state, Service& service, Instant now) {
    supersede(service, now);
    forget_old(service, now);
    const Deployment& primary = service.deployments.front();
    ServiceDeployment record;
    record.id = new_service_deployment_id(state.random);
    record.target = primary.id;
    for (std::size_t i = 1; i < service.deployments.size(); ++i) {
        record.sources.push_back(service.deployments[i].id);
    }
    record.configuration = service.deployment_configuration;
    record.created_at = record.updated_at = now;
    if (record.configuration.circuit_breaker_enable) { record.breaker = MonitorStatus::Monitoring; }
    // An alarm that is on already says nothing about this deployment (ECS behaviour B7).
    const auto& names = record.configuration.alarm_names;
    if (record.configuration.alarms_enable && !names.empty() && alarms_that_fire(state, names).empty()) {
        record.alarms = MonitorStatus::Monitoring;
    }
    service.service_deployments.insert(service.service_deployments.begin(), std::move(record));
    service.revisions.insert(service.revisions.begin(),
                             ServiceRevision{primary.id, primary.task_definition, service.launch_type,
                                             primary.load_balancers, service.document, now});
}

void record_look(Service& service, int breaker_threshold, Instant now) {
    for (ServiceDeployment& record : service.service_deployments) {
        if (record.status == ServiceDeploymentStatus::StopRequested) {
            finish(record, ServiceDeploymentStatus::Stopped, now);
        }
    }
    ServiceDeployment* record = newest_service_deployment(service);
    if (record == nullptr || !is_moving_forward(*record)) { return; }
    record->threshold = breaker_threshold;
    if (record->status != ServiceDeploymentStatus::Pending) { return; }
    record->status = ServiceDeploymentStatus::InProgress;
    record->started_at = record->updated_at = now;
}

void record_completion(Service& service, Instant now) {
    ServiceDeployment* record = newest_service_deployment(service);
    if (record == nullptr || !is_under_way(*record)) { return; }
    const bool rolled_back = record->status == ServiceDeploymentStatus::RollbackInProgress;
    finish(*record, rolled_back ? ServiceDeploymentStatus::RollbackSuccessful : ServiceDeploymentStatus::Successful,
           now);
}

void record_failure(Service& service, FailureCause cause, const std::string& rollback_target, bool asked, Instant now) {
    ServiceDeployment* record = newest_service_deployment(service);
    if (record == nullptr || !is_under_way(*record)) { return; }
    if (cause == FailureCause::Breaker) { record->breaker = MonitorStatus::Triggered; }
    if (cause == FailureCause::Alarms) { record->alarms = MonitorStatus::Triggered; }
    record->updated_at = now;
    const bool was_rolling_back = record->status == ServiceDeploymentStatus::RollbackInProgress;
    if (asked && (rollback_target.empty() || was_rolling_back)) {
        record->status_reason = "No rollback candidate was found to run the rollback";
        return finish(*record, ServiceDeploymentStatus::RollbackFailed, now);
    }
    record->status_reason = status_reason(cause, asked);
    if (!asked) { return finish(*record, ServiceDeploymentStatus::Stopped, now); }
    end_monitors(*record);
    record->status = ServiceDeploymentStatus::RollbackInProgress;
    record->rollback_reason = record->status_reason;
    record->rollback_target = rollback_target;
    record->rollback_started_at = now;
}

} // namespace ecsr::local
