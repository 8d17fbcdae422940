// The parts of a rolling run that both drain methods share: preflight, scaling, surge, waiting for new tasks, batches.
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <ranges>
#include <string_view>

namespace ecsr::recycle {

namespace {

constexpr Millis default_healthy_for{10'000};
constexpr Millis start_patience{15 * 60'000};

// Just after the youngest task that ECS itself tells of: a cut-off that no clock of ours can shift.
Instant cutoff_of(const Snapshot& snapshot, Instant fallback) {
    Instant youngest{};
    for (const Task* task : live_tasks(snapshot)) { youngest = std::max(youngest, task->created_at); }
    return youngest == Instant{} ? fallback : youngest + Millis(1);
}

// How long a new task is likely to need at least, before the run has seen one: as long as the present ones needed to
// run.
Millis typical_start(const Snapshot& snapshot) {
    std::vector<Millis> starts;
    for (const Task* task : live_tasks(snapshot)) {
        if (task->started_at) { starts.push_back(*task->started_at - task->created_at); }
    }
    if (starts.empty()) { return Millis(0); }
    std::ranges::sort(starts);
    return starts[starts.size() / 2];
}

Expected expected_start(const Context& c) {
    return {.after = c.run.learned.start, .is_guess = c.run.batch_number <= 1, .since = {}, .step = {}, .moments = {}};
}

Millis resolve_healthy_for(const RunSpec& spec, const Snapshot& snapshot) {
    if (spec.healthy_for) { return *spec.healthy_for; }
    const auto live = live_tasks(snapshot);
    const bool vouched = !live.empty() && is_vouched_for(snapshot, *live.front());
    return vouched ? Millis(0) : default_healthy_for;
}

void take_plan(Context& c, const Plan& plan) {
    Run& run = c.run;
    run.cutoff = cutoff_of(c.snapshot, c.now);
    run.desired_before = run.desired_theirs = run.desired_ours = plan.desired_count;
    run.drain = plan.drain;
    run.healthy_for = resolve_healthy_for(run.spec, c.snapshot);
    run.learned.start = typical_start(c.snapshot);
    run.surge = plan.surge;
    run.batch_size = plan.batch;
    run.skipped = plan.skipped;
    run.scaling_before = c.snapshot.scalable_target;
    for (const PlannedTask& task : plan.tasks) {
        run.remaining.push_back(task.task_arn);
        run.batches_total = std::max(run.batches_total, task.batch);
    }
    if (const Deployment* primary = primary_deployment(c.snapshot.service)) { run.deployment_id = primary->id; }
}

// Victims that are gone already, or that somebody protected meanwhile, leave the run.
void drop_lost_victims(Context& c) {
    std::erase_if(c.run.remaining, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        if (task != nullptr && is_live(*task)) { return false; }
        c.run.skipped.push_back({arn, task != nullptr && killed_for_memory(*task)
                                          ? "it was killed for memory before its turn; ECS replaced it"
                                          : "it ended by itself before its turn; ECS replaced it"});
        return true;
    });
}

void begin_batch(Context& c) {
    Run& run = c.run;
    const int size = run.spec.batch.of(std::max(1, run.desired_theirs));
    const auto count = std::min(static_cast<std::size_t>(std::max(1, size)), run.remaining.size());
    run.batch.assign(run.remaining.begin(), run.remaining.begin() + static_cast<std::ptrdiff_t>(count));
    run.remaining.erase(run.remaining.begin(), run.remaining.begin() + static_cast<std::ptrdiff_t>(count));
    run.batch_size = static_cast<int>(count);
    if (run.drain == Drain::ScaleIn) {
        run.surge = std::min(run.spec.surge.value_or(run.spec.batch).of(run.desired_theirs), run.batch_size);
    }
    ++run.batch_number;
    run.batches_total = std::max(run.batches_total, run.batch_number);
    run.batch_began_at = c.now;
    run.approved_next = false;
    run.failed_starts = 0;
    run.fresh.clear();
}

// Follows the tasks that stand in for the present batch; those that died early count against it.
void follow_fresh(Context& c) {
    for (const Task* task : uncredited_tasks(c)) {
        if (std::ranges::find(c.run.fresh, task->arn) == c.run.fresh.end()) { c.run.fresh.push_back(task->arn); }
    }
    std::erase_if(c.run.fresh, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        if (task == nullptr || is_live(*task)) { return false; }
        ++c.run.failed_starts;
        const std::string why = task->stopped_reason.empty() ? task->last_status : task->stopped_reason;
        c.warn(fmt::format("New task {} ended before it was healthy: {}{}", short_id(arn), why,
                           killed_for_memory(*task) ? " (out of memory)" : ""));
        return true;
    });
}

// What keeps the batch from going on, and the cheapest look that can tell when it has changed.
struct Missing {
    Look look;
    std::string reason;
    bool settling = false;     // all are healthy, but not yet for as long as the user asked
    bool only_targets = false; // checks of targets are waited for, nothing else
};

Missing what_is_missing(Context& c, int wanted) {
    Missing missing;
    const auto fresh_count = static_cast<int>(c.run.fresh.size());
    if (fresh_count < c.run.surge && (c.run.drain == Drain::ScaleIn || c.run.batch_number == 1)) {
        missing.look.service = missing.look.list_tasks = true; // its events say whom ECS starts, and why it does not
        missing.reason = fmt::format("{} of {} new tasks started{}", fresh_count, c.run.surge, event_hint(c));
        return missing;
    }
    const auto victims = victims_of(c.run);
    for (const Task* task : live_tasks(c.snapshot)) {
        if (victims.contains(task->arn) || is_healthy(c.snapshot, *task)) { continue; }
        const std::string why = why_not_healthy(c.snapshot, *task);
        if (missing.reason.empty()) {
            missing.reason = fmt::format("task {}: {}", short_id(task->arn).substr(0, 8), why);
        }
        if (why.starts_with("target") || why.starts_with("not registered")) {
            missing.look.targets = true;
        } else {
            missing.look.tasks.push_back(task->arn);
        }
    }
    if (missing.reason.empty()) {
        missing.settling = true;
        missing.reason = fmt::format("fewer than {} tasks healthy for {}", wanted, format_duration(c.run.healthy_for));
    }
    missing.only_targets = missing.look.targets && missing.look.tasks.empty();
    // A crash of a new task must not go unseen while only its target is asked about, nor that somebody scales or
    // deploys.
    if (missing.look.targets && c.run.looks.count % 4 == 3) { missing.look.tasks = c.run.fresh; }
    if (c.run.looks.count % 8 == 7) { missing.look.service = missing.look.list_tasks = true; }
    return missing;
}

int healthy_victims(const Context& c) {
    return static_cast<int>(std::ranges::count_if(c.run.batch, [&](const std::string& arn) {
        const Task* task = find_task(c, arn);
        return task != nullptr && is_healthy(c.snapshot, *task);
    }));
}

int healthy_fresh(const Context& c) {
    return static_cast<int>(std::ranges::count_if(c.run.fresh, [&](const std::string& arn) {
        const auto since = c.run.healthy_since.find(arn);
        return since != c.run.healthy_since.end() && c.now - since->second >= c.run.healthy_for;
    }));
}

// When the new tasks, which are known by now, are likely to be healthy, or nearer to it.
Expected expected_of_fresh(const Context& c, bool wait_for_targets) {
    Expected expected = expected_start(c);
    if (wait_for_targets) { expected.moments = target_checks(c); }
    if (wait_for_targets || !expected.is_guess) { return expected; }
    // What is known so far is how long tasks take to run.
    for (const std::string& arn : c.run.fresh) {
        const Task* task = find_task(c, arn);
        if (task == nullptr || is_running(*task)) { continue; }
        expected.since = std::max(expected.since.value_or(Instant{}), by_our_clock(c, *task, task->created_at));
    }
    return expected;
}

// All that makes the run refuse, the first with what to do instead.
std::string all_reasons(const std::vector<Refusal>& refusals) {
    std::string text = refusals.front().message + "; " + refusals.front().instead;
    for (std::size_t i = 1; i < refusals.size(); ++i) { text += "; also: " + refusals[i].message; }
    return text;
}

// The end of the last batch: what was lowered is raised again, and as many tasks are healthy as the run found, or more.
bool is_whole(Context& c) {
    return c.run.desired_ours >= c.run.desired_theirs &&
           standing_healthy(c) >= std::min(c.run.desired_theirs, c.run.healthy_before);
}

// Invariant I1: what stands when the batch is gone must be enough. With stop-task the surge stands for the whole run.
bool ready_to_stop(Context& c, int standing) {
    if (c.run.batch.empty()) { return is_whole(c); }
    if (c.run.drain == Drain::ScaleIn) {
        return healthy_fresh(c) >= c.run.surge && surely_left(c, standing) >= healthy_floor(c.run);
    }
    return standing + healthy_victims(c) >= healthy_floor(c.run) + static_cast<int>(c.run.batch.size());
}

ScalableTarget suspended(const Context& c, ScalableTarget target) {
    target.suspended.dynamic_scaling_in = true;
    target.max_capacity = std::max(target.max_capacity, c.run.desired_theirs + c.run.surge);
    return target;
}

} // namespace

Next preflight(Context& c) {
    if (auto wait = look_if_stale(c, first_look(c.run.spec), c.run.phase_since, "reading the service")) { return wait; }
    const Plan plan = recycle::plan(c.run.spec, c.snapshot, c.now);
    if (!plan.refusals.empty()) {
        c.run.desired_before = c.run.desired_theirs = c.run.desired_ours = plan.desired_count;
        c.run.ending = Ending{Outcome::Stopped, all_reasons(plan.refusals), ErrorKind::Refused};
        c.enter(Phase::Ended);
        return std::nullopt;
    }
    take_plan(c, plan);
    c.run.lowest_healthy = c.run.healthy_before = healthy_count(c.snapshot);
    c.note(fmt::format("Starting task recycle for {}/{}", short_id(c.run.spec.cluster), short_id(c.run.spec.service)));
    c.note(fmt::format("Original desired count: {}, tasks: {}", plan.desired_count, plan.tasks.size()));
    for (const Skipped& skipped : plan.skipped) {
        c.warn(fmt::format("Skipping task {}: {}", short_id(skipped.task_arn), skipped.reason));
    }
    if (plan.tasks.empty() && !plan.skipped.empty()) {
        c.run.ending =
            Ending{Outcome::Stopped, "every selected task is " + plan.skipped.front().reason, ErrorKind::Refused};
        c.enter(Phase::Ended);
    } else if (plan.tasks.empty()) {
        end_run(c, Ending{Outcome::Done, "no task to recycle", {}});
    } else if (c.run.spec.strategy == Strategy::ForceDeployment) {
        for (const std::string& warning : c.snapshot.image_warnings) { c.warn(warning); }
        c.enter(Phase::ForceDeployment);
    } else {
        c.enter(Phase::SuspendScaling);
    }
    return std::nullopt;
}

Next suspend_scaling(Context& c) {
    if (c.run.scaling_before && !c.run.scaling_ours && c.snapshot.scalable_target) {
        // Whoever resumes the run here may find other limits than those that it began with.
        const ScalableTarget found = *c.snapshot.scalable_target;
        c.run.scaling_before = scaling_to_put_back(found, suspended(c, *c.run.scaling_before), *c.run.scaling_before);
        const ScalableTarget wanted = suspended(c, found);
        if (wanted != found) {
            return Perform{SetScaling{found, wanted}, "the autoscaler must not remove tasks while they are replaced"};
        }
    }
    c.enter(Phase::BetweenBatches);
    return std::nullopt;
}

Next between_batches(Context& c) {
    if (c.run.remaining.empty() && !c.run.replaced.empty() && !is_whole(c)) {
        if (c.run.drain == Drain::ScaleIn) { c.run.surge = 0; }
        c.enter(Phase::Surge);
        return std::nullopt;
    }
    if (c.run.remaining.empty()) {
        end_run(c, Ending{Outcome::Done, fmt::format("{} recycled", task_word(c.run.replaced.size())), {}});
        return std::nullopt;
    }
    if (c.now < c.run.next_batch_at) {
        return Wait{c.run.next_batch_at, {}, "pausing between batches (--wait)", c.run.deadline};
    }
    drop_lost_victims(c);
    if (c.run.remaining.empty()) { return std::nullopt; }
    if (auto ending = failing_gate(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    if (c.run.spec.ask && !c.run.approved_next) {
        const int size = std::min(c.run.spec.batch.of(c.run.desired_theirs), static_cast<int>(c.run.remaining.size()));
        return Ask{fmt::format("Proceed with batch {} of {} ({})?", c.run.batch_number + 1,
                               std::max(c.run.batches_total, c.run.batch_number + 1),
                               task_word(static_cast<std::size_t>(size)))};
    }
    begin_batch(c);
    c.enter(Phase::Surge);
    return std::nullopt;
}

Next surge(Context& c) {
    if (auto ending = failing_gate(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    const int wanted = c.run.desired_theirs + c.run.surge;
    if (c.run.desired_ours == wanted) {
        c.enter(Phase::AwaitFresh);
        return std::nullopt;
    }
    if (auto wait = read_before_write(c)) { return wait; }
    return Perform{SetDesiredCount{c.run.desired_ours, wanted},
                   fmt::format("batch {} of {}: new tasks first, so that {} stay healthy", c.run.batch_number,
                               c.run.batches_total, healthy_floor(c.run))};
}

namespace {

// Healthy targets that belong to no task known so far: the fewest of all target groups.
int strange_healthy_targets(const Context& c) {
    std::map<std::string_view, int> strange;
    for (const TargetGroupBinding& binding : c.snapshot.service.target_groups) { strange[binding.target_group_arn]; }
    for (const TargetHealth& target : c.snapshot.targets) {
        if (target.state == "healthy") { ++strange[target.target_group_arn]; }
    }
    for (const Task* task : live_tasks(c.snapshot)) {
        for (const TargetHealth* target : targets_of(c.snapshot, *task)) {
            if (target->state == "healthy") { --strange[target->target_group_arn]; }
        }
    }
    return std::ranges::min(strange | std::views::values);
}

// The first look at new tasks, when they are expected and not at once. Where targets speak for them, it is at those:
// one call, and whose they are is asked when there are enough.
Next look_for_fresh(Context& c) {
    constexpr const char* reason = "waiting for new tasks";
    // A list as old as the change does not show what came of it.
    const bool listed = c.snapshot.listed_at >= c.run.phase_since && c.snapshot.listed_at > c.run.desired_written_at;
    if (listed) { return std::nullopt; }
    const bool balanced = !c.snapshot.service.target_groups.empty();
    const bool by_targets = balanced && c.run.batch_number > 1 && c.run.surge > 0 && c.run.fresh.empty();
    const bool looked = c.run.looks.count > 0 && c.snapshot.targets_at >= c.run.phase_since;
    Look look{.service = true, .list_tasks = true, .tasks = likely_drained(c)};
    if (by_targets && looked && strange_healthy_targets(c) >= c.run.surge) {
        return Wait{c.now, std::move(look), reason, c.run.deadline};
    }
    look.targets = balanced;
    // A new task that crashes must not go unseen while only targets are asked about, nor that somebody scales or
    // deploys.
    if (by_targets && c.run.looks.count % 4 < 3) { look = Look{.targets = true}; }
    return wait_for(c, std::move(look), reason, expected_start(c), c.run.phase_since + start_patience);
}

// With stop-task the surge stands since the first batch: nothing new is to come before the next stop.
Next look_at_all(Context& c) {
    const bool balanced = !c.snapshot.service.target_groups.empty();
    const Look all{.service = true, .list_tasks = true, .describe_listed = !balanced, .targets = balanced};
    return look_if_stale(c, all, earlier(c.run.phase_since, c.now - write_freshness), "looking at the tasks");
}

} // namespace

Next await_fresh(Context& c) {
    const bool is_in_place = c.run.drain == Drain::StopTask && c.run.batch_number > 1;
    if (auto wait = is_in_place ? look_at_all(c) : look_for_fresh(c)) { return wait; }
    follow_fresh(c);
    if (c.run.failed_starts >= failed_starts_limit) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("{} new tasks in a row ended before they were healthy{}", c.run.failed_starts,
                                      event_hint(c)),
                          {}});
        return std::nullopt;
    }
    const int standing = standing_healthy(c);
    if (ready_to_stop(c, standing)) {
        if (c.run.looks.count > 0 && c.run.surge > 0) { learn_start(c, target_checks(c)); }
        if (c.run.batch.empty()) {
            c.enter(Phase::BetweenBatches);
            return std::nullopt;
        }
        c.enter(c.run.drain == Drain::ScaleIn ? Phase::ProtectOthers : Phase::StopVictims);
        return std::nullopt;
    }
    const int wanted = healthy_floor(c.run);
    Missing missing = what_is_missing(c, wanted);
    if (c.now > c.run.phase_since + start_patience + c.run.healthy_for) {
        end_run(c, Ending{Outcome::Failed,
                          fmt::format("new tasks were not healthy within {}: {}", format_duration(start_patience),
                                      missing.reason),
                          {}});
        return std::nullopt;
    }
    if (missing.settling) { return wait_for_healthy_for(c, wanted); }
    return wait_for(c, std::move(missing.look), std::move(missing.reason), expected_of_fresh(c, missing.only_targets),
                    c.run.phase_since + start_patience);
}

} // namespace ecsr::recycle
