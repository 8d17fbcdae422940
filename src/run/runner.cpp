#include "run/runner.hpp"

#include "base/text.hpp"
#include "run/drive.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::run {

namespace {

constexpr Millis surplus_patience{3 * 60'000};
constexpr Millis surplus_poll{2'000};
constexpr Millis read_lag{3'000}; // of reads behind what the restore has written (ECS behaviour B12)

} // namespace

struct Runner::Parts : RunnerParts {
    explicit Parts(RunnerParts parts) : RunnerParts(std::move(parts)) {}

    act::Claim claim(bool force) { return {who, clock.now(), lock_ttl, force, process}; }

    // The outcome of settle_unfinished().
    struct Settled {
        bool restored = false;                 // the service was changed: read it again
        std::optional<act::RunRecord> resumed; // instead of a new run
    };
    // Finishes or restores what an earlier run left.
    Result<Settled> settle_unfinished(Runner& runner, const std::string& service_key, bool force);
    // After a restore: until reads show it, as the new run puts back what it reads first; and until ECS has stopped the
    // surplus tasks, so that it does not count on them. Gives up waiting for that after a while, as the run's own
    // preflight judges what it finds.
    Status await_calm(const RunSpec& spec);
    // A new run, and the service as it is at its beginning.
    Result<std::pair<recycle::Run, Snapshot>> begin(const RunSpec& spec);
};

namespace {

std::unexpected<Error> is_over(const recycle::Run& run) {
    const char* outcome = run.ending ? recycle::to_string(run.ending->outcome) : "done";
    return fail(ErrorKind::Usage, fmt::format("run {} has ended ({}) and left nothing behind", run.id, outcome));
}

std::unexpected<Error> not_finished(const act::RunRecord& record) {
    return fail(ErrorKind::Locked,
                fmt::format("run {} of service {} was not finished: finish it with `ecs-recycler runs resume {}`, or "
                            "put everything back with `ecs-recycler runs abort {}`",
                            record.run.id, record.service_key, record.run.id, record.run.id));
}

} // namespace

Runner::Runner(RunnerParts parts) : parts_(std::make_unique<Parts>(std::move(parts))) {}
Runner::~Runner() = default;

Result<Runner::Parts::Settled> Runner::Parts::settle_unfinished(Runner& runner, const std::string& service_key,
                                                                bool force) {
    const auto found = journal.unfinished(service_key);
    if (!found) { return std::unexpected(found.error()); }
    if (!*found) { return Settled{}; }
    const act::RunRecord& record = **found;
    if (act::is_held(record.holder, clock.now()) && !force) {
        return std::unexpected(act::held_error(service_key, *record.holder, clock.now()));
    }
    Unfinished choice = force ? Unfinished::Restore : Unfinished::Refuse;
    if (!force && ask_unfinished) { choice = ask_unfinished(record); }
    // Somebody asked to end it, and its holder died before it could.
    if (choice == Unfinished::Resume && record.abort_ask) { choice = Unfinished::Restore; }
    if (choice == Unfinished::Refuse) { return not_finished(record); }
    if (choice == Unfinished::Resume) {
        auto resumed = runner.resume(record.run.id, force);
        if (!resumed) { return std::unexpected(resumed.error()); }
        return Settled{true, std::move(*resumed)};
    }
    const auto restored = runner.abort(record.run.id, "a new run begins", force);
    if (!restored && (!force || restored.error().kind == ErrorKind::Interrupted)) {
        return std::unexpected(restored.error());
    }
    return Settled{true, {}};
}

Status Runner::Parts::await_calm(const RunSpec& spec) {
    const auto interrupted =
        fail(ErrorKind::Interrupted, "interrupted before the new run began; nothing is left to put back");
    listener.on_settling("waiting until ECS shows what the earlier run has put back");
    if (!clock.sleep_until(clock.now() + read_lag, interrupts.end_in_order)) { return interrupted; }
    const Instant deadline = clock.now() + surplus_patience;
    Observer observer(caller, spec.cluster, spec.service);
    while (true) {
        Snapshot snapshot;
        const Look look{.service = true, .list_tasks = true};
        if (auto seen = observer.look(look, snapshot, clock.now(), interrupts.end_in_order); !seen) { return seen; }
        const auto listed = static_cast<int>(snapshot.listed.size());
        if (listed <= snapshot.service.desired_count || clock.now() >= deadline) { return {}; }
        listener.on_settling(fmt::format("{} tasks, {} wanted: waiting for the surplus of the earlier run to go",
                                         listed, snapshot.service.desired_count));
        if (!clock.sleep_until(clock.now() + surplus_poll, interrupts.end_in_order)) { return interrupted; }
    }
}

Result<std::pair<recycle::Run, Snapshot>> Runner::Parts::begin(const RunSpec& spec) {
    recycle::Run run = recycle::begin(random.hex(10), spec, clock.now());
    Snapshot snapshot;
    Observer observer(caller, spec.cluster, spec.service);
    const auto seen = observer.look(recycle::first_look(spec), snapshot, clock.now(), interrupts.end_in_order);
    if (!seen) { return std::unexpected(seen.error()); }
    return std::pair(std::move(run), std::move(snapshot));
}

Result<act::RunRecord> Runner::start(const RunSpec& spec, bool force) {
    RunnerParts& parts = *parts_;
    aws::CallCounts baseline = parts.caller.counts();
    auto begun = parts_->begin(spec);
    if (!begun) { return std::unexpected(begun.error()); }
    const std::string key = act::service_key(begun->second.service);
    auto settled = parts_->settle_unfinished(*this, key, force);
    if (!settled) { return std::unexpected(settled.error()); }
    if (settled->resumed) { return std::move(*settled->resumed); }
    if (settled->restored) {
        if (auto calm = parts_->await_calm(spec); !calm) { return std::unexpected(calm.error()); }
        baseline = parts.caller.counts();
        begun = parts_->begin(spec);
        if (!begun) { return std::unexpected(begun.error()); }
    }
    const auto lock = parts.journal.begin(begun->first, key, parts_->claim(force));
    if (!lock) { return std::unexpected(lock.error()); }
    act::HeldRun held(parts.journal, *lock, parts.clock, parts.caller, {}, std::move(baseline));
    return Drive(parts, std::move(held), std::move(begun->first), std::move(begun->second)).go(std::nullopt);
}

Result<act::RunRecord> Runner::resume(const std::string& id, bool force, std::optional<Millis> timeout) {
    RunnerParts& parts = *parts_;
    const auto found = parts.journal.load(id);
    if (!found) { return std::unexpected(found.error()); }
    if (!act::is_unfinished(found->run)) { return is_over(found->run); }
    const auto lock = parts.journal.take(found->run.id, parts_->claim(force));
    if (!lock) { return std::unexpected(lock.error()); }
    // Its last holder may have gone on between the two.
    auto record = parts.journal.load(found->run.id);
    if (!record) { return std::unexpected(record.error()); }
    // Its last holder died before it could do what it was asked for.
    const bool to_be_ended = record->abort_ask && !record->run.ending;
    if (to_be_ended) { record->run = recycle::abort(std::move(record->run), *record->abort_ask); }
    const Instant now = RunClock(parts.clock, record->run).now();
    if (!timeout && parts.renews_deadline && now >= record->run.deadline) { timeout = record->run.spec.timeout; }
    if (timeout) { record->run = recycle::prolong(std::move(record->run), *timeout, now); }
    recycle::Decision decision = recycle::resume(record->run, now);
    if (to_be_ended) {
        decision.notes.push_back({"It was asked to end: " + *record->abort_ask + "; everything is put back", true});
    }
    act::HeldRun held(parts.journal, *lock, parts.clock, parts.caller, record->calls, parts.caller.counts());
    return Drive(parts, std::move(held), std::move(record->run), {}).go(std::move(decision));
}

Result<Aborted> Runner::abort(const std::string& id, const std::string& reason, bool force) {
    RunnerParts& parts = *parts_;
    const auto found = parts.journal.load(id);
    if (!found) { return std::unexpected(found.error()); }
    if (!act::is_unfinished(found->run)) { return is_over(found->run); }
    if (act::is_held(found->holder, parts.clock.now()) && !force) {
        if (auto asked = parts.journal.request_abort(found->run.id, reason); !asked) {
            return std::unexpected(asked.error());
        }
        return Aborted{found->holder, {}};
    }
    const auto lock = parts.journal.take(found->run.id, parts_->claim(force));
    if (!lock) { return std::unexpected(lock.error()); }
    auto record = parts.journal.load(found->run.id);
    if (!record) { return std::unexpected(record.error()); }
    const Instant now = RunClock(parts.clock, record->run).now();
    recycle::Decision decision = recycle::resume(recycle::abort(record->run, reason), now);
    act::HeldRun held(parts.journal, *lock, parts.clock, parts.caller, record->calls, parts.caller.counts());
    auto ended = Drive(parts, std::move(held), std::move(record->run), {}).go(std::move(decision));
    if (!ended) { return std::unexpected(ended.error()); }
    return Aborted{{}, std::move(*ended)};
}

Result<std::optional<act::RunRecord>> Runner::find_unfinished(const RunSpec& spec) {
    return run::find_unfinished(parts_->caller, parts_->clock, parts_->journal, spec, parts_->interrupts.end_in_order);
}

Result<std::optional<act::RunRecord>> find_unfinished(aws::Caller& caller, Clock& clock, act::Journal& journal,
                                                      const RunSpec& spec, std::stop_token stop) {
    Snapshot snapshot;
    Observer observer(caller, spec.cluster, spec.service);
    const auto seen = observer.look(Look{.service = true}, snapshot, clock.now(), stop);
    if (!seen) { return std::unexpected(seen.error()); }
    return journal.unfinished(act::service_key(snapshot.service));
}

} // namespace ecsr::run
