// The entries of the command table that concern notifications. Internal to the table.
#pragma once

#include "cli/option_table.hpp"

#include <string_view>
#include <vector>

namespace ecsr::cli {

// --config of the commands that work on one service.
OptionSpec older_input_option(std::string_view group);

// `shared`: the options that other commands have too, --config first.
CommandSpec notify_test_command(const std::vector<OptionSpec>& shared);

} // namespace ecsr::cli
