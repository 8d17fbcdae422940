#include "local/scheduler/deployments.hpp"

#include "local/scheduler/announcements.hpp"
#include "local/scheduler/events.hpp"
#include "local/scheduler/operations.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

// Gaps between failing starts, in units of Pace::start_backoff_unit; the last one repeats (ECS behaviour B8).
constexpr std::array backoff_units{1, 1, 10, 10, 20, 30, 54};
constexpr int impaired_after = 3;
// Delays of restarts of tasks that keep ending soon after their start, in units of Pace::restart_backoff_unit; the last
// one repeats. Real ECS needs 10 to 50 s for any of them (ECS behaviour B8); here the first restart comes at once.
constexpr std::array restart_units{0, 1, 2, 4, 5};

template <std::size_t size>
int at_round(const std::array<int, size>& units, int round) {
    return units[std::min(static_cast<std::size_t>(round), size) - 1];
}

std::string failed_event(FailureCause cause, const Deployment& failed) {
    const char* why = cause == FailureCause::Alarms ? "alarm detected" : "tasks failed to start";
    return fmt::format("(deployment {}) deployment failed: {}.", failed.id, why);
}

std::string failed_reason(FailureCause cause, const Deployment& failed) {
    switch (cause) {
    case FailureCause::Breaker: return "ECS deployment circuit breaker: tasks failed to start.";
    case FailureCause::Alarms: return "ECS deployment failed: alarm detected.";
    case FailureCause::User: return fmt::format("ECS deployment {} stopped by user.", failed.id);
    }
    return {};
}

std::string rollback_reason(FailureCause cause, const Deployment& target) {
    const char* who = cause == FailureCause::Breaker ? "ECS deployment circuit breaker" : "ECS deployment";
    return fmt::format("{}: rolling back to deploymentId {}.", who, target.id);
}

bool asks_for_rollback(const Service& service, FailureCause cause) {
    switch (cause) {
    case FailureCause::Breaker: return service.deployment_configuration.circuit_breaker_rollback;
    case FailureCause::Alarms: return service.deployment_configuration.alarms_rollback;
    case FailureCause::User: return true;
    }
    return true;
}

// As events of EventBridge word it, which differs by one letter (ECS behaviour C2).
std::string announced_reason(FailureCause cause, const Deployment& failed) {
    return cause == FailureCause::Breaker ? "ECS deployment circuit breaker: task failed to start."
                                          : failed_reason(cause, failed);
}

void set_rollout(Deployment& deployment, RolloutState rollout, std::string reason, Instant now) {
    deployment.rollout_state = rollout;
    deployment.rollout_state_reason = std::move(reason);
    deployment.updated_at = now;
}

void roll_back(State& state, Service& service, std::size_t target, FailureCause cause, Instant now) {
    std::vector<Deployment>& all = service.deployments;
    all.front().status = DeploymentStatus::Active;
    std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(target),
                all.begin() + static_cast<std::ptrdiff_t>(target) + 1);
    Deployment& primary = all.front();
    primary.status = DeploymentStatus::Primary;
    primary.failed_tasks = 0;
    primary.start_failures = 0;
    primary.no_start_before = {};
    primary.crash_rounds = 0;
    primary.no_restart_before = {};
    set_rollout(primary, RolloutState::InProgress, rollback_reason(cause, primary), now);
    announce(state, service, primary, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", primary.rollout_state_reason, now);
    service.load_balancers = primary.load_balancers;
    add_event(state, service, fmt::format("rolling back to deployment {}.", primary.id), now + Millis{1});
}

} // namespace

Deployment* find_deployment(Service& service, const std::string& id) {
    const auto found = std::find_if(service.deployments.begin(), service.deployments.end(),
                                    [&](const Deployment& deployment) { return deployment.id == id; });
    return found == service.deployments.end() ? nullptr : &*found;
}

Deployment& start_deployment(State& state, Service& service, const std::string& task_definition, Instant now) {
    if (!service.deployments.empty()) { service.deployments.front().status = DeploymentStatus::Active; }
    Deployment deployment;
    deployment.id = new_deployment_id(state.random);
    deployment.task_definition = task_definition;
    deployment.load_balancers = service.load_balancers;
    deployment.created_at = now;
    set_rollout(deployment, RolloutState::InProgress, fmt::format("ECS deployment {} in progress.", deployment.id),
                now);
    announce(state, service, deployment, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", deployment.rollout_state_reason,
             now);
    service.deployments.insert(service.deployments.begin(), std::move(deployment));
    service.touched = true;
    record_start(state, service, now);
    return service.deployments.front();
}

