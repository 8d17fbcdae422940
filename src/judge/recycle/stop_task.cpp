// Drain method stop-task: one surge for the whole run, then StopTask on each victim. StopTask is bounded by nothing but
// us (ECS behaviour 0.1, B9), so the healthy count is checked before every single stop.
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis gate_freshness{10'000};
constexpr Millis replace_patience{20 * 60'000};

std::string stop_reason(const Run& run) {
    const std::string why = run.spec.reason.empty() ? "recycling" : run.spec.reason;
    return fmt::format("ecs-recycler run {}: {}", run.id, why);
}

const Task* next_to_stop(const Context& c) {
    for (const std::string& arn : c.run.batch) {
        const Task* task = find_task(c, arn);
        if (task != nullptr && is_live(*task)) { return task; }
    }
    return nullptr;
}

// Tasks beyond the desired count, which ECS is about to take: somebody scaled in.
int surplus(const Context& c) {
    return std::max(0, static_cast<int>(live_tasks(c.snapshot).size()) - c.run.desired_ours);
}

// With stop-task the newcomer appears after its victim is gone.
void credit_newcomers(Context& c) {
    for (Replacement& replacement : c.run.replaced) {
        if (!replacement.replaced_by.empty()) { continue; }
        const auto fresh = uncredited_tasks(c);
        if (fresh.empty()) { return; }
        replacement.replaced_by = fresh.front()->arn;
        c.run.taken_as_replacement.push_back(fresh.front()->arn);
    }
}

bool all_stopped(const Context& c) {
    return std::ranges::all_of(c.run.batch, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        return c.snapshot.missing.contains(arn) || (task != nullptr && is_stopped(*task));
    });
}

} // namespace

void record_stopped_victims(Context& c) {
    for (const std::string& arn : c.run.batch) {
        const bool recorded =
            std::ranges::any_of(c.run.replaced, [&](const Replacement& r) { return r.task_arn == arn; });
        const Task* task = find_task(c, arn);
        if (!recorded && task != nullptr && !is_live(*task)) { record_replacement(c, *task); }
    }
}

Next stop_victims(Context& c) {
    if (auto wait =
            look_if_older_than(c, gate_look(c), gate_freshness, "checking the gates before a task is stopped")) {
        return wait;
    }
    if (auto wait =
            look_if_stale(c, Look{.protection = true}, c.run.phase_since, "checking who protects the chosen tasks")) {
        return wait;
    }
    record_stopped_victims(c);
    const bool blocked = std::ranges::any_of(c.run.batch, [&](const auto& arn) { return protected_by_others(c, arn); });
    if (blocked && c.run.spec.wait_for_protection) {
        return wait_for(c, Look{.protection = true}, "a chosen task is protected from scale-in by somebody else",
                        Millis(0), c.run.deadline);
    }
    leave_out_protected(c);
    const Task* victim = next_to_stop(c);
    if (victim == nullptr) {
        c.enter(Phase::AwaitReplaced);
        return std::nullopt;
    }
    if (auto ending = failing_gate(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    const int healthy = healthy_count(c.snapshot);
    const int left = healthy - (is_healthy(c.snapshot, *victim) ? 1 : 0) - surplus(c);
    if (left < healthy_floor(c.run)) {
        return wait_for(
            c, gate_look(c),
            fmt::format("{} healthy: stopping a task would leave fewer than {}", healthy, healthy_floor(c.run)),
            c.run.learned_start, c.run.deadline);
    }
    c.note(fmt::format("Recycling task {}/{}: {}", c.run.replaced.size() + 1, c.run.replaced.size() + tasks_left(c.run),
                       victim->arn));
    return Perform{StopTask{victim->arn, stop_reason(c.run)}, fmt::format("{} stay healthy without it", left)};
}

Next await_replaced(Context& c) {
    Look look = gate_look(c);
    look.tasks = c.run.batch;
    if (auto wait = look_if_stale(c, look, c.run.phase_since, "waiting for " + short_list(c.run.batch) + " to stop")) {
        return wait;
    }
    record_stopped_victims(c);
    credit_newcomers(c);
    // The surge counts as long as it is in place: somebody who sets the desired count takes it away.
    const int wanted = c.run.desired_ours - c.run.spec.max_unavailable.of(c.run.desired_theirs);
    const int healthy = standing_healthy(c);
    const bool stopped = all_stopped(c);
    if (stopped && healthy >= wanted) {
        // A first look that already finds the batch replaced was late: the next one comes earlier.
        const Millis seen = c.now - c.run.phase_since - c.run.healthy_for;
        c.run.learned_going = std::max(Millis(1), c.run.polls <= 1 ? seen * 9 / 10 : seen);
        c.run.batch.clear();
        end_batch(c);
        return std::nullopt;
    }
    const std::string reason = !stopped ? fmt::format("waiting for {} to be STOPPED", short_list(c.run.batch))
                                        : fmt::format("{} of {} tasks healthy{}", healthy, wanted, event_hint(c));
    if (c.now > c.run.phase_since + replace_patience) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("not replaced within {}: {}", format_duration(replace_patience), reason),
                          {}});
        return std::nullopt;
    }
    return wait_for(c, std::move(look), reason,
                    std::max(c.run.learned_going, c.run.batch_number == 1 ? c.run.learned_start : Millis(0)),
                    c.run.phase_since + replace_patience);
}

} // namespace ecsr::recycle
