// An alarm's configuration as CloudWatch writes it into histories and events. Pure.
#pragma once

#include "local/state/alarms.hpp"

#include <boost/json.hpp>
#include <string>

namespace ecsr::local {

// "2026-11-24T12:00:00.000+0000", CloudWatch's own form inside of texts.
std::string cloudwatch_time(Instant at);

// HistoryData of a ConfigurationUpdate: {"version":"1.0","type":"Create","createdAlarm":{...}}.
// type: "Create", "Update" or "Delete".
std::string configuration_history(const Alarm& alarm, const char* type);

// Parts of it that other texts have too.
boost::json::array dimension_list(const std::map<std::string, std::string>& dimensions);
boost::json::array text_list(const std::vector<std::string>& texts);

} // namespace ecsr::local
