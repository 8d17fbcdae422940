#include "serve/turn.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "notify/run_listener.hpp"
#include "observe/observe.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::serve {

namespace {

// Progress in the log, each line with its service.
class RunLog : public run::Listener {
public:
    explicit RunLog(const ServiceId& id) : service_(to_string(id)) {}

    void on_settling(const std::string& what) override { write(LogLevel::Info, what); }
    void on_started(const recycle::Run& run) override {
        run_ = run.id;
        write(LogLevel::Info, run.phase == recycle::Phase::Preflight ? "Run begins" : "Run goes on");
    }
    void on_note(const recycle::Run& /*run*/, const recycle::Note& note) override {
        write(note.warning ? LogLevel::Warning : LogLevel::Info, note.text);
    }
    void on_change(const recycle::Run& /*run*/, const recycle::Perform& perform) override {
        write(LogLevel::Debug, fmt::format("{}: {}", recycle::describe(perform.change), perform.reason));
    }
    void on_trouble(const recycle::Run& /*run*/, const Error& error) override {
        write(LogLevel::Warning, error.message);
    }

    void write(LogLevel level, const std::string& text) const {
        LogFields fields{{"service", service_}};
        if (!run_.empty()) { fields.emplace_back("run", run_); }
        log(level, text, fields);
    }

private:
    const std::string service_;
    std::string run_;
};

RunSpec spec_of(const StartRun& start, std::uint64_t seed) {
    RunSpec spec = start.policy->run;
    spec.cluster = start.id.cluster;
    spec.service = start.id.name;
    spec.older_than = start.due.older_than;
    spec.started_by = to_string(start.due.trigger);
    spec.seed = seed;
    if (spec.reason.empty()) { spec.reason = start.due.why; }
    return spec;
}

// A run of a daemon, which is gone on with; what a person began or paused waits for that person.
bool is_ours(const recycle::Run& run) {
    return !run.spec.started_by.empty() && !run.paused;
}

void tell_end(const RunLog& run_log, const TurnOver& over, const std::string& why) {
    const LogLevel level = over.how == Ended::Done ? LogLevel::Info : LogLevel::Warning;
    const std::string tasks = over.recycled > 0 ? fmt::format(", {} tasks recycled", over.recycled) : "";
    run_log.write(level, fmt::format("Run {}{}: {}", over.outcome, tasks, why));
}

void judge(TurnOver& over, const act::RunRecord& record, bool stopping) {
    const recycle::Run& run = record.run;
    over.recycled = run.replaced.size();
    over.outcome = run.ending ? recycle::to_string(run.ending->outcome) : "failed";
    if (act::is_unfinished(run) && !run.paused) { over.left_unfinished = run.id; }
    const bool done = run.ending && run.ending->outcome == recycle::Outcome::Done;
    const bool refused = run.ending && run.ending->cause == ErrorKind::Refused && run.replaced.empty();
    if (done) {
        over.how = Ended::Done;
    } else if (refused) {
        over.how = Ended::Blocked;
        over.outcome = "blocked";
    } else if (stopping && run.ending && run.ending->outcome == recycle::Outcome::Stopped) {
        over.how = Ended::Interrupted;
    } else {
        over.how = over.trigger == Trigger::Resume && !over.left_unfinished.empty() ? Ended::Blocked : Ended::Failed;
    }
}

void judge(TurnOver& over, const Error& error) {
    const bool interrupted = error.kind == ErrorKind::Interrupted;
    over.how = interrupted ? Ended::Interrupted : Ended::Blocked;
    over.outcome = interrupted ? "interrupted" : "blocked";
}

Result<act::RunRecord> run_it(const StartRun& start, const RunSpec& spec, run::RunnerParts parts) {
    act::Journal& journal = parts.journal;
    run::Runner runner(std::move(parts));
    if (start.due.trigger != Trigger::Resume) { return runner.start(spec, false); }
    if (!start.due.put_back) { return runner.resume(start.unfinished_run, false); }
    const auto aborted = runner.abort(start.unfinished_run, "its window is closed", false);
    if (!aborted) { return std::unexpected(aborted.error()); }
    return aborted->record ? Result<act::RunRecord>(*aborted->record) : journal.load(start.unfinished_run);
}

// What a run would do, told in the log.
TurnOver plan_it(const StartRun& start, aws::Caller& caller, const TurnParts& parts, TurnOver over) {
    const RunLog run_log(start.id);
    const RunSpec spec = spec_of(start, 0);
    over.outcome = "planned";
    if (start.due.trigger == Trigger::Resume) {
        run_log.write(LogLevel::Info, "Read-only: would finish run " + start.unfinished_run);
        return over;
    }
    Snapshot snapshot;
    Observer observer(caller, spec.cluster, spec.service);
    const Instant now = parts.clock.now();
    const auto seen = observer.look(recycle::first_look(spec), snapshot, now, parts.interrupts.end_in_order);
    if (!seen) {
        judge(over, seen.error());
        tell_end(run_log, over, seen.error().message);
        return over;
    }
    const auto plan = recycle::plan(spec, snapshot, now);
    if (!plan.refusals.empty()) {
        run_log.write(LogLevel::Info, fmt::format("Read-only: would not recycle it ({}): {}", start.due.why,
                                                  plan.refusals.front().message));
    } else {
        run_log.write(LogLevel::Info, fmt::format("Read-only: would recycle {} of {} tasks, {} at a time ({})",
                                                  plan.tasks.size(), plan.desired_count, plan.batch, start.due.why));
    }
    return over;
}

} // namespace

TurnOver take_turn(const StartRun& start, const Place& place, TurnParts parts) {
    TurnOver over{.id = start.id,
                  .trigger = start.due.trigger,
                  .how = Ended::Done,
                  .outcome = {},
                  .left_unfinished = {},
                  .recycled = 0,
                  .began_at = start.began_at,
                  .ended_at = {}};
    const auto caller = count_calls(place.caller);
    if (parts.read_only) {
        over = plan_it(start, *caller, parts, std::move(over));
        over.ended_at = parts.clock.now();
        return over;
    }
    RunLog run_log(start.id);
    std::optional<notify::RunListener> telling;
    if (parts.notifier) { telling.emplace(run_log, *parts.notifier, parts.clock, place.region); }
    run_log.write(LogLevel::Info, "Due: " + start.due.why);
    const RunSpec spec = spec_of(start, parts.random.next());
    const auto record = run_it(start, spec,
                               {.caller = *caller,
                                .clock = parts.clock,
                                .journal = parts.journal,
                                .listener = telling ? static_cast<run::Listener&>(*telling) : run_log,
                                .random = parts.random,
                                .who = parts.who,
                                .process = parts.process,
                                .interrupts = parts.interrupts,
                                .ask = {},
                                .ask_unfinished = [](const act::RunRecord& left) {
                                    return is_ours(left.run) ? run::Unfinished::Resume : run::Unfinished::Refuse;
                                }});
    over.ended_at = parts.clock.now();
    if (record) {
        judge(over, *record, parts.interrupts.end_in_order.stop_requested());
        tell_end(run_log, over, record->run.ending ? record->run.ending->reason : "not finished");
    } else {
        judge(over, record.error());
        tell_end(run_log, over, record.error().message);
    }
    // What keeps a run from beginning is told once, however often it is tried.
    if (telling && (over.how != Ended::Blocked || !start.is_repeated)) { telling->tell_end(spec, record); }
    return over;
}

} // namespace ecsr::serve
