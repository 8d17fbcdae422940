// A run as the JSON text that the journal keeps.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "judge/recycle/run.hpp"

#include <map>
#include <string>
#include <string_view>

namespace ecsr::act {

// {"version": 1, "run": {...}}; members and enumerators as in judge/recycle/run.hpp, times as RFC 3339.
std::string run_to_json(const recycle::Run& run);

// Errors Io: damaged (with the path of what is wrong), or written by a newer version.
Result<recycle::Run> run_from_json(std::string_view text);

std::string calls_to_json(const aws::CallCounts& calls);
Result<aws::CallCounts> calls_from_json(std::string_view text);

std::string facts_to_json(const std::map<std::string, std::string>& facts);
Result<std::map<std::string, std::string>> facts_from_json(std::string_view text);

} // namespace ecsr::act
