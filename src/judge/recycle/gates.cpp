#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

std::optional<Ending> gate_on_service(const Context& c) {
    if (c.snapshot.service_missing || c.snapshot.service.status == "INACTIVE") {
        return Ending{Outcome::Failed, fmt::format("service {} was deleted during the run", c.run.spec.service), {}};
    }
    if (c.snapshot.service.status == "DRAINING") {
        return Ending{Outcome::Failed, fmt::format("service {} is being deleted", c.run.spec.service), {}};
    }
    return std::nullopt;
}

std::optional<Ending> gate_on_deployments(const Context& c) {
    if (foreign_deployment(c)) {
        const Deployment* primary = primary_deployment(c.snapshot.service);
        return Ending{Outcome::Stopped, fmt::format("somebody else's deployment {} is in flight", primary->id), {}};
    }
    return std::nullopt;
}

std::optional<Ending> gate_on_alarms(const Context& c) {
    for (const AlarmState& alarm : c.snapshot.alarms) {
        if (alarm.state == "ALARM") {
            return Ending{Outcome::Stopped, fmt::format("alarm {} is in ALARM", alarm.name), {}};
        }
    }
    return std::nullopt;
}

// How far the clock of this machine may be from that of ECS, and an answer from its call.
constexpr Millis clock_tolerance{5 * 60'000};

// Whether protection that is found after an earlier process died over its call is what that process asked for. Somebody
// may have protected the task since; only the expiry tells, and a clock that is wrong by more than the tolerance tells
// nothing. In doubt it is somebody else's: ours ends by itself, theirs must not be taken away.
bool is_of_earlier_process(const Context& c, const ProtectTasks& protect, const TaskProtection& found) {
    if (!c.run.pending_from || !found.expires_at) { return true; }
    const Instant expected = *c.run.pending_from + protect.expires_in;
    return std::chrono::abs(*found.expires_at - expected) <= clock_tolerance;
}

// A read that lags shows a count that was replaced not long before it was made.
bool may_be_former(const Run& run, int count, Instant read_at) {
    const auto& former = run.superseded.desired;
    // Somebody's change may have been seen at the very time of our write, just before it.
    const auto by_our_last_write = std::find_if(former.rbegin(), former.rend(), [&](const FormerDesired& each) {
        return each.until == run.desired_written_at;
    });
    return std::ranges::any_of(former, [&](const FormerDesired& each) {
        const bool last = by_our_last_write != former.rend() && &each == &*by_our_last_write;
        return each.count == count && read_at - each.until < (last ? stale_read_window : usual_read_lag);
    });
}

struct Seen {
    const Context& c;

    bool operator()(const SetDesiredCount& change) const { return c.snapshot.service.desired_count == change.to; }
    bool operator()(const ProtectTasks& change) const {
        return !change.enabled || std::ranges::all_of(change.task_arns, [&](const std::string& arn) {
            const Task* task = find_task(c, arn);
            const auto told = c.snapshot.protection.find(arn);
            const bool is_protected = told != c.snapshot.protection.end() && told->second.enabled;
            return is_protected || (task != nullptr && !is_live(*task));
        });
    }
    bool operator()(const StopTask&) const { return true; }
    bool operator()(const ForceNewDeployment&) const {
        const Deployment* primary = primary_deployment(c.snapshot.service);
        return primary != nullptr && primary->id != c.run.deployment_id;
    }
    // Somebody may have changed the limits since: scale-in tells more than they do.
    bool operator()(const SetScaling& change) const {
        if (!c.snapshot.scalable_target) { return false; }
        const ScalableTarget& found = *c.snapshot.scalable_target;
        const bool switched = change.from.suspended.dynamic_scaling_in != change.to.suspended.dynamic_scaling_in;
        return found.suspended.dynamic_scaling_in == change.to.suspended.dynamic_scaling_in &&
               (switched || found.max_capacity == change.to.max_capacity);
    }
};

} // namespace

bool foreign_deployment(const Context& c) {
    const Deployment* primary = primary_deployment(c.snapshot.service);
    const bool rolling = c.run.spec.strategy == Strategy::Rolling;
    if (!rolling || c.run.deployment_id.empty() || primary == nullptr) { return false; }
    return primary->id != c.run.deployment_id || deployment_in_flight(c.snapshot.service);
}

std::optional<Ending> failing_gate(const Context& c) {
    if (auto ending = gate_on_service(c)) { return ending; }
    if (c.run.abort_requested) { return Ending{Outcome::Stopped, c.run.abort_reason, {}}; }
    if (c.now >= c.run.deadline) {
        return Ending{Outcome::TimedOut, "the run took longer than " + format_duration(c.run.spec.timeout), {}};
    }
    if (auto ending = gate_on_deployments(c)) { return ending; }
    if (c.run.desired_theirs == 0) { return Ending{Outcome::Stopped, "somebody else scaled the service to 0", {}}; }
    return gate_on_alarms(c);
}

