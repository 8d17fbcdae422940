#include "local/scheduler/deployments.hpp"

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

void set_rollout(Deployment& deployment, RolloutState rollout, std::string reason, Instant now) {
    deployment.rollout_state = rollout;
    deployment.rollout_state_reason = std::move(reason);
    deployment.updated_at = now;
}

void roll_back(State& state, Service& service, std::size_t target, Instant now) {
    std::vector<Deployment>& all = service.deployments;
    all.front().status = DeploymentStatus::Active;
    std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(target),
                all.begin() + static_cast<std::ptrdiff_t>(target) + 1);
    Deployment& primary = all.front();
    primary.status = DeploymentStatus::Primary;
    primary.failed_tasks = 0;
    primary.start_failures = 0;
    primary.no_start_before = {};
    set_rollout(primary, RolloutState::InProgress,
                fmt::format("ECS deployment circuit breaker: rolling back to deploymentId {}.", primary.id), now);
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
    service.deployments.insert(service.deployments.begin(), std::move(deployment));
    service.touched = true;
    return service.deployments.front();
}

void complete_primary(State& state, Service& service, Instant now) {
    service.deployments.resize(1);
    Deployment& primary = service.deployments.front();
    set_rollout(primary, RolloutState::Completed, fmt::format("ECS deployment {} completed.", primary.id), now);
    add_event(state, service, fmt::format("(deployment {}) deployment completed.", primary.id), now);
}

void fail_primary(State& state, Service& service, Instant now) {
    Deployment& failed = service.deployments.front();
    set_rollout(failed, RolloutState::Failed, "ECS deployment circuit breaker: tasks failed to start.", now);
    add_event(state, service, fmt::format("(deployment {}) deployment failed: tasks failed to start.", failed.id), now);
    if (!service.deployment_configuration.circuit_breaker_rollback) { return; }
    const auto target = std::find_if(service.deployments.begin() + 1, service.deployments.end(),
                                     [](const Deployment& d) { return d.rollout_state == RolloutState::Completed; });
    if (target == service.deployments.end()) { return; }
    roll_back(state, service, static_cast<std::size_t>(target - service.deployments.begin()), now);
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

void count_failure(State& state, Service& service, Deployment& deployment, bool ran, const Pace& pace, Instant now) {
    ++deployment.failed_tasks;
    deployment.updated_at = now;
    // Tasks of one round fail together; only the first of them lengthens the delay.
    if (ran || now < deployment.no_start_before) { return; }
    ++deployment.start_failures;
    const auto step = std::min(static_cast<std::size_t>(deployment.start_failures), backoff_units.size()) - 1;
    deployment.no_start_before = now + pace.start_backoff_unit * backoff_units[step];
    if (deployment.start_failures == impaired_after) {
        add_event_rarely(state, service, "is unable to consistently start tasks successfully.", now);
    }
}

} // namespace ecsr::local
