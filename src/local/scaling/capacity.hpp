// How many tasks a policy wants. Pure arithmetic (ECS behaviour E2, E3; Application Auto Scaling user guide, "How step
// scaling works" and "How target tracking works").
#pragma once

#include "local/state/scaling.hpp"

#include <optional>

namespace ecsr::local {

// `breach`: how far the metric is above (or, negative, below) the alarm's threshold. Nothing: no step is meant for it.
// Never below 0.
std::optional<int> step_capacity(const StepScaling& policy, int current, double breach);

// So many that the metric, shared evenly by them, is at the target; rounded up. Requires target > 0 and value >= 0.
int tracked_capacity(int current, double value, double target);

// Scaling in goes half of the way at a time, at least by one: more gradually than out.
int gradually(int current, int wanted);

} // namespace ecsr::local
