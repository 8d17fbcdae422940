// PutMetricAlarm, taken apart. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"
#include "local/state/alarms.hpp"

namespace ecsr::local::wire {

// Everything that PutMetricAlarm asks for; tags are of use for a new alarm alone. What is wrong is noted in `input`.
Alarm read_metric_alarm(Input& input);

// Name, description, actions and tags, as alarms of every kind have them.
Alarm read_any_alarm(Input& input);

// Notes a ValidationError, unless something is wrong already.
void refuse_alarm(Input& input, std::string message);

// What is wrong with it is noted.
std::optional<std::string> read_unit(Input& input);

} // namespace ecsr::local::wire
