// What the rules of EventBridge are to learn (ECS behaviour C2, F6). Every function does nothing where there is no
// rule.
#pragma once

#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// The task as it is now, after a change of its status, desired status or containers.
void announce(State& state, const Task& task, Instant now);

// type: INFO, WARN, ERROR; name: "SERVICE_STEADY_STATE", ...
void announce(State& state, const Service& service, const char* type, const char* name, const std::string& reason,
              Instant now);

// name: "SERVICE_DEPLOYMENT_IN_PROGRESS", ...
void announce(State& state, const Service& service, const Deployment& deployment, const char* type, const char* name,
              const std::string& reason, Instant now);

} // namespace ecsr::local
