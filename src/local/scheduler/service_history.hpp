// The record of a service's deployments that the ServiceDeployments API tells (ECS behaviour B15).
#pragma once

#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// Why a deployment failed.
enum class FailureCause { Breaker, Alarms, User };

// The newest one; null for a service that never had any (deployment controller EXTERNAL).
ServiceDeployment* newest_service_deployment(Service& service);
// PENDING to its end; a rollback belongs to it.
bool is_under_way(const ServiceDeployment& record);
// PENDING or IN_PROGRESS: not failed, not asked to stop.
bool is_moving_forward(const ServiceDeployment& record);

// PRIMARY is new. What was under way is superseded.
void record_start(State& state, Service& service, Instant now);
// A decision looks at the service: PENDING becomes IN_PROGRESS, STOP_REQUESTED becomes STOPPED.
void record_look(Service& service, int breaker_threshold, Instant now);
void record_completion(Service& service, Instant now);
// `rollback_target`: id of the deployment that is PRIMARY again; empty when there is none, `asked` when one was wanted.
void record_failure(Service& service, FailureCause cause, const std::string& rollback_target, bool asked, Instant now);

} // namespace ecsr::local
