// One invocation: from its event to its answer. Drives the same Runner as the command line does.
#pragma once

#include "act/journal.hpp"
#include "aws/call.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "lambda/answers.hpp"
#include "lambda/event.hpp"
#include "lambda/runtime_api.hpp"
#include "notify/notifier.hpp"
#include "run/runner.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace ecsr::lambda {

// All references must outlive the Handler.
struct HandlerParts {
    aws::Caller& caller;
    Clock& clock;
    act::Journal& journal;
    bool journal_lasts = false; // other invocations see it
    Random random;
    // Another invocation of this function is asked to go on with `event`.
    std::function<Status(const std::string& event)> invoke_again;
    // A line of metrics in CloudWatch's embedded format.
    std::function<void(const std::string& line)> tell_metrics;
    notify::Notifier* notifier = nullptr; // who tells people; null: nobody is to be told
};

class Watch;

// The JSON document of the answer, or what the invocation failed of.
using Answer = std::expected<std::string, RuntimeError>;

class Handler {
public:
    Handler(HandlerParts parts, Settings settings) : parts_(std::move(parts)), settings_(std::move(settings)) {}

    // Ends in time before the invocation's deadline: what is left then is done by another invocation - by the caller,
    // where the event says "step", else by one that is asked for here.
    Answer handle(const InvocationRequest& request);

private:
    Answer handle_in_window(const Event& event, const InvocationRequest& request);
    std::optional<std::string> closed_now(const Event& event) const;
    Result<std::string> left_behind(const RunSpec& spec);
    Answer handle_event(const Event& event, const InvocationRequest& request);
    Answer conclude(const Event& event, const InvocationRequest& request, const Result<act::RunRecord>& result,
                    const Watch& watch);
    bool goes_on(const Result<act::RunRecord>& result, const Watch& watch) const;
    void tell_end(const Event& event, const Result<act::RunRecord>& result, Watch& watch);
    AnswerFacts facts_so_far(const Event& event, const Watch& watch) const;
    // Every failure of a run is counted, also of one that could not begin.
    Answer count_failure(const AnswerFacts& facts, std::string type, std::string message) const;
    Answer ended(const Event& event, const act::RunRecord& record, const Watch& watch);
    Answer go_on(const Event& event, const Watch& watch);
    Answer go_on_from_cutoff(const Event& event, const act::RunRecord& record, const Watch& watch);

    HandlerParts parts_;
    const Settings settings_;
};

// "Recycler.ServiceHeld", "Recycler.BadEvent", ...: the error type that an invocation fails with.
std::string error_type(ErrorKind kind);

} // namespace ecsr::lambda
