// The life of the function's process: initialise once, then one invocation after another.
#pragma once

#include "aws/environment.hpp"
#include "base/clock.hpp"
#include "base/mail.hpp"
#include "base/transport.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace ecsr::lambda {

struct LoopParts {
    Transport& transport;
    MailTransport& mail;
    Clock& clock;
    aws::Environment environment;
    std::uint64_t seed = 0;
    std::function<void(const std::string& name, const std::string& value)> set_variable; // for the trace id
    std::function<void(const std::string& line)> print; // standard output: lines of metrics
};

// Reads input.json beside the program, where there is one: whose credentials, and whom to tell.
// Returns the exit code: 0 when `stop` was requested, 1 when the Runtime API failed or the initialisation did (which
// was told to it before).
int run_loop(LoopParts parts, std::stop_token stop);

} // namespace ecsr::lambda
