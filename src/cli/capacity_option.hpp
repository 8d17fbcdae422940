// --capacity of `local up`: what all tasks together may take.
#pragma once

#include "base/error.hpp"
#include "local/state/state.hpp"

#include <string>

namespace ecsr::cli {

// "cpu=4096,memory=8192,tasks=20", in any order, each of them once or not at all: CPU units, MiB, tasks. Error: Usage,
// without the name of the flag.
Result<local::Capacity> parse_capacity(const std::string& text);

} // namespace ecsr::cli
