#include "tests/judge/recycle/world.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Error error_of(ErrorKind kind, int status = 0) {
    Error error;
    error.kind = kind;
    error.http_status = status;
    error.message = std::string("scripted ") + to_string(kind);
    return error;
}

// I1-I3 of the design, after any run that may have done something.
void expect_invariants(const World& world, const Ended& ended, int desired, int floor) {
    EXPECT_GE(world.lowest_healthy, floor) << "I1: healthy tasks fell below the floor";
    for (const std::string& arn : world.stopped_by_us) {
        EXPECT_THAT(world.original, Contains(arn)) << "I2: a new task was stopped";
    }
    EXPECT_EQ(world.truth.service.desired_count, desired) << "I3: desired count";
    EXPECT_EQ(world.protected_count(), 0) << "I3: protection";
    EXPECT_TRUE(ended.run.restored) << "I3: told as restored";
}

int old_tasks_left(const World& world) {
    return static_cast<int>(
        std::ranges::count_if(world.original, [&](const auto& arn) { return is_live(world.truth.tasks.at(arn)); }));
}

TEST(Recycle, replaces_every_task_behind_a_target_group_by_scale_in) {
    World world({});
    const Ended ended = drive(world, spec_for_tests());
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.drain, Drain::ScaleIn);
    EXPECT_EQ(old_tasks_left(world), 0);
    EXPECT_EQ(ended.run.replaced.size(), 3U);
    for (const Replacement& replacement : ended.run.replaced) {
        EXPECT_FALSE(replacement.replaced_by.empty());
        EXPECT_TRUE(replacement.stopped_at.has_value());
    }
    EXPECT_THAT(world.stopped_by_us, IsEmpty());
    EXPECT_EQ(ended.run.lowest_healthy, 3);
    expect_invariants(world, ended, 3, 3);
    EXPECT_THAT(ended.notes, Contains("Original desired count: 3, tasks: 3"));
    EXPECT_EQ(ended.notes.back(), "Task recycle completed successfully");
}

TEST(Recycle, takes_the_oldest_task_first) {
    World world({});
    const Ended ended = drive(world, spec_for_tests());
    ASSERT_EQ(ended.run.replaced.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) { EXPECT_EQ(ended.run.replaced[i].task_arn, world.original[i]); }
}

TEST(Recycle, uses_stop_task_where_no_load_balancer_vouches_and_waits_for_each_successor) {
    World world({.target_group = false, .health_check = true});
    const Ended ended = drive(world, spec_for_tests());
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.drain, Drain::StopTask);
    EXPECT_EQ(world.stopped_by_us, world.original);
    EXPECT_EQ(old_tasks_left(world), 0);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, counts_a_task_once_while_its_batch_is_under_way) {
    recycle::Run run;
    run.remaining = {"c", "d"};
    run.batch = {"a", "b"};
    EXPECT_EQ(tasks_left(run), 4U);
    run.replaced.push_back({.task_arn = "a", .replaced_by = {}, .stopped_at = {}});
    EXPECT_EQ(tasks_left(run), 3U);
    run.replaced.push_back({.task_arn = "c", .replaced_by = {}, .stopped_at = {}});
    EXPECT_EQ(tasks_left(run), 2U);
}

TEST(Recycle, replaces_in_batches_with_a_percentage) {
    World world({.desired = 40});
    RunSpec spec = spec_for_tests();
    spec.batch = {25, true};
    const Ended ended = drive(world, spec);
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.batch_number, 4);
    EXPECT_EQ(old_tasks_left(world), 0);
    expect_invariants(world, ended, 40, 40);
    EXPECT_LE(world.api_calls, 4 * 40);
}

TEST(Recycle, without_surge_stays_above_what_max_unavailable_allows) {
    World world({.desired = 4});
    RunSpec spec = spec_for_tests();
    spec.surge = Amount{0, false};
    spec.max_unavailable = {1, false};
    const Ended ended = drive(world, spec);
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(old_tasks_left(world), 0);
    expect_invariants(world, ended, 4, 3);
}

