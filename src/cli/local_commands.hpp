// The entries of the command table that concern a local ECS that runs. Internal to the table.
#pragma once

#include "cli/option_table.hpp"

#include <vector>

namespace ecsr::cli {

// `service`, `aws` and `output`: the options that other commands have too.
std::vector<CommandSpec> local_steering_commands(const std::vector<OptionSpec>& service,
                                                 const std::vector<OptionSpec>& aws,
                                                 const std::vector<OptionSpec>& output);

} // namespace ecsr::cli
