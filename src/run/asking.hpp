// A question to the person, while the hold on the service is kept alive. Internal to run/.
#pragma once

#include "act/held_run.hpp"
#include "run/answer.hpp"
#include "run/runner.hpp"

#include <optional>
#include <string>

namespace ecsr::run {

class Asking {
public:
    Asking(RunnerParts& parts, act::HeldRun& held) : parts_(&parts), held_(&held) {}

    // The answer; nothing when an interrupt or a request to abort came first. No input at all counts as "no". Error:
    // the hold was lost while the person was thinking.
    Result<std::optional<Answer>> ask(const std::string& question);

private:
    std::optional<Answer> ask_until_valid(const std::string& question, const std::stop_token& stop);

    RunnerParts* parts_;
    act::HeldRun* held_;
};

} // namespace ecsr::run