TEST(Recycle, gets_on_in_steps_that_are_shorter_than_a_task_must_stay_healthy) {
    for (const bool target_group : {false, true}) {
        World world({.target_group = target_group});
        RunSpec spec = spec_for_tests();
        spec.healthy_for = 30s;
        DriveHooks in_steps;
        in_steps.leaves_longer_waits = 3s;
        const Ended ended = drive(world, spec, in_steps);
        ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        EXPECT_GE(*ended.run.ended_at - ended.run.started_at, 3 * 30s);
    }
}

TEST(Recycle, waits_until_a_task_without_any_check_has_run_for_ten_seconds) {
    World world({.target_group = false});
    const Ended ended = drive(world, spec_for_tests());
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.healthy_for, 10s);
    EXPECT_GE(*ended.run.ended_at - ended.run.started_at, 3 * 10s);
}

TEST(Recycle, suspends_scale_in_raises_max_if_needed_and_puts_both_back) {
    const ScalableTarget before{"service/c/web", 1, 3, {}};
    World world({.scalable_target = before});
    bool suspended = false;
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int) {
        suspended = suspended || (w.truth.scalable_target->suspended.dynamic_scaling_in &&
                                  w.truth.scalable_target->max_capacity == 4);
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_TRUE(suspended);
    EXPECT_EQ(world.truth.scalable_target, before);
}

TEST(Recycle, keeps_scaling_limits_that_somebody_changed_meanwhile) {
    World world({.scalable_target = ScalableTarget{"service/c/web", 1, 3, {}}});
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int step) {
        if (step == 30) { w.truth.scalable_target->max_capacity = 9; }
    };
    (void)drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(world.truth.scalable_target->max_capacity, 9);
    EXPECT_FALSE(world.truth.scalable_target->suspended.dynamic_scaling_in);
}

TEST(Recycle, keeps_a_desired_count_that_somebody_changed_meanwhile) {
    for (const int theirs : {2, 6}) {
        for (int at = 3; at < 40; ++at) {
            World world({});
            bool changed = false;
            DriveHooks hooks;
            hooks.before_action = [&](World& w, const Action& action, int step) {
                if (step < at || changed || !std::holds_alternative<Wait>(action)) { return; }
                changed = true;
                w.truth.service.desired_count = theirs;
                w.advance(w.now + 1100ms); // ECS has no conditional update: a change within the last second can be lost
            };
            const Ended ended = drive(world, spec_for_tests(), hooks);
            if (!changed) { continue; }
            EXPECT_EQ(world.truth.service.desired_count, theirs) << "changed to " << theirs << " at step " << at;
            EXPECT_EQ(world.protected_count(), 0);
            EXPECT_TRUE(ended.run.restored);
        }
    }
}

TEST(Recycle, takes_a_stale_read_after_its_own_write_for_what_it_is) {
    World world({});
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action& action, int) {
        if (const auto* perform = std::get_if<Perform>(&action);
            perform && std::holds_alternative<SetDesiredCount>(perform->change)) {
            w.hide_change_until = w.now + 5s;
        }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_EQ(old_tasks_left(world), 0);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, respects_protection_that_somebody_else_set) {
    World world({});
    world.truth.protection[world.original[1]] = {true, world.now + 5h};
    const Ended ended = drive(world, spec_for_tests());
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_TRUE(is_live(world.task(world.original[1])));
    EXPECT_TRUE(world.truth.protection[world.original[1]].enabled);
    ASSERT_EQ(ended.run.skipped.size(), 1U);
    EXPECT_EQ(ended.run.replaced.size(), 2U);
}

TEST(Recycle, leaves_a_task_that_somebody_protects_during_the_run) {
    World world({});
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int) {
        if (w.truth.protection[w.original[2]].expires_at.value_or(w.now) < w.now + 30h) {
            w.truth.protection[w.original[2]] = {true, w.now + 40h};
        }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_TRUE(is_live(world.task(world.original[2])));
    EXPECT_TRUE(world.truth.protection[world.original[2]].enabled);
    EXPECT_EQ(world.truth.service.desired_count, 3);
}

