#include "cli/failure.hpp"

#include "cli/parts.hpp"
#include "tell/error_json.hpp"

#include <fmt/ostream.h>

namespace ecsr::cli {

int exit_code(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Usage:
    case ErrorKind::NotFound: return 2;
    case ErrorKind::Refused:
    case ErrorKind::Interrupted: return 3;
    case ErrorKind::Locked: return 4;
    case ErrorKind::Credentials: return 5;
    case ErrorKind::Timeout: return 6;
    case ErrorKind::Throttled:
    case ErrorKind::Unreachable:
    case ErrorKind::Remote:
    case ErrorKind::Io: return 1;
    }
    return 1;
}

int report_failure(const Error& error, const Invocation& invocation, World& world) {
    fmt::print(world.console.err, "ecs-recycler {}: {}\n", invocation.command().name, error.message);
    if (wants_json(invocation)) { world.console.out << tell::error_json(error) << "\n"; }
    return exit_code(error.kind);
}

} // namespace ecsr::cli
