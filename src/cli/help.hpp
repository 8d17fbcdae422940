// Texts made from the option table.
#pragma once

#include "cli/option_table.hpp"

#include <string>
#include <string_view>

namespace ecsr::cli {

std::string program_help();
std::string group_help(const CommandGroup& group);
std::string command_help(const CommandSpec& command);

// roff, section 1.
std::string man_page();

// Requires: shell is bash, zsh or fish.
std::string completion_script(std::string_view shell);

// "-q, --quiet", "--batch N|N%".
std::string option_heading(const OptionSpec& option);
// "default: oldest", "one of a, b", "may be repeated"; empty when there is nothing to say.
std::string option_notes(const OptionSpec& option);
// The groups of a command's visible options, in order of appearance.
std::vector<std::string_view> option_groups(const CommandSpec& command);

} // namespace ecsr::cli
