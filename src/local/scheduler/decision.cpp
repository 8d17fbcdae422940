#include "local/scheduler/decision.hpp"

#include "local/scheduler/alarm_watch.hpp"
#include "local/scheduler/announcements.hpp"
#include "local/scheduler/deployments.hpp"
#include "local/scheduler/events.hpp"
#include "local/scheduler/operations.hpp"
#include "local/scheduler/percent.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

// No DAEMON task runs on an instance that is DRAINING (ECS behaviour B14).
bool is_left_by_daemon(const State& state, const Service& service) {
    return service.scheduling_strategy == "DAEMON" && instance_drains(state, service);
}

} // namespace

Decision::Decision(Turn& turn, Service& service, std::vector<Task*> tasks)
    : turn_(turn), state_(turn.state), service_(service), now_(turn.now), tasks_(std::move(tasks)),
      targets_(state_, tasks_), wanted_(is_left_by_daemon(state_, service) ? 0 : wanted_tasks(service)),
      min_healthy_(min_healthy_tasks(wanted_, service.deployment_configuration)),
      max_tasks_(max_tasks(wanted_, service.deployment_configuration)) {}

void Decision::run() {
    if (service_.deployments.empty()) { // EXTERNAL: its tasks are not ours
        if (service_.status == ServiceStatus::Draining) { service_.status = ServiceStatus::Inactive; }
        return;
    }
    take_count();
    note_health();
    tell_lost_targets();
    // A deployment and a new desired count come first.
    if (service_.deployments.size() > 1 || wanted_ != primary().desired_count) { service_.rebalancing = false; }
    record_look(service_, breaker_threshold(wanted_, service_.deployment_configuration), now_);
    judge_deployment();
    if (service_.status == ServiceStatus::Active) {
        replace_missing_of_older();
        grow_primary();
        replace_unhealthy_of_primary();
        replace_unhealthy_of_older();
        shrink_older();
        shrink_primary();
        leave_instance();
    } else {
        stop_everything();
    }
    tell_stopped(state_, service_, stopped_running_, stopped_pending_, now_);
    show_counts();
    tell_obstacles();
    close_deployment();
    settle();
}

void Decision::take_count() {
    count_ = take_census(service_, tasks_, targets_, wanted_, turn_.options.pace.healthy_after, now_);
    older_goal_ = 0;
    for (std::size_t i = 1; i < service_.deployments.size(); ++i) {
        older_goal_ += service_.deployments[i].desired_count;
    }
    // A scale-out during a deployment grows both revisions; a PRIMARY that shows 0 has only just begun.
    const bool scaled_out = primary().desired_count > 0 && wanted_ > primary().desired_count;
    if (scaled_out && service_.deployments.size() > 1) { older_goal_ = std::max(older_goal_, older_floor()); }
}

void Decision::note_health() {
    for (const Share* share : {&count_.primary, &count_.older}) {
        for (Task* task : share->good) {
            task->unhealthy_reason.clear();
            if (task->was_healthy) { continue; }
            task->was_healthy = true;
            if (Deployment* deployment = find_deployment(service_, task->started_by)) {
                forget_failures(service_, *deployment);
            }
        }
        for (Task* task : share->bad) {
            if (!task->unhealthy_reason.empty()) { continue; }
            const UnhealthyTexts texts = unhealthy_texts(*task, targets_);
            task->unhealthy_reason = texts.stopped_reason;
            add_event(state_, service_, texts.event, now_);
        }
    }
}

// Somebody has deleted a target group, or taken a target out of it.
void Decision::tell_lost_targets() {
    for (const Deployment& deployment : service_.deployments) {
        for (const auto& [group, container, port] : deployment.load_balancers) {
            if (state_.target_groups.contains(group)) { continue; }
            tell_lost(state_, service_, "TARGET GROUP", deployment.id, group, now_);
        }
    }
    for (const Task* task : tasks_) {
        if (task->desired_status == TaskStatus::Stopped) { continue; }
        for (const TargetRegistration& registration : task->targets) {
            const auto& group = registration.target_group_arn;
            const Target* target = targets_.find(registration);
            const bool there = target != nullptr && target->state != TargetState::Draining;
            if (there || !state_.target_groups.contains(group)) { continue; }
            tell_lost(state_, service_, "TARGET", task->started_by, group, now_);
        }
    }
}

