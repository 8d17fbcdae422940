// Helper processes (credential_process), without a shell.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::aws {

// See Environment::run. Standard input is empty; standard error is this process's own, so that the helper can tell the
// user what is wrong. The child leads a process group, and what is left of the group is killed before this returns.
Result<std::string> run_process(const std::vector<std::string>& argv, Millis timeout, const std::stop_token& stop);

// Splits as a POSIX shell splits words: blanks, '...', "..." and backslash; nothing is expanded. Errors: Usage (open
// quote, trailing backslash, no word at all); the text is not part of the message.
Result<std::vector<std::string>> split_command_line(std::string_view text);

} // namespace ecsr::aws
