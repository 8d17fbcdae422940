// One question and its answer over a Unix stream socket, as the command sockets of daemons (HAProxy) speak it.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <string>

namespace ecsr {

// Connects to `path`, sends `command`, reads until the other side closes, all within `timeout`.
// Errors: Unreachable (nobody listens there, or the connection broke), Timeout, Io (path too long for a Unix socket).
Result<std::string> unix_socket_exchange(const std::string& path, const std::string& command, Millis timeout);

} // namespace ecsr
