// Alarms as CloudWatch describes them. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"
#include "local/state/alarms.hpp"

namespace ecsr::local::wire {

// A MetricAlarm, or a CompositeAlarm where the alarm has a rule.
json::object alarm_view(const Call& call, const Alarm& alarm);

} // namespace ecsr::local::wire
