#include "base/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace ecsr {

const char* to_string(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Usage: return "usage";
    case ErrorKind::Refused: return "refused";
    case ErrorKind::Locked: return "locked";
    case ErrorKind::Credentials: return "credentials";
    case ErrorKind::Timeout: return "timeout";
    case ErrorKind::Interrupted: return "interrupted";
    case ErrorKind::NotFound: return "not found";
    case ErrorKind::Throttled: return "throttled";
    case ErrorKind::Unreachable: return "unreachable";
    case ErrorKind::Remote: return "remote";
    case ErrorKind::Io: return "io";
    }
    return "unknown";
}

Error Error::with_context(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
}

std::unexpected<Error> fail(ErrorKind kind, std::string message) {
    Error error;
    error.kind = kind;
    error.message = std::move(message);
    return std::unexpected(std::move(error));
}

void assertion_failed(const char* what, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    std::abort();
}

} // namespace ecsr
