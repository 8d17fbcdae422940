// Drain method scale-in: protect everything but the victims, lower the desired count, and let ECS deregister, drain and
// stop exactly them (ECS behaviour B9 (a), B13).
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis gate_freshness{10'000};
constexpr Millis protection_freshness{60'000};
constexpr Millis own_protection_freshness{5'000}; // of a read before protection that we set is taken away
constexpr Millis going_patience{10 * 60'000};
// ECS allows ten minutes more (ECS behaviour B13): whoever asks for the most is told apart by the expiry.
constexpr std::chrono::minutes longest_protection{2870};

// Long enough for the run; short enough that it heals by itself if nobody ever resumes the run.
std::chrono::minutes protection_time(const Context& c) {
    const auto left = std::chrono::ceil<std::chrono::minutes>(c.run.deadline - c.now) + std::chrono::minutes(15);
    return std::min(left, longest_protection);
}

// Somebody took it away. One that nothing is told of is there: the read was made before the task was known.
bool lost_our_protection(const Context& c, const std::string& arn) {
    const auto found = c.snapshot.protection.find(arn);
    return found != c.snapshot.protection.end() && !found->second.enabled;
}

// The first of them, as many as one call protects.
std::vector<std::string> unprotected_others(const Context& c) {
    std::vector<std::string> arns;
    const auto victims = victims_of(c.run);
    for (const Task* task : live_tasks(c.snapshot)) {
        if (victims.contains(task->arn)) { continue; }
        const auto ours = c.run.protected_by_us.find(task->arn);
        const bool by_us = ours != c.run.protected_by_us.end() && ours->second > c.now + Millis(60'000) &&
                           !lost_our_protection(c, task->arn);
        if (!by_us && !protected_by_others(c, task->arn)) { arns.push_back(task->arn); }
        if (arns.size() == static_cast<std::size_t>(protection_chunk)) { break; }
    }
    return arns;
}

bool all_going(Context& c) {
    std::vector<const Task*> gone;
    std::erase_if(c.run.batch, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        if (c.snapshot.missing.contains(arn) && task == nullptr) { return true; }
        if (task == nullptr || is_live(*task)) { return false; }
        gone.push_back(task);
        return true;
    });
    record_replacements(c, gone);
    return c.run.batch.empty();
}

// Scale-in took another task although the victims were the only ones without protection (it may have expired, or a
// read was stale): an old one counts as recycled, and the victims come round again.
void follow_wrong_choice(Context& c) {
    for (const auto& [arn, task] : c.snapshot.tasks) {
        // By what ECS says, not by when: its clock and ours may differ (ECS behaviour C3).
        const bool ordered = !is_live(task) && task.stopped_reason.starts_with("Scaling activity initiated by");
        const bool waiting = std::ranges::find(c.run.remaining, arn) != c.run.remaining.end();
        if (ordered && waiting) {
            c.warn(fmt::format("ECS stopped task {} instead of the chosen one", short_id(arn)));
            std::erase(c.run.remaining, arn);
            record_replacement(c, task);
        }
    }
    ++c.run.lower_attempts;
    c.run.remaining.insert(c.run.remaining.begin(), c.run.batch.begin(), c.run.batch.end());
    c.run.batch.clear();
    if (c.run.lower_attempts >= lower_attempts_limit) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("ECS stopped other tasks than the chosen ones {} times", c.run.lower_attempts),
                          {}});
    } else {
        c.enter(Phase::BetweenBatches);
    }
}

// The scheduler's reaction varies a lot and is short beside the start of the next tasks: what a look less may cost is
// measured by that.
Expected expected_going(const Context& c) {
    return {
        .after = c.run.learned.going, .is_guess = true, .since = {}, .step = c.run.learned.start / 55, .moments = {}};
}

// How long ECS took to choose the tasks that go: as it tells by its own clock, where that agrees with our looks.
Millis learned_reaction(const Context& c) {
    const Instant since = waiting_since(c.run);
    Instant chosen{};
    for (const Replacement& replacement : c.run.replaced) {
        if (replacement.batch == c.run.batch_number) { chosen = std::max(chosen, replacement.stop_ordered_at); }
    }
    const bool agrees = chosen > std::max(since, c.run.looks.too_early_at.value_or(since)) && chosen <= c.now;
    return agrees ? chosen - since : learned_span(c, Millis(0), c.run.learned.going);
}

void finish_batch(Context& c) {
    c.run.learned.going = learned_reaction(c);
    c.run.lower_attempts = 0;
    end_batch(c);
}

} // namespace

Next protect_others(Context& c) {
    // Protecting a task that somebody protected since would shorten, and in the end remove, theirs.
    // And after a call that named a task which has ended meanwhile: which ones there are.
    const bool again = c.run.trouble.count > 0;
    if (auto wait = look_if_stale(c, Look{.list_tasks = again, .protection = true}, c.run.phase_since,
                                  "checking who protects tasks")) {
        return wait;
    }
    std::vector<std::string> arns = unprotected_others(c);
    if (arns.empty()) {
        c.enter(Phase::ReleaseVictims);
        return std::nullopt;
    }
    return Perform{ProtectTasks{std::move(arns), true, protection_time(c)},
                   "scale-in must only be able to take the chosen tasks"};
}

