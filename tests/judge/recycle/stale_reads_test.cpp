// What reads show soon after a change may be what was there before it (ECS behaviour B12).
#include "tests/judge/recycle/world.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;

template <class Changed>
bool is_change(const Action& action) {
    const auto* perform = std::get_if<Perform>(&action);
    return perform != nullptr && std::holds_alternative<Changed>(perform->change);
}

RunSpec all_at_once() {
    RunSpec spec = spec_for_tests();
    spec.batch = Amount{3, false};
    return spec;
}

TEST(StaleReads, a_scalable_target_from_before_the_run_is_not_taken_for_put_back) {
    const ScalableTarget before{"service/c/web", 1, 6, {}};
    World world({.scalable_target = before});
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action& action, int) {
        if (is_change<SetScaling>(action)) { w.lagging_scaling = before; }
    };
    const Ended ended = drive(world, all_at_once(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_EQ(world.truth.scalable_target, before);
}

TEST(StaleReads, the_most_is_put_back_to_no_less_than_the_least_that_somebody_set) {
    World world({.scalable_target = ScalableTarget{"service/c/web", 1, 3, {}}});
    DriveHooks hooks;
    hooks.before_action = [](World& w, const Action&, int step) {
        if (step == 10) { w.truth.scalable_target->min_capacity = 4; }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_TRUE(ended.run.restored);
    EXPECT_EQ(world.truth.scalable_target->min_capacity, 4);
    EXPECT_EQ(world.truth.scalable_target->max_capacity, 4);
}

TEST(StaleReads, a_desired_count_from_before_somebody_changed_it_is_not_taken_for_their_wish) {
    World world({.desired = 4});
    int theirs = 0;
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int) {
        if (theirs == 0 && w.truth.service.desired_count == 5) {
            theirs = w.truth.service.desired_count = 2;
        } else if (theirs != 0 && w.truth.service.desired_count == 3 && !w.hide_change_until) {
            w.former_desired = 5; // they had found it so
            w.hide_change_until = w.now + 3s;
        }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(theirs, 2);
    EXPECT_TRUE(world.hide_change_until);
    EXPECT_EQ(world.truth.service.desired_count, 2);
    EXPECT_TRUE(ended.run.restored);
}

TEST(StaleReads, a_desired_count_that_somebody_sets_back_after_a_while_is_their_wish) {
    World world({.desired = 4});
    std::optional<Instant> changed_at;
    bool set_back = false;
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int) {
        if (!changed_at && w.truth.service.desired_count == 5) {
            w.truth.service.desired_count = 2;
            changed_at = w.now;
        } else if (changed_at && !set_back && w.truth.service.desired_count == 3 && w.now > *changed_at + 5s) {
            w.truth.service.desired_count = 5;
            set_back = true;
        }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_TRUE(set_back);
    EXPECT_EQ(world.truth.service.desired_count, 5);
    EXPECT_TRUE(ended.run.restored);
}

// A batch is lowered and the next one raised within the time that reads may lag.
TEST(StaleReads, a_desired_count_from_before_the_last_two_changes_is_not_taken_for_somebody_elses) {
    World world({.desired = 4});
    RunSpec spec = spec_for_tests();
    spec.batch = Amount{2, false};
    spec.tasks = {world.original[0], world.original[1], world.original[2]};
    bool lagged = false;
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action& action, int) {
        if (lagged && w.hide_change_until && w.now < *w.hide_change_until) { w.former_desired = 6; }
        if (lagged || !is_change<SetDesiredCount>(action)) { return; }
        const auto& change = std::get<SetDesiredCount>(std::get<Perform>(action).change);
        if (change.from != 4 || change.to != 5) { return; } // 4 -> 6 -> 4, and now 5
        lagged = true;
        w.hide_change_until = w.now + 2s;
    };
    const Ended ended = drive(world, spec, hooks);
    EXPECT_TRUE(lagged);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_EQ(world.truth.service.desired_count, 4);
    EXPECT_EQ(std::ranges::count(world.log, "desired count 5 -> 4"), 1);
}

// 5 -> 1 by somebody, 1 -> 2 by us, 2 -> 7 by somebody, 7 -> 8 by us; and then a read shows the 5 again.
TEST(StaleReads, a_desired_count_from_before_several_changes_is_not_taken_for_somebody_elses) {
    World world({});
    recycle::Run run = begin("run-1", spec_for_tests(), world.now);
    run.drain = Drain::ScaleIn;
    run.phase = Phase::AwaitFresh;
    run.phase_since = world.now;
    run.deadline = world.now + 1h;
    run.deployment_id = "ecs-svc/1";
    run.desired_theirs = 7;
    run.desired_ours = 8;
    run.surge = 1;
    run.desired_written_at = world.now - 500ms;
    run.superseded.desired = {
        {5, world.now - 2s}, {1, world.now - 1500ms}, {2, world.now - 1s}, {7, *run.desired_written_at}};
    const auto ours_when_read = [&](int desired) {
        world.truth.service.desired_count = desired;
        Snapshot snapshot;
        world.fulfil(first_look(run.spec), snapshot);
        return step(run, snapshot, world.now).run.desired_ours;
    };
    for (const int former : {5, 1, 2, 7}) { EXPECT_EQ(ours_when_read(former), 8) << former; }
    EXPECT_EQ(ours_when_read(6), 6);
    world.now += 3s; // reads hardly lag for longer, but what our last write replaced is doubted all the same
    EXPECT_EQ(ours_when_read(5), 5);
    EXPECT_EQ(ours_when_read(7), 8);
    world.now += 30s;
    EXPECT_EQ(ours_when_read(7), 7);
}

// The change was made, its answer was lost, the next read lags, and then the run is to end.
TEST(StaleReads, a_lost_answer_is_waited_for_before_the_change_counts_as_not_made) {
    World world({.scalable_target = ScalableTarget{"service/c/web", 1, 6, {}}});
    const ScalableTarget before = *world.truth.scalable_target;
    bool lost = false;
    DriveHooks hooks;
    hooks.apply_before_failing = true;
    hooks.fail_change = [&](const Change& change, int) -> std::optional<Error> {
        if (lost || !std::holds_alternative<SetScaling>(change)) { return std::nullopt; }
        lost = true;
        Error error;
        error.kind = ErrorKind::Timeout;
        error.message = "scripted";
        error.request_may_have_been_executed = true;
        world.lagging_scaling = before;
        return error;
    };
    hooks.before_action = [&, until = std::optional<Instant>()](World& w, const Action& action, int) mutable {
        if (lost && !until) { until = w.now + 3s; }
        const auto* wait = std::get_if<Wait>(&action);
        if (until && wait != nullptr && wait->until >= *until) { w.lagging_scaling.reset(); }
    };
    hooks.between_steps = [&](recycle::Run run) { return lost ? recycle::abort(std::move(run), "asked") : run; };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped);
    EXPECT_EQ(world.truth.scalable_target, before);
}

} // namespace
} // namespace ecsr::recycle
