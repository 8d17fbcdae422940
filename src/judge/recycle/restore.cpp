// Putting back what the run changed, in the order in which it matters (invariant I3).
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace ecsr::recycle {

namespace {

constexpr Millis surplus_patience{60'000};
constexpr Millis surplus_step{2'000}; // the shortest pause between looks: nothing waits for it but the run's own end
constexpr Millis drain_slack{10 * 60'000};

// Tasks that are gone need no unprotecting; tasks that somebody else protected since keep it. One that seems not to be
// protected is unprotected all the same: the read may lag our write (ECS behaviour B12), and there is no harm in it.
void forget_foreign_protection(Context& c) {
    std::erase_if(c.run.protected_by_us, [&](const auto& ours) {
        const Task* task = find_task(c, ours.first);
        const bool gone = task != nullptr && !is_live(*task);
        if (!gone && protected_by_others(c, ours.first)) {
            c.note(fmt::format("Task {} was protected by somebody else meanwhile; it stays protected",
                               short_id(ours.first)));
            return true;
        }
        return gone;
    });
}

// A read this soon after our write that shows what was there before it may lag (ECS behaviour B12): ours is in place.
const ScalableTarget& scaling_in_place(const Context& c) {
    const bool maybe_stale = c.run.superseded.scaling_at && c.snapshot.scaling_at &&
                             *c.snapshot.scaling_at - *c.run.superseded.scaling_at < stale_read_window;
    return maybe_stale && *c.snapshot.scalable_target == *c.run.scaling_before ? *c.run.scaling_ours
                                                                               : *c.snapshot.scalable_target;
}

Millis longest_drain(const Context& c) {
    Millis stop{0};
    for (const auto& [arn, definition] : c.snapshot.task_definitions) {
        for (const auto& container : definition.containers) { stop = std::max(stop, Millis(container.stop_timeout)); }
    }
    return deregistration_time(c) + stop;
}

// How long replaced tasks took from being told to stop until STOPPED; before one was seen, what is known of drains.
Expected expected_drain(const Context& c) {
    Expected expected{.after = deregistration_time(c), .is_guess = true, .since = Instant{}, .step = {}, .moments = {}};
    for (const Replacement& replacement : c.run.replaced) {
        expected.since = std::max(*expected.since, replacement.stop_ordered_at);
        if (!replacement.stopped_at) { continue; }
        expected.after = std::max(expected.after, *replacement.stopped_at - replacement.stop_ordered_at);
        expected.is_guess = false;
    }
    expected.step = expected.after / 10; // nothing waits for it but the run's own end
    return expected;
}

// Live, created before the cut-off: none of them may go any more once the run heads for its end.
std::vector<std::string> old_tasks(const Context& c) {
    std::vector<std::string> arns;
    for (const Task* task : live_tasks(c.snapshot)) {
        if (task->created_at < c.run.cutoff) { arns.push_back(task->arn); }
    }
    return arns;
}

// New tasks that ECS may take once it is told to have fewer; replacements that the run protects are not among them.
std::vector<std::string> new_tasks_that_may_go(const Context& c) {
    std::vector<std::string> arns;
    for (const Task* task : uncredited_tasks(c)) {
        if (!protected_by_others(c, task->arn)) { arns.push_back(task->arn); }
    }
    return arns;
}

// Whoever its targets vouch for has requests, whatever the check of its container has found so far.
bool serves(const Context& c, const std::string& arn) {
    const Task& task = *find_task(c, arn);
    const auto targets = targets_of(c.snapshot, task);
    const bool has_requests = is_running(task) && !targets.empty() && is_registered(c.snapshot, task) &&
                              std::ranges::all_of(targets, [](const auto* each) { return each->state == "healthy"; });
    return has_requests || is_healthy(c.snapshot, task);
}

// Those of them that may not go: ECS asks for no health when it chooses, so it is left no choice but those that do not
// serve yet, as far as there are enough.
std::vector<std::string> serving_ones_that_stay(const Context& c, std::vector<std::string> may_go, int surplus) {
    const auto all = static_cast<int>(may_go.size());
    std::erase_if(may_go, [&](const std::string& arn) { return !serves(c, arn); });
    const auto serving = static_cast<int>(may_go.size());
    if (surplus <= 0 || serving == all) { return {}; }
    may_go.resize(static_cast<std::size_t>(std::max(0, std::min(serving, all - surplus))));
    return may_go;
}

} // namespace

ScalableTarget scaling_to_put_back(const ScalableTarget& now, const ScalableTarget& ours,
                                   const ScalableTarget& before) {
    ScalableTarget wanted = now;
    if (now.suspended.dynamic_scaling_in == ours.suspended.dynamic_scaling_in) {
        wanted.suspended.dynamic_scaling_in = before.suspended.dynamic_scaling_in;
    }
    // Somebody may have raised the least since: AWS takes no most below it.
    if (now.max_capacity == ours.max_capacity) {
        wanted.max_capacity = std::max(before.max_capacity, now.min_capacity);
    }
    return wanted;
}

Next back_out(Context& c) {
    // With no old task left it does not matter which of the new ones goes; nor does it when the service is gone, whose
    // tasks nobody can list any more.
    if (c.run.service_gone || (c.snapshot.listed_at && old_tasks(c).empty())) {
        c.enter(Phase::RestoreDesired);
        return std::nullopt;
    }
    if (auto wait = look_if_stale(c, Look{.list_tasks = true, .protection = true}, c.run.phase_since,
                                  "seeing which new tasks are surplus")) {
        return wait;
    }
    const auto unprotected = [&](std::vector<std::string> arns) {
        std::erase_if(arns, [&](const std::string& arn) {
            return c.run.protected_by_us.contains(arn) || protected_by_others(c, arn);
        });
        return arns;
    };
    if (auto keep = unprotected(old_tasks(c)); !keep.empty()) {
        return Perform{ProtectTasks{first_chunk(std::move(keep)), true, std::chrono::minutes(15)},
                       "the old tasks that are left stay, the surplus new ones go"};
    }
    const auto may_go = new_tasks_that_may_go(c);
    const auto surplus = static_cast<int>(live_tasks(c.snapshot).size()) - c.run.desired_theirs;
    if (surplus > 0 && surplus < static_cast<int>(may_go.size())) {
        if (auto wait = look_if_stale(c, Look{.tasks = may_go, .targets = true}, c.run.phase_since,
                                      "seeing which new tasks serve")) {
            return wait;
        }
    }
    const auto serving = serving_ones_that_stay(c, may_go, surplus);
    if (auto keep = unprotected(serving); !keep.empty()) {
        return Perform{ProtectTasks{first_chunk(std::move(keep)), true, std::chrono::minutes(15)},
                       "new tasks that serve stay, the surplus goes that does not yet"};
    }
    std::vector<std::string> release;
    std::ranges::copy_if(may_go, std::back_inserter(release), [&](const std::string& arn) {
        return c.run.protected_by_us.contains(arn) && std::ranges::find(serving, arn) == serving.end();
    });
    if (!release.empty()) {
        return Perform{ProtectTasks{first_chunk(std::move(release)), false, {}}, "the surplus new tasks may go"};
    }
    c.enter(Phase::RestoreDesired);
    return std::nullopt;
}

Next restore_desired(Context& c) {
    if (c.run.service_gone) {
        c.run.protected_by_us.clear();
        c.run.desired_ours = c.run.desired_theirs;
        c.enter(Phase::RestoreScaling);
        return std::nullopt;
    }
    if (c.run.desired_ours != c.run.desired_theirs) {
        if (auto wait = read_before_write(c)) { return wait; }
        if (c.snapshot.service.status == "DRAINING") { // being deleted: its desired count cannot be changed any more
            c.run.desired_ours = c.run.desired_theirs;
            return std::nullopt;
        }
        return Perform{SetDesiredCount{c.run.desired_ours, c.run.desired_theirs}, "putting the desired count back"};
    }
    // With stop-task the surge itself is surplus now; with scale-in there is some only when the run ends early.
    const bool early = c.run.ending && c.run.ending->outcome != Outcome::Done && !c.run.protected_by_us.empty();
    const bool surged = c.run.drain == Drain::StopTask && c.run.desired_written_at && c.run.surge > 0;
    const bool surplus = (early || surged) && !foreign_deployment(c);
    c.enter(surplus ? Phase::AwaitSurplusGone : Phase::RestoreProtection);
    return std::nullopt;
}

Next await_surplus_gone(Context& c) {
    if (auto wait = look_if_stale(c, Look{.list_tasks = true}, c.run.phase_since, "waiting for surplus tasks to go")) {
        return wait;
    }
    const auto listed = static_cast<int>(c.snapshot.listed.size());
    if (listed <= c.run.desired_theirs || foreign_deployment(c) || c.now > c.run.phase_since + surplus_patience) {
        c.enter(Phase::RestoreProtection);
        return std::nullopt;
    }
    return wait_for(c, Look{.list_tasks = true},
                    fmt::format("{} tasks, {} wanted: waiting for the surplus to go", listed, c.run.desired_theirs),
                    {.after = {}, .is_guess = true, .since = {}, .step = surplus_step, .moments = {}},
                    c.run.phase_since + surplus_patience);
}

Next restore_protection(Context& c) {
    if (!c.run.protected_by_us.empty()) {
        if (auto wait =
                look_if_stale(c, Look{.protection = true}, c.run.phase_since, "checking whose protection it is")) {
            return wait;
        }
        forget_foreign_protection(c);
    }
    std::vector<std::string> release;
    for (const auto& [arn, expiry] : c.run.protected_by_us) { release.push_back(arn); }
    if (!release.empty()) {
        return Perform{ProtectTasks{first_chunk(std::move(release)), false, {}},
                       "removing the protection that the run set"};
    }
    c.enter(Phase::RestoreScaling);
    return std::nullopt;
}

Next restore_scaling(Context& c) {
    if (c.run.scaling_ours && c.run.scaling_before) {
        if (auto wait = look_if_stale(c, Look{.scaling = true}, c.run.phase_since,
                                      "reading the scalable target before it is put back")) {
            return wait;
        }
        if (!c.snapshot.scalable_target) {
            c.run.scaling_ours.reset();
        } else {
            const ScalableTarget found = scaling_in_place(c);
            const ScalableTarget wanted = scaling_to_put_back(found, *c.run.scaling_ours, *c.run.scaling_before);
            if (wanted != found) { return Perform{SetScaling{found, wanted}, "putting autoscaling back"}; }
            c.run.scaling_ours.reset();
        }
    }
    c.enter(c.run.ending && c.run.ending->outcome == Outcome::Done ? Phase::AwaitDrained : Phase::Ended);
    return std::nullopt;
}

Next await_drained(Context& c) {
    const std::vector<std::string> left = still_draining(c.run);
    if (left.empty() || c.run.abort_requested) {
        c.run.drained = left.empty();
        c.enter(Phase::Ended);
        return std::nullopt;
    }
    const Millis longest = longest_drain(c);
    if (c.now > c.run.phase_since + longest + drain_slack) {
        c.run.drained = false;
        c.warn(fmt::format("{} still draining; ECS stops them by itself", task_word(left.size())));
        c.enter(Phase::Ended);
        return std::nullopt;
    }
    return wait_for(c, Look{.tasks = left},
                    fmt::format("{} still draining: {}", task_word(left.size()), short_list(left)), expected_drain(c),
                    c.run.phase_since + longest + drain_slack);
}

} // namespace ecsr::recycle
