// How long a run may take, wherever that is written.
#pragma once

#include "base/time.hpp"

#include <string_view>

namespace ecsr {

// At least 1s: with no time at all, a run would end before it begins. Error: Usage.
Result<Millis> parse_run_timeout(std::string_view text);

} // namespace ecsr
