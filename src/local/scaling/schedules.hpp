// When scheduled actions are due. Pure.
#pragma once

#include "base/error.hpp"
#include "local/state/scaling.hpp"

namespace ecsr::local {

// The first time after `after`, in the action's zone and between its start and end; max() when there is none. Error:
// Usage, one line: the expression or the zone cannot be read.
Result<Instant> next_time(const ScheduledAction& action, Instant after);

} // namespace ecsr::local
