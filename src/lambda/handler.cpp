#include "lambda/handler.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "lambda/answers.hpp"
#include "lambda/watch.hpp"
#include "notify/run_listener.hpp"
#include "run/exit_code.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace ecsr::lambda {

namespace {

// A holder that died is given up by its lock after this time.
constexpr Millis lock_patience{30'000};
constexpr Millis time_to_tell{10'000};

std::unexpected<RuntimeError> failed(std::string type, std::string message) {
    return std::unexpected(RuntimeError{std::move(type), std::move(message)});
}

bool is_done(const recycle::Run& run) {
    return run.ending && run.ending->outcome == recycle::Outcome::Done;
}

std::string outcome_type(const recycle::Run& run) {
    if (!run.ending) { return "Recycler.Unfinished"; }
    if (run.ending->cause) { return error_type(*run.ending->cause); }
    switch (run.ending->outcome) {
    case recycle::Outcome::Done: return "Recycler.NotRestored";
    case recycle::Outcome::Failed: return "Recycler.Failed";
    case recycle::Outcome::Stopped: return "Recycler.Stopped";
    case recycle::Outcome::TimedOut: return "Recycler.TimedOut";
    case recycle::Outcome::RolledBack: return "Recycler.RolledBack";
    }
    return "Recycler.Failed";
}

std::string describe_end(const recycle::Run& run) {
    return fmt::format("run {} of {}/{} {}: {}{}", run.id, run.spec.cluster, run.spec.service,
                       run.ending ? recycle::to_string(run.ending->outcome) : "is unfinished",
                       run.ending ? run.ending->reason : "", run.restored ? "" : "; not everything was put back");
}

} // namespace

std::string error_type(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Usage: return "Recycler.BadEvent";
    case ErrorKind::Refused: return "Recycler.Refused";
    case ErrorKind::Locked: return "Recycler.ServiceHeld";
    case ErrorKind::Credentials: return "Recycler.NotPermitted";
    case ErrorKind::Timeout: return "Recycler.TimedOut";
    case ErrorKind::NotFound: return "Recycler.NotFound";
    case ErrorKind::Throttled: return "Recycler.Throttled";
    case ErrorKind::Interrupted:
    case ErrorKind::Unreachable:
    case ErrorKind::Remote:
    case ErrorKind::Io: return "Recycler.Failed";
    }
    return "Recycler.Failed";
}

Answer Handler::handle(const InvocationRequest& request) {
    const auto event = parse_event(request.event, settings_, parts_.clock.now());
    if (!event) {
        if (is_scheduled(request.event)) { return scheduled_error(400, event.error().message); }
        return failed(error_type(ErrorKind::Usage), event.error().message);
    }
    for (const std::string& name : event->unknown) {
        log(LogLevel::Warning, fmt::format("event: {} means nothing here and is ignored", name));
    }
    if (!parts_.journal_lasts && (event->step || !event->run_id.empty())) {
        return failed(error_type(ErrorKind::Usage),
                      "event: step and run_id need a journal that other invocations see: set ECS_RECYCLER_TABLE");
    }
    Answer answer = handle_in_window(*event, request);
    if (!answer) { log(LogLevel::Error, answer.error().message, {{"error_type", answer.error().type}}); }
    if (!answer && event->kind == EventKind::Scheduled) { return scheduled_error(500, answer.error().message); }
    return answer;
}

Answer Handler::handle_in_window(const Event& event, const InvocationRequest& request) {
    auto skipped = closed_now(event);
    if (!skipped) { return handle_event(event, request); }
    const auto left = left_behind(event.spec);
    if (!left) { return failed(error_type(left.error().kind), left.error().message); }
    if (left->empty()) { return *std::move(skipped); }
    log(LogLevel::Warning, fmt::format("Run {} was left unfinished: going on with it, though none may begin", *left));
    Event rest = event;
    rest.run_id = *left;
    return handle_event(rest, request);
}

// The run of the service whose invocation was killed: nobody else puts back what it left in place. Empty: none.
Result<std::string> Handler::left_behind(const RunSpec& spec) {
    if (!parts_.journal_lasts) { return ""; }
    const auto found = run::find_unfinished(parts_.caller, parts_.clock, parts_.journal, spec, {});
    if (!found) { return std::unexpected(found.error()); }
    if (!*found || act::is_held((*found)->holder, parts_.clock.now())) { return ""; }
    return (*found)->run.id;
}

// The answer where no run may begin now; one that has begun is gone on with.
std::optional<std::string> Handler::closed_now(const Event& event) const {
    const Instant now = parts_.clock.now();
    if (!event.run_id.empty() || event.hop > 0 || schedule::is_open(event.windows, now)) { return std::nullopt; }
    const Skipped skipped{.cluster = event.spec.cluster,
                          .service = event.spec.service,
                          .reason = schedule::why_closed(event.windows, now),
                          .next_opening = schedule::next_open(event.windows, now).transform([&](Instant at) {
                              return event.zone.text(at);
                          }),
                          .at = now};
    log(LogLevel::Info, describe(skipped));
    return event.step ? skipped_step(skipped) : skipped_answer(skipped);
}

Answer Handler::handle_event(const Event& event, const InvocationRequest& request) {
    Watch watch(parts_.clock, time_limits(parts_.clock.now(), request.deadline, settings_.margin, parts_.journal_lasts),
                event);
    const bool begins_anew = event.kind == EventKind::Scheduled;
    std::optional<notify::RunListener> teller;
    if (parts_.notifier != nullptr) { teller.emplace(watch, *parts_.notifier, parts_.clock, parts_.caller.region()); }
    const bool tells_start = teller && event.run_id.empty() && event.hop == 0;
    run::Runner runner({.caller = parts_.caller,
                        .clock = parts_.clock,
                        .journal = parts_.journal,
                        .listener = tells_start ? static_cast<run::Listener&>(*teller) : watch,
                        .random = Random(parts_.random.next()),
                        .who = fmt::format("lambda {} request {}", settings_.function, request.request_id),
                        .interrupts = {watch.end_in_order(), watch.leave_now()},
                        .ask = {},
                        .ask_unfinished = [&](const act::RunRecord& record) {
                            log(LogLevel::Info, fmt::format("Run {} is unfinished: {}", record.run.id,
                                                            begins_anew ? "settling it first" : "going on with it"));
                            return begins_anew ? run::Unfinished::Restore : run::Unfinished::Resume;
                        }});
    if (event.run_id.empty()) {
        const auto result = runner.start(event.spec, false);
        tell_end(event, result, watch);
        return conclude(event, request, result, watch);
    }
    const auto found = parts_.journal.load(event.run_id);
    if (!found) { return failed(error_type(found.error().kind), found.error().message); }
    if (!act::is_unfinished(found->run)) { return ended(event, *found, watch); }
    const auto result = runner.resume(event.run_id, false);
    tell_end(event, result, watch);
    return conclude(event, request, result, watch);
}

// Another invocation does what is left.
bool Handler::goes_on(const Result<act::RunRecord>& result, const Watch& watch) const {
    if (!result) { return result.error().kind == ErrorKind::Interrupted && watch.run().has_value(); }
    const recycle::Run& run = result->run;
    return watch.ran_out_of_time() && !parts_.journal_lasts && run.restored && run.ending &&
           run.ending->outcome == recycle::Outcome::Stopped;
}

// Before the answer: Lambda stops the process at once after it.
void Handler::tell_end(const Event& event, const Result<act::RunRecord>& result, Watch& watch) {
    if (parts_.notifier == nullptr) { return; }
    if (!goes_on(result, watch)) {
        notify::RunListener teller(watch, *parts_.notifier, parts_.clock, parts_.caller.region());
        teller.tell_end(event.spec, result);
    }
    parts_.notifier->drain(time_to_tell);
}

Answer Handler::conclude(const Event& event, const InvocationRequest& request, const Result<act::RunRecord>& result,
                         const Watch& watch) {
    if (result) {
        return goes_on(result, watch) ? go_on_from_cutoff(event, *result, watch) : ended(event, *result, watch);
    }
    const Error& error = result.error();
    if (goes_on(result, watch)) { return go_on(event, watch); }
    if (error.kind == ErrorKind::Locked && event.step && !event.run_id.empty()) {
        // The invocation before this one was killed while it held the run.
        AnswerFacts facts;
        facts.cluster = event.spec.cluster;
        facts.service = event.spec.service;
        facts.run_id = event.run_id;
        facts.outcome = "continued";
        facts.at = parts_.clock.now();
        log(LogLevel::Warning, error.message, {{"request_id", request.request_id}});
        return step_answer(facts, false, lock_patience);
    }
    return count_failure(facts_so_far(event, watch), error_type(error.kind), error.message);
}

// Of a run that may not have begun.
AnswerFacts Handler::facts_so_far(const Event& event, const Watch& watch) const {
    if (watch.run()) { return facts_of(*watch.run(), parts_.clock.now()); }
    AnswerFacts facts;
    facts.cluster = event.spec.cluster;
    facts.service = event.spec.service;
    facts.run_id = event.run_id;
    facts.at = parts_.clock.now();
    return facts;
}

Answer Handler::count_failure(const AnswerFacts& facts, std::string type, std::string message) const {
    if (!facts.cluster.empty()) { parts_.tell_metrics(metrics_line(facts, true)); } // else no service to count it for
    return failed(std::move(type), std::move(message));
}

Answer Handler::ended(const Event& event, const act::RunRecord& record, const Watch& watch) {
    const recycle::Run& run = record.run;
    AnswerFacts facts = facts_of(run, parts_.clock.now());
    facts.task_definition = watch.task_definition();
    const bool good = is_done(run) && run.restored;
    parts_.tell_metrics(metrics_line(facts, !good));
    if (!good) { return failed(outcome_type(run), describe_end(run)); }
    if (event.step) { return step_answer(facts, true, Millis(0)); }
    return event.kind == EventKind::Scheduled ? scheduled_answer(facts) : recycle_answer(facts);
}

// The run is left where it stands, in a journal that others see.
Answer Handler::go_on(const Event& event, const Watch& watch) {
    AnswerFacts facts = facts_of(*watch.run(), parts_.clock.now());
    facts.task_definition = watch.task_definition();
    if (event.step) { return step_answer(facts, false, watch.wait_left()); }
    if (event.spec.strategy == Strategy::ForceDeployment && !watch.ran_out_of_time()) {
        parts_.tell_metrics(metrics_line(facts, false));
        return event.kind == EventKind::Scheduled ? scheduled_answer(facts) : recycle_answer(facts);
    }
    if (!parts_.journal_lasts) {
        return count_failure(facts, "Recycler.TimedOut",
                             fmt::format("run {} was left {}: raise the function's timeout or set ECS_RECYCLER_TABLE",
                                         facts.run_id,
                                         facts.restored ? "with nothing in place" : "before all was put back"));
    }
    if (event.hop >= most_hops) {
        return count_failure(
            facts, "Recycler.TimedOut",
            fmt::format("run {} is not done after {} invocations; it can be resumed", facts.run_id, event.hop));
    }
    if (auto asked = parts_.invoke_again(continue_run_event(facts.run_id, event.hop + 1)); !asked) {
        return count_failure(facts, "Recycler.CannotContinue",
                             fmt::format("run {} is left, to be resumed: {}", facts.run_id, asked.error().message));
    }
    return event.kind == EventKind::Scheduled ? scheduled_answer(facts) : recycle_answer(facts);
}

// The run has ended restored because the time was up; what is left of it is older than its cut-off.
Answer Handler::go_on_from_cutoff(const Event& event, const act::RunRecord& record, const Watch& watch) {
    AnswerFacts facts = facts_of(record.run, parts_.clock.now());
    facts.outcome = "continued";
    facts.task_definition = watch.task_definition();
    const recycle::Run& run = record.run;
    if (event.hop >= most_hops || run.replaced.empty()) {
        return count_failure(
            facts, "Recycler.TimedOut",
            fmt::format("the function's timeout is too short to replace one task ({} invocations so far); "
                        "everything was put back",
                        event.hop + 1));
    }
    const auto next = continue_cutoff_event(event, run.cutoff, run.deadline, event.hop + 1);
    if (auto asked = parts_.invoke_again(next); !asked) {
        return count_failure(facts, "Recycler.CannotContinue",
                             fmt::format("{} tasks recycled, {} left: {}", facts.tasks_recycled, facts.tasks_left,
                                         asked.error().message));
    }
    parts_.tell_metrics(metrics_line(facts, false));
    return event.kind == EventKind::Scheduled ? scheduled_answer(facts) : recycle_answer(facts);
}

} // namespace ecsr::lambda
