// Every minute, every alarm looks at its metric.
#pragma once

#include "local/state/state.hpp"
#include "local/telemetry/metric_store.hpp"

namespace ecsr::local {

// Evaluates all alarms, composite ones last, over what was known of the metrics until the full minute before `now`.
// True when an alarm has changed. Costs nothing without alarms.
bool evaluate_alarms(State& state, const MetricStore& metrics, Instant now);

} // namespace ecsr::local
