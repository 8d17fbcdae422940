// The entries of the command table that concern the daemon. Internal to the table.
#pragma once

#include "cli/option_table.hpp"

#include <vector>

namespace ecsr::cli {

// `shared`: the options that other commands have too.
CommandSpec serve_command(const std::vector<OptionSpec>& shared);
CommandSpec config_check_command(const std::vector<OptionSpec>& shared);

} // namespace ecsr::cli
