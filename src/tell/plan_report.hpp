// What a recycle would do, for people and for machines.
#pragma once

#include "base/time.hpp"
#include "judge/recycle/step.hpp"
#include "model/prediction.hpp"

#include <string>

namespace ecsr::tell {

std::string plan_text(const RunSpec& spec, const recycle::Plan& plan, const Forecast& forecast, Instant now);
std::string plan_json(const RunSpec& spec, const recycle::Plan& plan, const Forecast& forecast);

} // namespace ecsr::tell
