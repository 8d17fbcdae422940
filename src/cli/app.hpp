// The command line as a function: parse, dispatch, exit code.
#pragma once

#include "cli/world.hpp"

#include <string>
#include <vector>

namespace ecsr::cli {

// Runs one command to its end. `arguments` without the program's name. Returns the exit code (exit_code_table()).
int run(const std::vector<std::string>& arguments, World& world);

// "0.1.0".
std::string program_version();

} // namespace ecsr::cli
