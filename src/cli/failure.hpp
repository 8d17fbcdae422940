// How a command says that it failed.
#pragma once

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "cli/world.hpp"

namespace ecsr::cli {

int exit_code(ErrorKind kind);

// One line on standard error, "ecs-recycler recycle: ...", and with --output json {"error": {...}} on standard output.
// Returns the exit code.
int report_failure(const Error& error, const Invocation& invocation, World& world);

} // namespace ecsr::cli
