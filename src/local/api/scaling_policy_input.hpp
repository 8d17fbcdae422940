// The configuration of PutScalingPolicy, taken apart. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"
#include "local/state/scaling.hpp"

namespace ecsr::local::wire {

// PolicyType and its configuration; what is wrong is noted in `input`.
ScalingPolicy read_scaling_policy(Input& input);

} // namespace ecsr::local::wire