TEST(Recycle, fails_and_restores_when_new_tasks_keep_dying) {
    World world({.fresh_tasks_crash = true});
    const Ended ended = drive(world, spec_for_tests());
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("ended before they were healthy"));
    EXPECT_EQ(old_tasks_left(world), 3);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, pauses_instead_of_restoring_when_asked_and_goes_on_when_resumed) {
    World world({.fresh_tasks_crash = true});
    RunSpec spec = spec_for_tests();
    spec.on_error = OnError::Pause;
    const Ended ended = drive(world, spec);
    EXPECT_TRUE(ended.run.paused);
    EXPECT_FALSE(ended.run.ended_at.has_value());
    EXPECT_EQ(world.truth.service.desired_count, 4);
    const Decision again = resume(ended.run, world.now);
    EXPECT_FALSE(again.run.ending.has_value());
    EXPECT_EQ(again.run.remaining.size(), 3U);
}

TEST(Recycle, notices_that_scale_in_took_another_task_and_gives_up_after_three_times) {
    World world({.ignores_protection = true});
    const Ended ended = drive(world, spec_for_tests());
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_EQ(world.truth.service.desired_count, 3);
    EXPECT_EQ(world.protected_count(), 0);
}

TEST(Recycle, stops_at_a_gate_before_the_next_task_and_restores) {
    struct Gate {
        const char* name;
        std::function<void(World&)> close;
    };
    const Gate gates[] = {
        {"deployment",
         [](World& w) {
             if (w.truth.service.deployments.size() == 1) { w.start_deployment(); }
         }},
        {"alarm", [](World& w) { w.truth.alarms = {{"errors", "ALARM"}}; }},
    };
    for (const Gate& gate : gates) {
        World world({});
        world.truth.alarms = {{"errors", "OK"}};
        RunSpec spec = spec_for_tests();
        spec.alarms = {"errors"};
        DriveHooks hooks;
        int replaced = -1;
        hooks.before_action = [&](World& w, const Action&, int step) {
            if (step == 12) {
                gate.close(w);
                replaced = 3 - old_tasks_left(w);
            }
        };
        const Ended ended = drive(world, spec, hooks);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped) << gate.name;
        EXPECT_LE(3 - old_tasks_left(world), replaced + 1) << gate.name << ": I5";
        EXPECT_GT(old_tasks_left(world), 0) << gate.name;
        expect_invariants(world, ended, 3, 3);
    }
}

TEST(Recycle, an_abort_at_any_step_stops_no_further_task_and_restores) {
    for (int at = 0; at < 60; ++at) {
        World world({.scalable_target = ScalableTarget{"service/c/web", 1, 9, {}}});
        int steps = 0;
        DriveHooks hooks;
        hooks.between_steps = [&](recycle::Run run) {
            return steps++ == at ? abort(std::move(run), "asked to stop") : run;
        };
        const Ended ended = drive(world, spec_for_tests(), hooks);
        ASSERT_TRUE(ended.run.ending.has_value());
        expect_invariants(world, ended, 3, 3);
        EXPECT_FALSE(world.truth.scalable_target->suspended.dynamic_scaling_in) << "aborted at step " << at;
        world.advance(world.now + 1min);
        EXPECT_EQ(world.live(), 3);
    }
}

// Old tasks that ended although the run neither stopped them nor counts them as replaced.
int taken_by_mistake(const World& world, const Ended& ended) {
    return static_cast<int>(std::ranges::count_if(world.original, [&](const std::string& arn) {
        const bool replaced =
            std::ranges::any_of(ended.run.replaced, [&](const Replacement& each) { return each.task_arn == arn; });
        return !is_live(world.truth.tasks.at(arn)) && !replaced;
    }));
}

