// The State as JSON text and back.
#pragma once

#include "base/error.hpp"
#include "local/state/state.hpp"

#include <string>
#include <string_view>

namespace ecsr::local {

std::string state_to_json(const State& state);

// What state_to_json wrote, also by an older version: a missing member keeps its default. The random numbers go on
// where they were. Error: Io, with the place that is wrong ("tasks.3.last_status: ...").
Result<State> state_from_json(std::string_view text);

} // namespace ecsr::local
