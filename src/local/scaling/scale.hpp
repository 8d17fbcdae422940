// Application Auto Scaling at work: what alarms ask of policies, what is scheduled, and what becomes of both (ECS
// behaviour E). Pure: time is handed in.
#pragma once

#include "local/state/state.hpp"

namespace ecsr::local {

// Takes the scaling actions that alarms have left, carries out those that the policies, their cooldowns, the capacities
// and the suspensions allow, runs scheduled actions that are due, and ends the activities that are fulfilled. True when
// something has changed.
bool scale(State& state, Instant now);

// When time alone makes scale() do something; max() when never, Instant{} when something waits for it.
Instant next_scaling_at(const State& state);

} // namespace ecsr::local
