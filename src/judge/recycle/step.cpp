#include "judge/recycle/step.hpp"

#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

// No step needs more phases than a run has; more would be a cycle without an action.
constexpr int phases_per_step_limit = 64;
// A run that is resumed no later than this after its next step was due has not been left alone.
constexpr Millis absence_between_steps{60'000};
// How long a change whose answer was lost gets to show up in reads before it counts as not made (ECS behaviour B12,
// G4).
constexpr Millis settle_after_lost_answer{10'000};

Next dispatch(Context& c) {
    switch (c.run.phase) {
    case Phase::Preflight: return preflight(c);
    case Phase::SuspendScaling: return suspend_scaling(c);
    case Phase::Surge: return surge(c);
    case Phase::AwaitFresh: return await_fresh(c);
    case Phase::ProtectOthers: return protect_others(c);
    case Phase::ReleaseVictims: return release_victims(c);
    case Phase::Lower: return lower(c);
    case Phase::AwaitGoing: return await_going(c);
    case Phase::StopVictims: return stop_victims(c);
    case Phase::AwaitReplaced: return await_replaced(c);
    case Phase::BetweenBatches: return between_batches(c);
    case Phase::ForceDeployment: return force_deployment(c);
    case Phase::AwaitDeployment: return await_deployment(c);
    case Phase::BackOut: return back_out(c);
    case Phase::RestoreDesired: return restore_desired(c);
    case Phase::AwaitSurplusGone: return await_surplus_gone(c);
    case Phase::RestoreProtection: return restore_protection(c);
    case Phase::RestoreScaling: return restore_scaling(c);
    case Phase::AwaitDrained: return await_drained(c);
    case Phase::Ended: return Finished{};
    }
    return Finished{};
}

Next settle_pending(Context& c) {
    if (!c.run.pending) { return std::nullopt; }
    const Instant since = c.run.pending_at.value_or(c.run.phase_since);
    const Instant settled_at = since + settle_after_lost_answer;
    Look look;
    look.service = true;
    look.scaling = std::holds_alternative<SetScaling>(*c.run.pending);
    look.protection = std::holds_alternative<ProtectTasks>(*c.run.pending);
    const std::string reason = "finding out whether the last change was made: " + describe(*c.run.pending);
    if (auto wait = look_if_stale(c, look, since, reason)) { return wait; }
    // A change that is taken for not made is forgotten: whoever does so too early leaves it in place, or takes it for
    // somebody else's.
    if (!pending_is_seen(c)) {
        if (c.now < settled_at) { return Wait{settled_at, look, reason, c.run.deadline}; }
        if (auto wait = look_if_stale(c, look, settled_at, reason)) { return wait; }
    }
    resolve_pending(c);
    return std::nullopt;
}

// What ends the run in every phase; phases in which a stop was ordered see it through first.
void watch_for_the_end(Context& c) {
    if (c.run.ending || c.run.phase == Phase::Preflight || c.run.phase == Phase::Ended) { return; }
    if (c.snapshot.service_missing || c.snapshot.service.status == "INACTIVE") {
        end_run(c, *failing_gate(c));
        return;
    }
    if (c.now >= c.run.deadline) {
        end_run(c, Ending{Outcome::TimedOut, "the run took longer than " + format_duration(c.run.spec.timeout), {}});
        return;
    }
    const bool stop_ordered = c.run.phase == Phase::AwaitGoing || c.run.phase == Phase::AwaitReplaced;
    const bool started_by_ecs = c.run.phase == Phase::AwaitDeployment || c.run.phase == Phase::AwaitDrained;
    const bool nothing_left = c.run.phase == Phase::BetweenBatches && c.run.remaining.empty();
    if (c.run.abort_requested && !stop_ordered && !started_by_ecs && !nothing_left) {
        end_run(c, Ending{Outcome::Stopped, c.run.abort_reason, {}});
    }
}

// A running task that the targets, read before the last listing, do not know may be healthy: who counts then finds
// fewer healthy tasks than there ever were.
bool targets_are_behind(const Snapshot& snapshot) {
    if (snapshot.service.target_groups.empty() || snapshot.targets_at >= snapshot.listed_at) { return false; }
    return !snapshot.targets_at || std::ranges::any_of(snapshot.tasks, [&](const auto& each) {
        return is_running(each.second) && !is_registered(snapshot, each.second);
    });
}

void measure_health(Context& c) {
    if (c.run.phase == Phase::Preflight || !c.snapshot.listed_at || c.snapshot.service_missing) { return; }
    if (targets_are_behind(c.snapshot)) { return; }
    const int healthy = healthy_count(c.snapshot);
    if (c.run.lowest_healthy < 0 || healthy < c.run.lowest_healthy) { c.run.lowest_healthy = healthy; }
}

Action next_action(Context& c) {
    if (c.run.trouble.retry_at && c.now < *c.run.trouble.retry_at) {
        return Wait{*c.run.trouble.retry_at, {}, "trying again after: " + c.run.trouble.last, c.run.deadline};
    }
    for (int i = 0; i < phases_per_step_limit; ++i) {
        if (auto action = settle_pending(c)) { return *action; }
        follow_desired_count(c);
        note_stopped_tasks(c);
        watch_for_the_end(c);
        if (auto action = dispatch(c)) { return *action; }
    }
    assertion_failed("a step reaches an action", __FILE__, __LINE__);
}

void note_end(Context& c) {
    if (c.run.ended_at || c.run.paused) { return; }
    c.run.ended_at = c.now;
    const bool left =
        c.run.desired_ours != c.run.desired_theirs || !c.run.protected_by_us.empty() || c.run.scaling_ours;
    c.run.restored = c.run.service_gone ? !c.run.scaling_ours : !left;
    if (c.run.ending && c.run.ending->outcome == Outcome::Done) { c.note("Task recycle completed successfully"); }
}

// Meanwhile somebody may have put right what the run was losing patience with.
bool has_been_left_alone(const Context& c) {
    return c.run.paused || c.run.phase == Phase::Ended || !c.run.next_step_at ||
           c.now - *c.run.next_step_at > absence_between_steps;
}

} // namespace

Decision step(Run run, const Snapshot& snapshot, Instant now) {
    Context c{std::move(run), snapshot, now, {}};
    c.run.service_gone = snapshot.service_missing || snapshot.service.status == "INACTIVE";
    measure_health(c);
    Action action = next_action(c);
    if (const auto* perform = std::get_if<Perform>(&action)) {
        c.run.pending = perform->change;
        c.run.pending_at = now;
        c.run.pending_from.reset();
    }
    const auto* wait = std::get_if<Wait>(&action);
    c.run.next_step_at = wait != nullptr ? wait->until : now;
    if (std::holds_alternative<Finished>(action)) { note_end(c); }
    return Decision{std::move(c.run), std::move(action), std::move(c.notes)};
}

Decision resume(Run run, Instant now) {
    static const Snapshot nothing;
    Context c{std::move(run), nothing, now, {}};
    c.run.trouble.retry_at.reset();
    // Patience is that of all the steps of a run: one that is resumed again and again, as by a state machine, would
    // never lose it otherwise. healthy_since stays in any case; the next look forgets those that are not healthy.
    if (has_been_left_alone(c)) {
        c.run.trouble.count = 0;
        c.run.trouble.since.reset();
        c.run.failed_starts = 0;
        c.run.phase_since = now;
    }
    if (c.run.pending) {
        if (!c.run.pending_from) { c.run.pending_from = c.run.pending_at; }
        c.run.pending_at = now;
    }
    if (c.run.paused) {
        c.run.paused = false;
        c.run.ending.reset();
        c.run.remaining.insert(c.run.remaining.begin(), c.run.batch.begin(), c.run.batch.end());
        c.run.batch.clear();
        c.run.phase = c.run.spec.strategy == Strategy::ForceDeployment ? Phase::AwaitDeployment : Phase::BetweenBatches;
    } else if (c.run.phase == Phase::Ended && !c.run.restored) {
        // Something could not be put back when it ended: that is tried again.
        c.run.ended_at.reset();
        c.run.phase = Phase::RestoreDesired;
    }
    c.note(fmt::format("Resuming run {} in phase {}", c.run.id, to_string(c.run.phase)));
    // With the new tasks, which may have died since, and those that are on their way out: a phase that finds them fresh
    // judges at once, so that a run which is resumed again and again gets on.
    Look anew = first_look(c.run.spec);
    anew.tasks.insert(anew.tasks.end(), c.run.batch.begin(), c.run.batch.end());
    anew.tasks.insert(anew.tasks.end(), c.run.fresh.begin(), c.run.fresh.end());
    for (const std::string& arn : still_draining(c.run)) { anew.tasks.push_back(arn); }
    Wait look_again{now, std::move(anew), "reading the service anew", now + Millis(60'000)};
    return Decision{std::move(c.run), std::move(look_again), std::move(c.notes)};
}

} // namespace ecsr::recycle