Next release_victims(Context& c) {
    const bool ours =
        std::ranges::any_of(c.run.batch, [&](const auto& arn) { return c.run.protected_by_us.contains(arn); });
    if (auto wait =
            look_if_older_than(c, Look{.protection = true}, ours ? own_protection_freshness : protection_freshness,
                               "checking who protects the chosen tasks")) {
        return wait;
    }
    const bool blocked = std::ranges::any_of(c.run.batch, [&](const auto& arn) { return protected_by_others(c, arn); });
    if (blocked && c.run.spec.wait_for_protection) {
        return wait_for(c, Look{.protection = true}, "a chosen task is protected from scale-in by somebody else", {},
                        c.run.deadline);
    }
    leave_out_protected(c);
    if (c.run.batch.empty()) {
        c.enter(Phase::BetweenBatches);
        return std::nullopt;
    }
    std::vector<std::string> release;
    for (const std::string& arn : c.run.batch) {
        if (c.run.protected_by_us.contains(arn)) { release.push_back(arn); }
    }
    if (release.empty()) {
        c.enter(Phase::Lower);
        return std::nullopt;
    }
    return Perform{ProtectTasks{first_chunk(std::move(release)), false, {}}, "the chosen tasks must not be protected"};
}

Next lower(Context& c) {
    // The service first: its counts tell whether the last listing still holds.
    if (auto wait = read_before_write(c)) { return wait; }
    if (auto wait =
            look_if_older_than(c, gate_look(c), gate_freshness, "checking the gates before tasks are stopped")) {
        return wait;
    }
    if (auto ending = failing_gate(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    const bool newcomer = !unprotected_others(c).empty();
    const bool victim_lost = std::ranges::any_of(c.run.batch, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        return task == nullptr || !is_live(*task);
    });
    const int standing = standing_healthy(c);
    if (surely_left(c, standing) < healthy_floor(c.run) || newcomer || victim_lost) {
        // The world moved while we prepared: victims that are gone leave the batch, then it is prepared again.
        std::erase_if(c.run.batch, [&](const std::string& arn) {
            const Task* task = find_task(c, arn);
            if (task != nullptr && is_live(*task)) { return false; }
            c.run.skipped.push_back({arn, "it ended by itself before its turn; ECS replaced it"});
            return true;
        });
        c.enter(c.run.batch.empty() ? Phase::BetweenBatches : Phase::AwaitFresh);
        return std::nullopt;
    }
    const std::size_t all = c.run.replaced.size() + tasks_left(c.run);
    for (std::size_t i = 0; i < c.run.batch.size(); ++i) {
        c.note(fmt::format("Recycling task {}/{}: {}", c.run.replaced.size() + 1 + i, all, c.run.batch[i]));
    }
    const int to = c.run.desired_theirs + c.run.surge - static_cast<int>(c.run.batch.size());
    if (to == c.run.desired_ours) {
        c.enter(Phase::AwaitGoing);
        return std::nullopt;
    }
    return Perform{
        SetDesiredCount{c.run.desired_ours, std::max(0, to)},
        fmt::format("{} healthy without them: ECS now drains and stops {}", standing, short_list(c.run.batch))};
}

Next await_going(Context& c) {
    // The service tells in its events whom it stops, and what the next batch needs before it raises the desired count.
    Look look{.service = true, .list_tasks = true, .going = c.run.batch};
    if (auto wait = look_if_stale(c, look, c.run.phase_since, "waiting for ECS to stop " + short_list(c.run.batch))) {
        // All of it: the answer to the change is fresh, but ECS had no time to act on it.
        return wait_for(c, look, std::get<Wait>(*wait).reason, expected_going(c), c.run.phase_since + going_patience);
    }
    if (all_going(c)) {
        finish_batch(c);
        return std::nullopt;
    }
    const std::string reason = fmt::format("waiting for ECS to stop {}{}", short_list(c.run.batch), event_hint(c));
    if (c.now > c.run.phase_since + going_patience) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("ECS did not stop {} within {}{}", short_list(c.run.batch),
                                      format_duration(going_patience), event_hint(c)),
                          {}});
        return std::nullopt;
    }
    if (c.now > c.run.phase_since + going_grace) {
        look.tasks = c.run.batch;
        look.protection = true;
        if (c.snapshot.protection_at && *c.snapshot.protection_at > c.run.phase_since) { leave_out_protected(c); }
        if (c.run.batch.empty()) {
            c.enter(Phase::BetweenBatches);
            return std::nullopt;
        }
        if (c.run.abort_requested) {
            end_run(c, Ending{Outcome::Stopped, c.run.abort_reason, {}});
            return std::nullopt;
        }
        const bool fresh_list = c.snapshot.listed_at && *c.snapshot.listed_at > c.run.phase_since;
        if (fresh_list && static_cast<int>(live_tasks(c.snapshot).size()) <= c.run.desired_ours) {
            follow_wrong_choice(c);
            return std::nullopt;
        }
    }
    return wait_for(c, std::move(look), reason, expected_going(c), c.run.phase_since + going_patience);
}

} // namespace ecsr::recycle
