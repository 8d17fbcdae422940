// Scalable targets: their capacities, and how the desired count is brought between them (ECS behaviour E1, E2).
#pragma once

#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// Keeps the target, and brings the desired count of its service into the capacities at once; what was resumed looks
// again at what the alarms have asked for meanwhile. The service must be ACTIVE.
void put_target(State& state, ScalableTarget target, Instant now);

// With its policies, their own alarms, and its scheduled actions. False when there is none.
bool remove_target(State& state, const std::string& resource_id, Instant now);

// Does what scheduled actions have set for `now` or before; those whose time came while they were suspended are skipped
// (E2). True when something has changed.
bool run_schedules(State& state, Instant now);

} // namespace ecsr::local
