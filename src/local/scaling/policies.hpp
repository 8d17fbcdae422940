// Scaling policies, and the alarms that those of target tracking own (ECS behaviour E3).
#pragma once

#include "local/state/state.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

// Keeps the policy under its name: makes its ARN and creation time where it is new, and its two alarms where it tracks
// a target. One that is there already keeps its ARN, and its alarms where the metric is the same.
ScalingPolicy& put_policy(State& state, ScalableTarget& target, ScalingPolicy policy, Instant now);

// With the alarms that it owns; those of others stay, also where they name it.
void delete_policy(State& state, ScalableTarget& target, const std::string& name, Instant now);

// The alarms that have it as an action, in a fixed order; those of target tracking high before low.
std::vector<const Alarm*> alarms_of(const State& state, const ScalingPolicy& policy);

// Whether two policies track the same metric; AWS takes one alone.
bool tracks_the_same(const TargetTracking& a, const TargetTracking& b);

} // namespace ecsr::local