TEST(Recycle, an_abort_at_any_step_leaves_the_old_tasks_that_were_not_chosen_yet) {
    for (const bool balanced : {true, false}) {
        for (int at = 0; at < 60; ++at) {
            World world({.target_group = balanced, .health_check = !balanced, .scale_in_takes_oldest = true});
            int steps = 0;
            DriveHooks hooks;
            hooks.between_steps = [&](recycle::Run run) {
                return steps++ == at ? abort(std::move(run), "asked to stop") : run;
            };
            const Ended ended = drive(world, spec_for_tests(), hooks);
            world.advance(world.now + 1min);
            EXPECT_EQ(taken_by_mistake(world, ended), 0) << at << (balanced ? " scale-in" : " stop-task");
            expect_invariants(world, ended, 3, 3);
            EXPECT_EQ(world.live(), 3) << at;
        }
    }
}

TEST(Recycle, an_early_end_that_crashes_anywhere_still_leaves_the_old_tasks) {
    for (int n = 0; n < 40; ++n) {
        World world({.target_group = false, .health_check = true, .scale_in_takes_oldest = true});
        DriveHooks hooks;
        hooks.crash = [&](int point) { return point == n; };
        hooks.between_steps = [&](recycle::Run run) {
            return run.replaced.size() == 1 ? abort(std::move(run), "asked to stop") : run;
        };
        const Ended ended = drive(world, spec_for_tests(), hooks);
        world.advance(world.now + 1min);
        EXPECT_EQ(taken_by_mistake(world, ended), 0) << n;
        expect_invariants(world, ended, 3, 3);
        EXPECT_EQ(world.live(), 3) << n;
    }
}

TEST(Recycle, tasks_that_were_not_named_stay_when_the_surge_goes) {
    for (const bool balanced : {true, false}) {
        World world({.target_group = balanced, .health_check = !balanced, .scale_in_takes_oldest = true});
        RunSpec spec = spec_for_tests();
        spec.tasks = {world.original[1]};
        const Ended ended = drive(world, spec);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        world.advance(world.now + 1min);
        EXPECT_TRUE(is_live(world.task(world.original[0])));
        EXPECT_FALSE(is_live(world.task(world.original[1])));
        EXPECT_TRUE(is_live(world.task(world.original[2])));
        expect_invariants(world, ended, 3, 3);
    }
}

TEST(Recycle, protects_the_old_tasks_ten_a_call_and_none_that_somebody_else_protects) {
    World world({.desired = 23, .target_group = false, .health_check = true, .scale_in_takes_oldest = true});
    world.truth.protection[world.original[20]] = {true, world.now + 5h};
    DriveHooks hooks;
    hooks.between_steps = [&](recycle::Run run) {
        return run.replaced.size() == 1 ? abort(std::move(run), "asked to stop") : run;
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    world.advance(world.now + 1min);
    EXPECT_EQ(taken_by_mistake(world, ended), 0);
    EXPECT_EQ(std::ranges::count(world.log, "protect 10 tasks"), 2);
    EXPECT_EQ(std::ranges::count(world.log, "protect 1 task"), 1);
    EXPECT_EQ(world.protected_count(), 1);
    EXPECT_TRUE(world.truth.protection[world.original[20]].enabled);
}

TEST(Recycle, a_whole_run_with_stop_task_protects_nothing) {
    World world({.target_group = false, .health_check = true});
    (void)drive(world, spec_for_tests());
    EXPECT_TRUE(world.truth.protection.empty());
}

TEST(Recycle, times_out_and_restores) {
    World world({.start = 60s});
    RunSpec spec = spec_for_tests();
    spec.timeout = 90s;
    const Ended ended = drive(world, spec);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::TimedOut);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, ends_when_the_service_is_deleted_under_it) {
    World world({.scalable_target = ScalableTarget{"service/c/web", 1, 9, {}}});
    DriveHooks hooks;
    hooks.before_action = [&](World& w, const Action&, int step) {
        if (step >= 10) { w.truth.service.status = "INACTIVE"; }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("deleted"));
    EXPECT_FALSE(world.truth.scalable_target->suspended.dynamic_scaling_in);
}

