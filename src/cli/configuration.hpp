// Reads recycler.yaml from its file.
#pragma once

#include "cli/world.hpp"
#include "config/load.hpp"

#include <string>

namespace ecsr::cli {

// Error: NotFound, Usage (the file itself); everything else is a problem of what was loaded.
Result<config::Loaded> load_configuration(const std::string& file, const World& world);

} // namespace ecsr::cli
