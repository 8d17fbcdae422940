// The records of a service's deployments (ECS behaviour B4), their failures and the circuit breaker (B6, B8).
#pragma once

#include "local/scheduler/scheduler.hpp"
#include "local/scheduler/service_history.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

Deployment* find_deployment(Service& service, const std::string& id);

// Makes a new PRIMARY out of the service as it is now; the former one becomes ACTIVE.
Deployment& start_deployment(State& state, Service& service, const std::string& task_definition, Instant now);

// PRIMARY has reached its goal: the others are INACTIVE and leave the list. Told as an event.
void complete_primary(State& state, Service& service, Instant now);

// PRIMARY is FAILED, and where the service asks for it (or the user did) the newest deployment that once completed is
// PRIMARY again under its old id. Told as events.
void fail_primary(State& state, Service& service, FailureCause cause, Instant now);

// Superseded and failed deployments leave the list when their last task is STOPPED. The newest completed one stays: it
// is what a rollback goes back to. `unfinished`: tasks not STOPPED of each deployment, in the order of the list.
void drop_finished(Service& service, const std::vector<int>& unfinished);

// How many failures the circuit breaker has counted.
int breaker_count(Service& service);

enum class TaskFailure {
    NeverRan,  // throttles the starts that follow (ECS behaviour B8)
    Ended,     // ran, and ended before it was healthy: slows down the restarts when it happens again
    Unhealthy, // stopped for bad health
};
// Counts towards failedTasks and the circuit breaker, and delays the next start.
void count_failure(State& state, Service& service, Deployment& deployment, TaskFailure failure, const Pace& pace,
                   Instant now);

// A task of the deployment is healthy for the first time: failures count from 0 again.
void forget_failures(Service& service, Deployment& deployment);

} // namespace ecsr::local
