// A fault on purpose, as people write it:
//
//   OPERATION:KIND[:SHARE]            'StopTask:throttle:0.2'    '*:500:0.05'    'Update*:lost-answer'
//   OPERATION:latency:TIME[:SHARE]    'DescribeTasks:latency:300ms:0.5'
//   SERVICE:start-failure[:SHARE]     'web:start-failure:0.5'
//
// OPERATION is an operation of any AWS API that the local ECS serves, the beginning of its name and '*', or '*' for
// all; SERVICE is the name of an ECS service, or '*'. SHARE is how many of them it hits, above 0 and up to 1 (default:
// all).
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

enum class FaultKind {
    Throttle,     // "throttle": refused as too fast
    ServerError,  // "500": refused, HTTP 500
    Unavailable,  // "503": refused, HTTP 503
    Latency,      // "latency": answered later
    LostAnswer,   // "lost-answer": done, but the connection is closed instead of an answer
    StartFailure, // "start-failure": a task whose container does not start
};

struct Fault {
    std::string target; // OPERATION or SERVICE
    FaultKind kind = FaultKind::Throttle;
    Millis latency{0}; // of Latency
    double share = 1;

    bool operator==(const Fault&) const = default;
};

// Error Usage: one line with the text, what is wrong with it and what is allowed. `operations`: all that are served.
Result<Fault> parse_fault(std::string_view text, const std::vector<std::string_view>& operations);

// parse_fault reads it back.
std::string to_text(const Fault& fault);

// Whether it is about this operation or service.
bool is_aimed_at(const Fault& fault, std::string_view name);

} // namespace ecsr::local
