// Drain method stop-task: one surge for the whole run, then StopTask on each victim. StopTask is bounded by nothing but
// us (ECS behaviour 0.1, B9), so the healthy count is checked before every single stop.
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis gate_freshness{2'000}; // each stop is decided by what is, not by what was before the last one
constexpr Millis protection_freshness{10'000};
constexpr Millis scale_in_settles{20'000}; // a decision of the scheduler takes no longer (ECS behaviour B3)
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

// Tasks beyond the desired count, which ECS is about to take: somebody scaled in. For a while it may do so although the
// surge is put on top again, if it decided in between.
int surplus(const Context& c) {
    const auto& changed_at = c.run.superseded.desired_by_others_at;
    const bool scaled_in = changed_at && c.now - *changed_at < scale_in_settles &&
                           c.run.desired_theirs < c.run.superseded.desired_by_others;
    const int wanted = scaled_in ? c.run.desired_theirs : c.run.desired_ours;
    return std::max(0, static_cast<int>(live_tasks(c.snapshot).size()) - wanted);
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

// Live tasks that are not victims and are healthy at present, for however short a time.
int healthy_now(const Context& c) {
    const auto live = live_tasks(c.snapshot);
    const auto victims = victims_of(c.run);
    return static_cast<int>(std::ranges::count_if(
        live, [&](const Task* task) { return !victims.contains(task->arn) && is_healthy(c.snapshot, *task); }));
}

bool fewer_running_than_known(const Context& c) {
    const auto live = live_tasks(c.snapshot);
    return c.snapshot.service.running_count <
           std::ranges::count_if(live, [](const Task* task) { return is_running(*task); });
}

// All that the gates before the next stop judge by: the service, whose events list the tasks, and each task anew.
Look replaced_look(const Context& c) {
    Look look{.service = true, .list_tasks = true, .describe_listed = true, .tasks = c.run.batch};
    look.targets = !c.snapshot.service.target_groups.empty();
    return look;
}

// Since when a new task has run, where nothing but that vouches for it: ECS tells it by its own clock, by which it also
// told the victims to stop. That was before this phase began, so a task never seems to have run longer than it has.
void date_health_back(Context& c) {
    std::optional<Instant> last_stop;
    for (const std::string& arn : c.run.batch) {
        const Task* victim = find_task(c, arn);
        if (victim == nullptr || !victim->stopping_at) { return; }
        last_stop = std::max(last_stop.value_or(*victim->stopping_at), *victim->stopping_at);
    }
    if (!last_stop) { return; }
    for (const Task* task : live_tasks(c.snapshot)) {
        if (!is_new(c, *task) || !is_running(*task) || !task->started_at || is_vouched_for(c.snapshot, *task)) {
            continue;
        }
        const Instant since = c.run.phase_since + std::max(Millis(0), *task->started_at - *last_stop);
        const auto known = c.run.healthy_since.try_emplace(task->arn, since).first;
        known->second = std::min({known->second, since, c.now});
    }
}

Expected expected_replacing(const Context& c) {
    const bool is_first = c.run.batch_number == 1;
    return {.after = std::max(c.run.learned.going, is_first ? c.run.learned.start : Millis(0)),
            .is_guess = is_first,
            .since = {},
            .step = {},
            .moments = {}};
}

// What the next batch should expect. Where the tasks' own times tell when all was as it should be, looks need not find
// it out.
void learn_replacing(Context& c) {
    const auto live = live_tasks(c.snapshot);
    if (c.run.healthy_for == Millis(0) || c.run.healthy_since.empty() || live.empty() ||
        is_vouched_for(c.snapshot, *live.front())) {
        c.run.learned.going = learned_span(c, c.run.healthy_for, expected_replacing(c).after);
        return;
    }
    Instant since{};
    for (const auto& [arn, at] : c.run.healthy_since) { since = std::max(since, at); }
    Millis learned = since + c.run.healthy_for - waiting_since(c.run);
    for (const std::string& arn : c.run.batch) {
        const Task* victim = find_task(c, arn);
        if (victim == nullptr || !victim->stopping_at || !victim->stopped_at) { continue; }
        learned = std::max(learned, *victim->stopped_at - *victim->stopping_at);
    }
    c.run.learned.going = std::max(Millis(1), learned);
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
    // The service last: what somebody does to it between the look and the stop is not seen. Before a stop it may be
    // waited long, and a batch has many: protection is read again.
    if (auto wait = look_if_older_than(c, Look{.protection = true}, protection_freshness,
                                       "checking who protects the chosen tasks")) {
        return wait;
    }
    Look gates = gate_look(c);
    gates.service = false;
    if (auto wait = look_if_older_than(c, gates, gate_freshness, "checking the gates before a task is stopped")) {
        return wait;
    }
    if (auto wait = read_before_write(c)) { return wait; }
    // Targets stay healthy for a while after their task has died; the service counts it no more at once.
    if (fewer_running_than_known(c)) {
        if (auto wait = look_if_stale(c, Look{.list_tasks = true, .describe_listed = true}, *c.snapshot.service_at,
                                      "a task has died: reading them anew before another is stopped")) {
            return wait;
        }
    }
    record_stopped_victims(c);
    const bool blocked = std::ranges::any_of(c.run.batch, [&](const auto& arn) { return protected_by_others(c, arn); });
    if (blocked && c.run.spec.wait_for_protection) {
        return wait_for(c, Look{.protection = true}, "a chosen task is protected from scale-in by somebody else", {},
                        c.run.deadline);
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
            {.after = c.run.learned.start, .is_guess = true, .since = {}, .step = {}, .moments = {}}, c.run.deadline);
    }
    c.note(fmt::format("Recycling task {}/{}: {}", c.run.replaced.size() + 1, c.run.replaced.size() + tasks_left(c.run),
                       victim->arn));
    return Perform{StopTask{victim->arn, stop_reason(c.run)}, fmt::format("{} stay healthy without it", left)};
}

Next await_replaced(Context& c) {
    const Expected expected = expected_replacing(c);
    const Instant patience_ends = c.run.phase_since + replace_patience;
    Look look = replaced_look(c);
    if (auto wait = look_if_stale(c, look, c.run.phase_since, "waiting for " + short_list(c.run.batch) + " to stop")) {
        // All of it: the answer to StopTask is fresh, but not what the task is by then.
        return wait_for(c, look, std::get<Wait>(*wait).reason, expected, patience_ends);
    }
    date_health_back(c);
    record_stopped_victims(c);
    credit_newcomers(c);
    // The surge counts as long as it is in place: somebody who sets the desired count takes it away.
    const int wanted = c.run.desired_ours - c.run.spec.max_unavailable.of(c.run.desired_theirs);
    const int healthy = standing_healthy(c);
    const bool stopped = all_stopped(c);
    if (stopped && healthy >= wanted) {
        learn_replacing(c);
        c.run.batch.clear();
        end_batch(c);
        return std::nullopt;
    }
    if (stopped && healthy_now(c) >= wanted) { return wait_for_healthy_for(c, wanted); }
    const std::string reason = !stopped ? fmt::format("waiting for {} to be STOPPED", short_list(c.run.batch))
                                        : fmt::format("{} of {} tasks healthy{}", healthy, wanted, event_hint(c));
    if (c.now > patience_ends) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("not replaced within {}: {}", format_duration(replace_patience), reason),
                          {}});
        return std::nullopt;
    }
    return wait_for(c, std::move(look), reason, expected, patience_ends);
}

} // namespace ecsr::recycle
