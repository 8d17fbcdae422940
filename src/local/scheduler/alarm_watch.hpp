// CloudWatch alarms that fail a deployment (ECS behaviour B7).
#pragma once

#include "local/state/state.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

// Those of `names` that are in ALARM. Names without an alarm count as quiet.
std::vector<std::string> alarms_that_fire(const State& state, const std::vector<std::string>& names);

// How long a deployment that has reached its goal waits for its alarms: the longest of what they look back on (period x
// evaluation periods), a minute at least, `longest` at most.
Millis bake_time(const State& state, const std::vector<std::string>& names, Millis longest);

} // namespace ecsr::local
