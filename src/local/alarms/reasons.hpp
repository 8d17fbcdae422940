// Why an alarm is in its state, in CloudWatch's words: StateReason and StateReasonData. Pure.
#pragma once

#include "local/alarms/evaluation.hpp"

#include <string>

namespace ecsr::local {

// "Threshold Crossed: 1 out of the last 1 datapoints [83.0 (24/11/26 12:00:00)] was greater than the threshold (70.0)
// (minimum 1 datapoint for OK -> ALARM transition)."; "Insufficient Data: 1 datapoint was unknown.". Requires a state.
std::string state_reason(const Alarm& alarm, const Verdict& verdict);

// {"version":"1.0","queryDate":...,"evaluatedDatapoints":[...]}
std::string reason_data(const Alarm& alarm, const Verdict& verdict, Instant now);

} // namespace ecsr::local
