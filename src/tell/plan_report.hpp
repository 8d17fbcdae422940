// What a recycle would do, for people and for machines.
#pragma once

#include "base/time.hpp"
#include "judge/recycle/step.hpp"

#include <string>

namespace ecsr::tell {

std::string plan_text(const RunSpec& spec, const recycle::Plan& plan, Instant now);
std::string plan_json(const RunSpec& spec, const recycle::Plan& plan);

} // namespace ecsr::tell