TEST(Recycle, asks_before_every_batch_when_told_to) {
    World world({});
    RunSpec spec = spec_for_tests();
    spec.ask = true;
    int asked = 0;
    DriveHooks hooks;
    hooks.before_action = [&](World&, const Action& action, int) {
        asked += std::holds_alternative<Ask>(action) ? 1 : 0;
    };
    const Ended ended = drive(world, spec, hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_EQ(asked, 3);
}

// ---- what people do meanwhile ----

TEST(Recycle, gets_its_protection_out_of_the_way_of_somebody_elses_deployment) {
    for (int at = 5; at < 20; ++at) {
        World world({.desired = 5});
        Instant deployed{};
        DriveHooks hooks;
        hooks.before_action = [&](World& w, const Action&, int step) {
            if (step != at) { return; }
            w.start_deployment();
            for (int i = 0; i < 5; ++i) { w.add_task(w.now); } // its tasks; more than the service wants
            deployed = w.now;
        };
        const Ended ended = drive(world, spec_for_tests(), hooks);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped) << at << ": " << ended.run.ending->reason;
        EXPECT_THAT(ended.run.ending->reason, HasSubstr("deployment")) << at;
        EXPECT_EQ(world.protected_count(), 0) << at;
        EXPECT_LT(*ended.run.ended_at - deployed, 30s) << at << ": protection held the deployment up";
    }
}

TEST(Recycle, is_not_done_before_the_last_batch_is_healthy_again) {
    for (const bool balanced : {true, false}) {
        World world({.desired = 2, .target_group = balanced, .health_check = !balanced});
        RunSpec spec = spec_for_tests();
        spec.batch = {2, false};
        spec.surge = Amount{0, false};
        spec.max_unavailable = {100, true};
        const Ended ended = drive(world, spec);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        EXPECT_EQ(world.healthy(), 2);
        EXPECT_EQ(world.live(), 2);
    }
}

TEST(Recycle, fails_when_the_last_batch_never_becomes_healthy) {
    World world({.desired = 2, .fresh_tasks_crash = true});
    RunSpec spec = spec_for_tests();
    spec.batch = {2, false};
    spec.surge = Amount{0, false};
    spec.max_unavailable = {2, false};
    const Ended ended = drive(world, spec);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
}

