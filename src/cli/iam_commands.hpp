// The entry of the command table that concerns rights in AWS. Internal to the table.
#pragma once

#include "cli/option_table.hpp"

#include <vector>

namespace ecsr::cli {

// `shared`: the options that other commands have too.
CommandSpec iam_policy_command(const std::vector<OptionSpec>& shared);

} // namespace ecsr::cli
