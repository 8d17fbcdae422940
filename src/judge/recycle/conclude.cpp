#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis patience{5 * 60'000};            // with a world that fails, before the run ends
constexpr Millis patience_restoring{15 * 60'000}; // longer where giving up leaves something behind

struct Applied {
    Run& run;
    const Snapshot& snapshot;
    Instant now;

    void enter(Phase phase) const { enter_phase(run, phase, now); }

    void operator()(const SetDesiredCount& change) const {
        replace_desired(run, change.to, now);
        run.desired_written_at = now;
        run.restored = false;
        if (run.ending) { return; }
        if (run.phase == Phase::Surge) { enter(Phase::AwaitFresh); }
        if (run.phase == Phase::Lower) { enter(Phase::AwaitGoing); }
    }
    void operator()(const ProtectTasks& change) const {
        run.restored = false;
        for (const std::string& arn : change.task_arns) {
            if (change.enabled) {
                remember_protection(arn, change);
            } else {
                run.protected_by_us.erase(arn);
            }
        }
    }
    // Of a call that failed for some tasks: ECS has protected the others (ECS behaviour A4).
    void protected_in_part(const ProtectTasks& change) const {
        for (const std::string& arn : change.task_arns) {
            const auto told = snapshot.protection.find(arn);
            if (!change.enabled || told == snapshot.protection.end() || !told->second.enabled) { continue; }
            remember_protection(arn, change);
            run.restored = false;
        }
    }
    void remember_protection(const std::string& arn, const ProtectTasks& change) const {
        run.protected_by_us[arn] = now + change.expires_in;
        // A read that lags may show the longer one that we had set before.
        const auto told = snapshot.protection.find(arn);
        if (told != snapshot.protection.end() && told->second.expires_at) {
            Instant& longest = run.protection_told[arn];
            longest = std::max(longest, *told->second.expires_at);
        }
    }
    // Whether the task has gone is read from ECS; the answer is already in the snapshot.
    void operator()(const StopTask&) const { run.restored = false; }
    void operator()(const ForceNewDeployment&) const {
        const Deployment* primary = primary_deployment(snapshot.service);
        if (primary != nullptr) { run.deployment_id = primary->id; }
        run.restored = false;
        enter(Phase::AwaitDeployment);
    }
    void operator()(const SetScaling& change) const {
        run.restored = false;
        if (run.phase == Phase::RestoreScaling) {
            run.scaling_ours.reset();
        } else {
            run.scaling_ours = change.to;
            run.superseded.scaling_at = now;
            if (!run.scaling_before) { run.scaling_before = change.from; }
        }
    }
};

bool is_restoring(const Run& run) {
    return run.ending.has_value();
}

void clear_trouble(Run& run) {
    run.trouble.count = 0;
    run.trouble.since.reset();
    run.trouble.retry_at.reset();
}

// What cannot get better by trying again.
bool is_final(const Error& error) {
    switch (error.kind) {
    case ErrorKind::Usage:
    case ErrorKind::Credentials:
    case ErrorKind::Locked:
    case ErrorKind::Refused: return true;
    case ErrorKind::Remote: return error.http_status >= 400 && error.http_status < 500;
    default: return false;
    }
}

Outcome outcome_of(const Error& error) {
    if (error.kind == ErrorKind::Refused || error.kind == ErrorKind::Interrupted) { return Outcome::Stopped; }
    return Outcome::Failed;
}

// While putting things back: leaves out the one part that cannot be put back and goes on with the others.
void give_up_part(Run& run, const Error& error) {
    run.trouble.last = error.message;
    switch (run.phase) {
    case Phase::BackOut: run.phase = Phase::RestoreDesired; break;
    case Phase::RestoreDesired:
    case Phase::AwaitSurplusGone: run.phase = Phase::RestoreProtection; break;
    case Phase::RestoreProtection: run.phase = Phase::RestoreScaling; break;
    default:
        // The scalable target of a service that is gone can neither be used nor be changed.
        if (run.service_gone) { run.scaling_ours.reset(); }
        run.phase = Phase::Ended;
        break;
    }
    clear_trouble(run);
}

Run fail_run(Run run, const Error& error, const Snapshot& snapshot, Instant now) {
    if (error.kind == ErrorKind::Locked) {
        run.ending = Ending{Outcome::Failed, error.message, error.kind};
        run.phase = Phase::Ended;
        return run;
    }
    if (is_restoring(run)) {
        give_up_part(run, error);
        return run;
    }
    Context c{std::move(run), snapshot, now, {}};
    if (error.code == "DEPLOYMENT_BLOCKED") { // ECS behaviour A4, B13
        end_run(
            c, Ending{Outcome::Stopped, "somebody else's deployment is in flight, and protected tasks hold it up", {}});
        if (c.run.phase == Phase::BackOut) { c.run.phase = Phase::RestoreDesired; }
        return std::move(c.run);
    }
    end_run(c, Ending{outcome_of(error), error.message, error.kind});
    return std::move(c.run);
}

} // namespace

Run trouble(Run run, const Error& error, Instant now) {
    static const Snapshot nothing;
    if (error.kind == ErrorKind::Interrupted) { return run; }
    ++run.trouble.count;
    if (!run.trouble.since) { run.trouble.since = now; }
    run.trouble.last = error.message;
    const Millis limit = is_restoring(run) ? patience_restoring : patience;
    if (is_final(error) || now - *run.trouble.since > limit) { return fail_run(std::move(run), error, nothing, now); }
    const int doublings = std::min(run.trouble.count - 1, 5);
    run.trouble.retry_at = now + Millis(500) * (1 << doublings);
    return run;
}

Run conclude(Run run, const Status& result, const Snapshot& snapshot, Instant now) {
    run.looks.asked_at.reset();
    if (result) {
        ECSR_ASSERT(run.pending.has_value());
        const Change change = *run.pending;
        run.pending.reset();
        clear_trouble(run);
        std::visit(Applied{run, snapshot, now}, change);
        return run;
    }
    const Error& error = result.error();
    const auto* protect = run.pending ? std::get_if<ProtectTasks>(&*run.pending) : nullptr;
    if (protect != nullptr) { Applied{run, snapshot, now}.protected_in_part(ProtectTasks(*protect)); }
    if (error.request_may_have_been_executed) {
        run.pending_at = now;
    } else {
        run.pending.reset();
    }
    if (error.kind == ErrorKind::NotFound) {
        // Something we named is gone: look at everything again before deciding.
        run.phase_since = now;
    }
    return trouble(std::move(run), error, now);
}

} // namespace ecsr::recycle