TEST(Recycle, goes_on_when_somebody_protects_the_victim_that_is_just_going) {
    World world({.decide = 3s});
    DriveHooks hooks;
    bool done = false;
    hooks.before_action = [&](World& w, const Action& action, int) {
        const auto* wait = std::get_if<Wait>(&action);
        if (done || wait == nullptr || !wait->reason.starts_with("waiting for ECS to stop")) { return; }
        done = true;
        w.truth.protection[w.original[0]] = {true, w.now + 40h};
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_TRUE(done);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_TRUE(is_live(world.task(world.original[0])));
    EXPECT_EQ(ended.run.skipped.size(), 1U);
    EXPECT_EQ(old_tasks_left(world), 1);
    EXPECT_LT(*ended.run.ended_at - ended.run.started_at, 3min);
    EXPECT_EQ(world.truth.service.desired_count, 3);
}

TEST(Recycle, ends_when_somebody_scales_the_service_to_zero) {
    for (const bool balanced : {true, false}) {
        for (int at = 3; at < 25; ++at) {
            World world({.target_group = balanced, .health_check = !balanced});
            DriveHooks hooks;
            bool changed = false;
            hooks.before_action = [&](World& w, const Action& action, int step) {
                if (step < at || changed || !std::holds_alternative<Wait>(action)) { return; }
                changed = true;
                w.truth.service.desired_count = 0;
                w.advance(w.now + 1100ms);
            };
            const Ended ended = drive(world, spec_for_tests(), hooks);
            if (!changed) { continue; } // the run was over
            EXPECT_EQ(world.truth.service.desired_count, 0) << at;
            EXPECT_LT(*ended.run.ended_at - ended.run.started_at, 3min) << at;
        }
    }
}

// ---- every step may fail ----

struct Failure {
    const char* name;
    Error error;
    bool done_anyway;
};

class EveryChangeFailsOnce : public testing::TestWithParam<Failure> {};

TEST_P(EveryChangeFailsOnce, and_the_run_still_ends_well) {
    for (const bool balanced : {true, false}) {
        for (int n = 0; n < 24; ++n) {
            World world({.target_group = balanced,
                         .health_check = !balanced,
                         .scalable_target = ScalableTarget{"service/c/web", 1, 3, {}}});
            DriveHooks hooks;
            hooks.apply_before_failing = GetParam().done_anyway;
            hooks.fail_change = [&](const Change&, int change) {
                return change == n ? std::optional(GetParam().error) : std::nullopt;
            };
            const Ended ended = drive(world, spec_for_tests(), hooks);
            EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << n << ": " << ended.run.ending->reason;
            EXPECT_EQ(old_tasks_left(world), 0) << n;
            EXPECT_EQ(world.truth.scalable_target->max_capacity, 3);
            expect_invariants(world, ended, 3, 3);
        }
    }
}

Error lost_answer() {
    Error error = error_of(ErrorKind::Timeout);
    error.request_may_have_been_executed = true;
    return error;
}

INSTANTIATE_TEST_SUITE_P(Failures, EveryChangeFailsOnce,
                         testing::Values(Failure{"throttled", error_of(ErrorKind::Throttled, 400), false},
                                         Failure{"server_error", error_of(ErrorKind::Remote, 500), false},
                                         Failure{"lost_request", lost_answer(), false},
                                         Failure{"lost_answer", lost_answer(), true}),
                         [](const auto& param) { return param.param.name; });

TEST(Recycle, survives_every_third_look_failing) {
    World world({});
    DriveHooks hooks;
    hooks.fail_look = [](const Look&, int look) {
        return look % 3 == 2 ? std::optional(error_of(ErrorKind::Throttled, 400)) : std::nullopt;
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, a_missing_permission_ends_the_run_and_the_rest_is_restored) {
    World world({});
    DriveHooks hooks;
    hooks.fail_change = [](const Change& change, int) {
        return std::holds_alternative<ProtectTasks>(change) ? std::optional(error_of(ErrorKind::Credentials, 400))
                                                            : std::nullopt;
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_EQ(ended.run.ending->cause, ErrorKind::Credentials);
    expect_invariants(world, ended, 3, 3);
}

TEST(Recycle, a_world_that_stays_broken_ends_the_run_without_hanging) {
    World world({});
    DriveHooks hooks;
    hooks.fail_look = [](const Look&, int look) {
        return look > 6 ? std::optional(error_of(ErrorKind::Unreachable)) : std::nullopt;
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_FALSE(ended.run.restored);
}

// ---- crashes ----

TEST(Recycle, resumed_after_a_crash_before_or_after_any_call_it_finishes) {
    for (const bool balanced : {true, false}) {
        for (int n = 0; n < 48; ++n) {
            World world({.target_group = balanced,
                         .health_check = !balanced,
                         .scalable_target = ScalableTarget{"service/c/web", 1, 3, {}}});
            DriveHooks hooks;
            hooks.crash = [&](int point) { return point == n; };
            const Ended ended = drive(world, spec_for_tests(), hooks);
            EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << n << ": " << ended.run.ending->reason;
            EXPECT_EQ(old_tasks_left(world), 0) << n;
            EXPECT_EQ(world.truth.scalable_target->max_capacity, 3) << n;
            EXPECT_FALSE(world.truth.scalable_target->suspended.dynamic_scaling_in) << n;
            expect_invariants(world, ended, 3, 3);
        }
    }
}

TEST(Recycle, resumed_after_crashing_at_every_call_it_finishes) {
    World world({});
    DriveHooks hooks;
    int crashes = 0;
    hooks.crash = [&](int) { return ++crashes % 3 == 0; };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    expect_invariants(world, ended, 3, 3);
}

} // namespace
} // namespace ecsr::recycle
