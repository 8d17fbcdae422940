// What can go wrong because of the world, as a value.
//
// Failures of the network, of AWS, of files and of the user's input are Errors and travel in a Result.
// A bug is not an Error: it stops the program on ECSR_ASSERT.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace ecsr {

enum class ErrorKind {
    Usage,       // the user's input or configuration; exit code 2
    Refused,     // a gate or a preflight check said no; exit code 3
    Locked,      // another run holds the service; exit code 4
    Credentials, // no credentials, expired, or not permitted; exit code 5
    Timeout,     // a deadline passed
    Interrupted, // the user or the system asked to stop
    NotFound,    // the thing named does not exist (cluster, service, task, run)
    Throttled,   // AWS refused the rate, and retrying did not help
    Unreachable, // no answer: refused, reset, DNS, TLS
    Remote,      // AWS or another server answered with an error
    Io,          // a file, a process or a database of this machine
};

const char* to_string(ErrorKind kind);

struct Error {
    ErrorKind kind = ErrorKind::Io;
    std::string message; // one line, complete, without secrets; says what, where and what is allowed
    std::string code;    // the server's error code ("ClusterNotFoundException"), else empty
    int http_status = 0; // 0 when there was no HTTP answer
    bool request_may_have_been_executed = false; // the answer was lost after the request was sent

    // The same error with `context: ` in front of its message.
    Error with_context(const std::string& context) &&;
};

template <typename T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

std::unexpected<Error> fail(ErrorKind kind, std::string message);

// Prints what, file and line to stderr and aborts. For ECSR_ASSERT only.
[[noreturn]] void assertion_failed(const char* what, const char* file, int line);

} // namespace ecsr

// Stays on in every build: a broken invariant must stop the program, not a service.
#define ECSR_ASSERT(condition)                                                                                         \
    (static_cast<bool>(condition) ? void(0) : ::ecsr::assertion_failed(#condition, __FILE__, __LINE__))
