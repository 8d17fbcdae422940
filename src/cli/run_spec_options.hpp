// The options of "recycle" as the engine takes them.
#pragma once

#include "cli/command_line.hpp"
#include "model/run_spec.hpp"

#include <cstdint>

namespace ecsr::cli {

// Requires: an invocation of "recycle". `seed` counts where --seed is not given. Error: Usage.
Result<RunSpec> run_spec(const Invocation& invocation, std::uint64_t seed);

// Options that are right one by one but not together. Error: Usage, names them and what is allowed.
Status check_together(const RunSpec& spec);

} // namespace ecsr::cli
