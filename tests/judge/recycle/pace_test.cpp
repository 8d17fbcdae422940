// How much longer a run takes than the tasks need to start, and with how many looks.
#include "tests/judge/recycle/world.hpp"

#include <gtest/gtest.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;

// A task that passes the fourth check of its target, a little over a second after it runs and then every five.
WorldOptions checked_every_five_seconds() {
    return {.start = 500ms, .healthy = 16'100ms, .decide = 200ms, .drain = 1s, .check_interval = 5s};
}

// From asking for a new task until it is healthy.
constexpr Millis start_time = 200ms + 500ms + 16'100ms;

// Until the last task was told to stop.
Millis time_of(const World& world, const Ended& ended) {
    Instant last{};
    for (const std::string& arn : world.original) { last = std::max(last, *world.truth.tasks.at(arn).stopping_at); }
    return last - ended.run.started_at;
}

TEST(Pace, keeps_within_five_percent_of_the_start_time_of_the_tasks_from_the_first_batch_on) {
    World world(checked_every_five_seconds());
    const Ended ended = drive(world, spec_for_tests());
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_LE(time_of(world, ended), 3 * start_time * 105 / 100);
    EXPECT_LE(world.api_calls, 50);
}

TEST(Pace, loses_little_where_the_clock_of_ecs_is_another_one) {
    for (const Millis ahead : {Millis(-1h), Millis(-2s), Millis(2s), Millis(1h)}) {
        WorldOptions options = checked_every_five_seconds();
        options.clock_ahead = ahead;
        World world(options);
        const Ended ended = drive(world, spec_for_tests());
        ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        EXPECT_LE(time_of(world, ended), 3 * start_time * 115 / 100) << ahead.count();
        EXPECT_LE(world.api_calls, 60) << ahead.count();
    }
}

TEST(Pace, is_kept_by_a_run_that_is_left_whenever_it_waits_and_resumed_when_it_asked_for_it) {
    World world(checked_every_five_seconds());
    DriveHooks in_steps;
    in_steps.leaves_longer_waits = 3s;
    const Ended ended = drive(world, spec_for_tests(), in_steps);
    ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_LE(time_of(world, ended), 3 * start_time * 110 / 100);
    EXPECT_LE(world.api_calls, 60);
}

TEST(Pace, does_not_take_the_time_for_which_a_run_was_left_for_that_of_a_start) {
    constexpr Millis left_for = 40min;
    // At the look that the first batch waits for; and while ECS chooses what goes.
    for (const std::string waiting : {"waiting for new tasks", "waiting for ECS to stop"}) {
        World world(checked_every_five_seconds());
        RunSpec spec = spec_for_tests();
        spec.timeout = 24h;
        bool left = false;
        DriveHooks hooks;
        hooks.leaves_longer_waits = 0s;
        hooks.before_action = [&](World& there, const Action& action, int) {
            const auto* wait = std::get_if<Wait>(&action);
            if (left || wait == nullptr || !wait->reason.starts_with(waiting)) { return; }
            left = true;
            there.advance(there.now + left_for);
        };
        const Ended ended = drive(world, spec, hooks);
        ASSERT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        ASSERT_TRUE(left);
        EXPECT_LE(time_of(world, ended) - left_for, 3 * start_time * 120 / 100) << waiting;
    }
}

} // namespace
} // namespace ecsr::recycle
