// The table of `runs ...`: command_table() takes it in; the commands themselves are in runs_command.cpp.
#pragma once

#include "cli/option_table.hpp"

#include <vector>

namespace ecsr::cli {

// `reading`: the options that say which journal and how to print; `working`: those of who works on a run.
std::vector<CommandSpec> runs_commands(const std::vector<OptionSpec>& reading, const std::vector<OptionSpec>& working);

} // namespace ecsr::cli