// Whichever watches is the first to see it (ECS behaviour B6, B7).
std::optional<FailureCause> Decision::failure_cause() {
    ServiceDeployment* record = newest_service_deployment(service_);
    if (record != nullptr && record->status == ServiceDeploymentStatus::RollbackRequested) {
        return FailureCause::User;
    }
    const DeploymentConfiguration& configuration = service_.deployment_configuration;
    if (primary().rollout_state != RolloutState::InProgress) { return std::nullopt; }
    if (configuration.circuit_breaker_enable && breaker_count(service_) >= breaker_threshold(wanted_, configuration)) {
        return FailureCause::Breaker;
    }
    if (record == nullptr || !is_moving_forward(*record) || record->alarms != MonitorStatus::Monitoring) {
        return std::nullopt;
    }
    look_again(now_ + turn_.options.pace.alarm_poll);
    record->triggered_alarms = alarms_that_fire(state_, record->configuration.alarm_names);
    return record->triggered_alarms.empty() ? std::nullopt : std::optional(FailureCause::Alarms);
}

void Decision::judge_deployment() {
    if (service_.status != ServiceStatus::Active) { return; }
    const auto cause = failure_cause();
    if (!cause) { return; }
    fail_primary(state_, service_, *cause, now_);
    acted_ = true;
    take_count();
}

// The deployment has reached its goal; its alarms have the last word.
bool Decision::is_baking() {
    ServiceDeployment* record = newest_service_deployment(service_);
    if (record == nullptr || !is_moving_forward(*record) || record->alarms != MonitorStatus::Monitoring) {
        return false;
    }
    if (!record->bake_until) {
        record->bake_until =
            now_ + bake_time(state_, record->configuration.alarm_names, turn_.options.pace.longest_bake_time);
        record->updated_at = now_;
    }
    look_again(*record->bake_until);
    return now_ < *record->bake_until;
}

void Decision::close_deployment() {
    if (service_.status == ServiceStatus::Draining && count_.live() == 0 && count_.stopping == 0) {
        service_.status = ServiceStatus::Inactive;
        service_.deployments.clear();
        service_.service_deployments.clear();
        service_.revisions.clear();
        return;
    }
    // What this decision did must show before it is history; the next one follows within moments.
    if (acted_) { return; }
    const bool reached = primary().rollout_state == RolloutState::InProgress && count_.primary.healthy() >= wanted_ &&
                         count_.older_unfinished == 0 && service_.status == ServiceStatus::Active;
    if (!reached) { return drop_finished(service_, count_.unfinished); }
    if (is_baking()) { return; }
    complete_primary(state_, service_, now_);
    completed_ = true;
}

// What DescribeServices shows: PRIMARY aims at the whole service, the older ones at what is left of them.
void Decision::show_counts() {
    std::vector<int> live(service_.deployments.size() + 1, 0);
    for (const Task* task : tasks_) {
        if (task->desired_status == TaskStatus::Running) { ++live[deployment_index(service_, *task)]; }
    }
    for (std::size_t i = 1; i < service_.deployments.size(); ++i) { service_.deployments[i].desired_count = live[i]; }
    // What could not be restarted at once stays wanted.
    const int missing = std::min(older_goal_, older_floor()) - count_.older.live();
    if (Deployment* older = restartable_older()) { older->desired_count += std::max(0, missing); }
    primary().desired_count = wanted_;
}

void Decision::tell_obstacles() {
    const bool deploying = primary().rollout_state == RolloutState::InProgress;
    service_.blocked_by_protection = protected_tasks_ > 0 && service_.deployments.size() > 1;
    if (protected_tasks_ > 0) {
        tell_blocked_by_protection(state_, service_, protected_task_set_, protected_tasks_, now_);
        return;
    }
    const bool in_flight =
        acted_ || throttled_ || count_.stopping > 0 || count_.primary.starting() > 0 || count_.older.starting() > 0;
    if (deploying && !in_flight && count_.primary.live() < wanted_ && headroom() <= 0) {
        tell_no_headroom(state_, service_, now_);
    }
}

bool Decision::is_steady() {
    return service_.status == ServiceStatus::Active && service_.deployments.size() == 1 &&
           primary().rollout_state == RolloutState::Completed && count_.primary.healthy() == wanted_ &&
           count_.live() == wanted_ && count_.stopping == 0;
}

void Decision::settle() {
    if (is_steady()) {
        const Instant next_event_at = service_.last_steady_event_at + turn_.options.pace.steady_event_every;
        if (!service_.steady_since || now_ >= next_event_at) {
            const Instant at = completed_ ? now_ + Millis{1} : now_;
            add_event(state_, service_, "has reached a steady state.", at);
            announce(state_, service_, "INFO", "SERVICE_STEADY_STATE", "", at);
            service_.last_steady_event_at = at;
            if (!service_.steady_since) { service_.steady_since = at; }
        }
        rebalance();
        look_again(service_.last_steady_event_at + turn_.options.pace.steady_event_every);
    } else {
        service_.steady_since.reset();
    }
    look_again(count_.changes_at);
    service_.touched = service_.touched || acted_;
}

void Decision::look_again(Instant at) {
    service_.look_again_at = std::min(service_.look_again_at, at);
}

} // namespace ecsr::local
