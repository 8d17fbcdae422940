// The records of a service's deployments (ECS behaviour B4), their failures and the circuit breaker (B6, B8).
#pragma once

#include "local/scheduler/scheduler.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

Deployment* find_deployment(Service& service, const std::string& id);

// Makes a new PRIMARY out of the service as it is now; the former one becomes ACTIVE.
Deployment& start_deployment(State& state, Service& service, const std::string& task_definition, Instant now);

// PRIMARY has reached its goal: the others are INACTIVE and leave the list. Told as an event.
void complete_primary(State& state, Service& service, Instant now);

// The circuit breaker has tripped: PRIMARY is FAILED, and where the service asks for it the newest deployment that once
// completed is PRIMARY again under its old id. Told as events.
void fail_primary(State& state, Service& service, Instant now);

// Superseded and failed deployments leave the list when their last task is STOPPED. The newest completed one stays: it
// is what a rollback goes back to. `unfinished`: tasks not STOPPED of each deployment, in the order of the list.
void drop_finished(Service& service, const std::vector<int>& unfinished);

// A task of the deployment ended by itself, could not start, or was stopped for bad health; `ran`: it had reached
// RUNNING. Counts towards failedTasks, and delays the next start when it never ran.
void count_failure(State& state, Service& service, Deployment& deployment, bool ran, const Pace& pace, Instant now);

} // namespace ecsr::local