void end_run(Context& c, Ending ending) {
    if (c.run.ending) { return; }
    if (ending.outcome != Outcome::Done) { c.warn("Stopping: " + ending.reason); }
    if (c.run.drain == Drain::StopTask) { record_stopped_victims(c); }
    // Of a service that is being deleted nothing is left to go on with.
    const bool pause = c.run.spec.on_error == OnError::Pause && ending.outcome == Outcome::Failed && !c.run.restored &&
                       !gate_on_service(c);
    c.run.ending = std::move(ending);
    c.run.trouble.retry_at.reset();
    c.run.trouble.count = 0;
    c.run.trouble.since.reset();
    if (pause) {
        c.run.paused = true;
        c.warn("Paused as asked by --on-error pause: nothing is put back until `runs resume` or `runs abort`");
        c.enter(Phase::Ended);
        return;
    }
    // While somebody else's deployment replaces tasks, our protection only stands in its way: it goes first.
    const bool surplus = c.run.desired_ours > c.run.desired_theirs && !foreign_deployment(c);
    c.enter(surplus ? Phase::BackOut : Phase::RestoreDesired);
}

void replace_desired(Run& run, int to, Instant now) {
    auto& former = run.superseded.desired;
    std::erase_if(former, [&](const FormerDesired& each) { return now - each.until >= stale_read_window; });
    former.push_back({run.desired_ours, now});
    run.desired_ours = to;
}

void follow_desired_count(Context& c) {
    const Snapshot& s = c.snapshot;
    if (c.run.phase == Phase::Preflight || c.run.phase == Phase::Ended || !s.service_at || s.service_missing) {
        return;
    }
    if (c.run.spec.strategy == Strategy::ForceDeployment || c.run.pending) { return; }
    if (s.service.status != "ACTIVE" || s.service.desired_count == c.run.desired_ours) { return; }
    if (s.service_at < c.run.desired_written_at) { return; }
    if (may_be_former(c.run, s.service.desired_count, *s.service_at)) { return; }
    // What is put back anyway: a read that lags, or whose age a wrong clock hides, must not keep us from writing it.
    if (c.run.ending && s.service.desired_count == c.run.desired_theirs) { return; }
    c.note(fmt::format("Desired count was changed by somebody else: {} -> {}; it is kept", c.run.desired_ours,
                       s.service.desired_count));
    c.run.superseded.desired_by_others = c.run.desired_ours;
    c.run.superseded.desired_by_others_at = c.now;
    c.run.desired_theirs = s.service.desired_count;
    replace_desired(c.run, s.service.desired_count, c.now);
    const bool in_batch =
        (c.run.phase >= Phase::AwaitFresh && c.run.phase <= Phase::Lower) || c.run.phase == Phase::StopVictims;
    if (in_batch && !c.run.ending) { c.enter(Phase::Surge); }
}

bool pending_is_seen(const Context& c) {
    return !c.run.pending || std::visit(Seen{c}, *c.run.pending);
}

void resolve_pending(Context& c) {
    if (!c.run.pending) { return; }
    const Change change = *c.run.pending;
    const bool made = pending_is_seen(c);
    c.run.pending.reset();
    if (const auto* protect = std::get_if<ProtectTasks>(&change); protect != nullptr && protect->enabled) {
        for (const std::string& arn : protect->task_arns) {
            const auto told = c.snapshot.protection.find(arn);
            if (told == c.snapshot.protection.end() || !told->second.enabled) { continue; }
            if (!is_of_earlier_process(c, *protect, told->second)) {
                c.warn(fmt::format("Task {} is protected until {}, and this run does not know by whom: it stays so",
                                   short_id(arn), to_rfc3339(*told->second.expires_at)));
                continue;
            }
            c.run.protected_by_us.try_emplace(arn, c.now + protect->expires_in);
            if (told->second.expires_at) { c.run.protection_told.try_emplace(arn, *told->second.expires_at); }
            c.run.restored = false;
        }
    } else if (made && !std::holds_alternative<ProtectTasks>(change) && !std::holds_alternative<StopTask>(change)) {
        // ECS behaviour G4: a lost answer may hide a deployment that was started; never start a second one.
        c.run.pending = change;
        c.run = conclude(std::move(c.run), Status{}, c.snapshot, c.now);
    }
}

} // namespace ecsr::recycle
