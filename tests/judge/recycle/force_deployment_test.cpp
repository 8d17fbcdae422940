#include "tests/judge/recycle/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

RunSpec forced() {
    RunSpec spec = spec_for_tests();
    spec.strategy = Strategy::ForceDeployment;
    return spec;
}

int forced_times(const World& world) {
    return static_cast<int>(std::ranges::count(world.log, std::string("force a new deployment")));
}

// What ECS does at a given step of the run.
DriveHooks at_step(int wanted, std::function<void(World&)> what) {
    DriveHooks hooks;
    hooks.before_action = [wanted, what = std::move(what)](World& world, const Action&, int step) {
        if (step == wanted) { what(world); }
    };
    return hooks;
}

void complete(World& world) {
    for (const std::string& arn : world.original) {
        world.stop(arn, "ServiceSchedulerInitiated");
        world.add_task(world.now);
    }
    world.advance(world.now + 10s);
    world.truth.service.deployments.resize(1);
    world.truth.service.deployments[0].rollout_state = "COMPLETED";
}

TEST(ForceDeployment, is_done_when_its_own_deployment_is_completed) {
    World world({});
    const Ended ended = drive(world, forced(), at_step(6, complete));
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.deployment_id, "ecs-svc/ours");
    EXPECT_EQ(ended.run.replaced.size(), 3U);
    EXPECT_TRUE(ended.run.restored);
}

TEST(ForceDeployment, new_tasks_count_as_soon_as_their_targets_were_read) {
    World world({.scale_in_takes_oldest = true});
    const Ended ended = drive(world, forced(), at_step(6, [](World& w) {
                                  w.truth.service.desired_count = 6;
                                  w.advance(w.now + 10s);
                                  w.truth.service.desired_count = 3;
                                  w.advance(w.now + 10s);
                                  w.truth.service.deployments.resize(1);
                                  w.truth.service.deployments[0].rollout_state = "COMPLETED";
                              }));
    EXPECT_EQ(ended.run.replaced.size(), 3U);
    ASSERT_EQ(world.lowest_healthy, 3);
    EXPECT_EQ(ended.run.lowest_healthy, 3);
}

TEST(ForceDeployment, new_tasks_that_do_not_serve_are_measured) {
    World world({.start = 60s});
    const Ended ended = drive(world, forced(), at_step(6, complete));
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(ended.run.lowest_healthy, 0);
}

TEST(ForceDeployment, a_rollback_is_a_failure_even_when_the_service_is_stable_again) {
    World world({});
    const Ended ended = drive(world, forced(), at_step(6, [](World& w) {
                                  w.truth.service.deployments.erase(w.truth.service.deployments.begin());
                                  w.truth.service.deployments[0].status = "PRIMARY";
                                  w.truth.service.deployments[0].rollout_state = "COMPLETED";
                              }));
    EXPECT_EQ(ended.run.ending->outcome, Outcome::RolledBack);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("rolled back to ecs-svc/1"));
}

TEST(ForceDeployment, a_failed_rollout_is_told_with_its_reason) {
    World world({});
    const Ended ended = drive(world, forced(), at_step(6, [](World& w) {
                                  w.truth.service.deployments[0].rollout_state = "FAILED";
                                  w.truth.service.deployments[0].rollout_state_reason =
                                      "ECS deployment circuit breaker: tasks failed to start.";
                              }));
    EXPECT_EQ(ended.run.ending->outcome, Outcome::RolledBack);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("tasks failed to start"));
}

TEST(ForceDeployment, somebody_elses_newer_deployment_ends_it) {
    World world({});
    const Ended ended = drive(world, forced(), at_step(6, [](World& w) { w.start_deployment(); }));
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("superseded by ecs-svc/foreign"));
}

TEST(ForceDeployment, a_lost_answer_never_starts_a_second_deployment) {
    for (const bool done : {true, false}) {
        World world({});
        DriveHooks hooks = at_step(12, complete);
        hooks.apply_before_failing = done;
        hooks.fail_change = [](const Change&, int change) -> std::optional<Error> {
            if (change > 0) { return std::nullopt; }
            Error error;
            error.kind = ErrorKind::Timeout;
            error.message = "scripted";
            error.request_may_have_been_executed = true;
            return error;
        };
        const Ended ended = drive(world, forced(), hooks);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        EXPECT_EQ(forced_times(world), 1);
    }
}

TEST(ForceDeployment, resumed_after_a_crash_it_goes_on_with_the_same_deployment) {
    for (const int n : {0, 1}) {
        World world({});
        DriveHooks hooks = at_step(12, complete);
        hooks.crash = [n](int point) { return point == n; };
        const Ended ended = drive(world, forced(), hooks);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
        EXPECT_EQ(forced_times(world), 1);
    }
}

} // namespace
} // namespace ecsr::recycle