void complete_primary(State& state, Service& service, Instant now) {
    service.deployments.resize(1);
    Deployment& primary = service.deployments.front();
    set_rollout(primary, RolloutState::Completed, fmt::format("ECS deployment {} completed.", primary.id), now);
    add_event(state, service, fmt::format("(deployment {}) deployment completed.", primary.id), now);
    announce(state, service, primary, "INFO", "SERVICE_DEPLOYMENT_COMPLETED", primary.rollout_state_reason, now);
    record_completion(service, now);
}

void fail_primary(State& state, Service& service, FailureCause cause, Instant now) {
    Deployment& failed = service.deployments.front();
    set_rollout(failed, RolloutState::Failed, failed_reason(cause, failed), now);
    announce(state, service, failed, "ERROR", "SERVICE_DEPLOYMENT_FAILED", announced_reason(cause, failed), now);
    if (cause != FailureCause::User) { add_event(state, service, failed_event(cause, failed), now); }
    const bool asked = asks_for_rollback(service, cause);
    const auto target = std::find_if(service.deployments.begin() + 1, service.deployments.end(),
                                     [](const Deployment& d) { return d.rollout_state == RolloutState::Completed; });
    const bool rolls_back = asked && target != service.deployments.end();
    record_failure(service, cause, rolls_back ? target->id : "", asked, now);
    if (!rolls_back) { return; }
    roll_back(state, service, static_cast<std::size_t>(target - service.deployments.begin()), cause, now);
}

void drop_finished(Service& service, const std::vector<int>& unfinished) {
    std::vector<Deployment> kept;
    bool rollback_target_seen = false;
    for (std::size_t i = 0; i < service.deployments.size(); ++i) {
        Deployment& deployment = service.deployments[i];
        const bool completed = i > 0 && deployment.rollout_state == RolloutState::Completed;
        const bool rollback_target = completed && !rollback_target_seen;
        rollback_target_seen = rollback_target_seen || completed;
        if (i == 0 || rollback_target || unfinished[i] > 0) { kept.push_back(std::move(deployment)); }
    }
    service.deployments = std::move(kept);
}

int breaker_count(Service& service) {
    const ServiceDeployment* record = newest_service_deployment(service);
    const bool watched = record != nullptr && is_moving_forward(*record);
    return watched ? record->failure_count : service.deployments.front().failed_tasks;
}

void count_failure(State& state, Service& service, Deployment& deployment, TaskFailure failure, const Pace& pace,
                   Instant now) {
    ++deployment.failed_tasks;
    deployment.updated_at = now;
    ServiceDeployment* record = newest_service_deployment(service);
    if (record != nullptr && is_moving_forward(*record) && record->target == deployment.id) { ++record->failure_count; }
    // Tasks of one round fail together; only the first of them lengthens the delay.
    if (failure == TaskFailure::Ended && now >= deployment.no_restart_before) {
        ++deployment.crash_rounds;
        deployment.no_restart_before =
            now + pace.restart_backoff_unit * at_round(restart_units, deployment.crash_rounds);
    }
    if (failure != TaskFailure::NeverRan || now < deployment.no_start_before) { return; }
    ++deployment.start_failures;
    deployment.no_start_before = now + pace.start_backoff_unit * at_round(backoff_units, deployment.start_failures);
    if (deployment.start_failures == impaired_after) {
        add_event_rarely(state, service, "is unable to consistently start tasks successfully.", now);
        announce(state, service, "WARN", "SERVICE_TASK_START_IMPAIRED", "", now);
    }
}

void forget_failures(Service& service, Deployment& deployment) {
    deployment.failed_tasks = 0;
    deployment.crash_rounds = 0;
    deployment.no_restart_before = {};
    ServiceDeployment* record = newest_service_deployment(service);
    const bool counts = record != nullptr && is_moving_forward(*record) && record->target == deployment.id;
    if (counts && service.deployment_configuration.breaker_reset_on_healthy_task) { record->failure_count = 0; }
}

} // namespace ecsr::local
