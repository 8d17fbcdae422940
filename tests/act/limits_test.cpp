#include "act/limits.hpp"
#include "tests/act/service_world.hpp"

namespace ecsr::act {
namespace {

using namespace ecsr::testing;
using namespace ecsr::recycle;

struct LimitsOf : ::testing::Test {
    std::string broken(const Change& change) const {
        const auto limit = broken_limit(limits, run, change, snapshot);
        return limit ? limit->name : "";
    }

    Limits limits;
    recycle::Run run = rolling_run();
    Snapshot snapshot = three_healthy_tasks();
};

TEST_F(LimitsOf, ReadOnlyAllowNothing) {
    limits.read_only = true;
    EXPECT_EQ(broken(SetDesiredCount{3, 4}), "read-only");
    EXPECT_EQ(broken(ForceNewDeployment{}), "read-only");
}

TEST_F(LimitsOf, TheSurgeBoundWhatIsAdded) {
    EXPECT_EQ(broken(SetDesiredCount{3, 4}), "");
    EXPECT_EQ(broken(SetDesiredCount{3, 5}), "surge");
    run.surge = 2;
    EXPECT_EQ(broken(SetDesiredCount{3, 5}), "");
}

TEST_F(LimitsOf, TheHealthyFloorKeepTheDesiredCountUp) {
    run.batch = {task_arn(1)};
    add_task(snapshot, 4, fixed_epoch);
    EXPECT_EQ(broken(SetDesiredCount{4, 3}), "") << "three stand without the victim";
    EXPECT_EQ(broken(SetDesiredCount{4, 2}), "healthy-floor");
    snapshot.tasks[task_arn(4)].last_status = "PENDING";
    EXPECT_EQ(broken(SetDesiredCount{4, 3}), "healthy-floor") << "two stand without the victim";
    run.spec.max_unavailable = {1, false};
    EXPECT_EQ(broken(SetDesiredCount{4, 3}), "");
    run.spec.max_unavailable = {0, false};
    run.ending = Ending{Outcome::Failed, "why", {}};
    EXPECT_EQ(broken(SetDesiredCount{4, 3}), "") << "putting back takes surplus tasks";
    EXPECT_EQ(broken(SetDesiredCount{4, 2}), "healthy-floor");
}

TEST_F(LimitsOf, TheHealthyFloorBoundEveryStop) {
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "healthy-floor") << "two would be left of three";
    add_task(snapshot, 4, fixed_epoch);
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "");
    snapshot.tasks[task_arn(2)].desired_status = "STOPPED";
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "healthy-floor") << "another stop is under way";
    snapshot.tasks[task_arn(2)].desired_status = "RUNNING";
    snapshot.tasks[task_arn(1)].last_status = "PENDING";
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "") << "an unhealthy victim costs no health";
}

TEST_F(LimitsOf, TheCutOffSaveNewTasks) {
    add_task(snapshot, 4, run.cutoff);
    add_task(snapshot, 5, run.cutoff - Millis(1));
    EXPECT_EQ(broken(StopTask{task_arn(4), ""}), "cut-off");
    EXPECT_EQ(broken(StopTask{task_arn(5), ""}), "");
}

TEST_F(LimitsOf, OtherServicesTasksAreSafe) {
    add_task(snapshot, 4, fixed_epoch);
    snapshot.tasks[task_arn(1)].group = "service:other";
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "foreign-service");
    EXPECT_EQ(broken(StopTask{"arn:aws:ecs:eu-west-1:1:task/prod/unknown", ""}), "foreign-service");
}

TEST_F(LimitsOf, ARunThatEndsStopNothing) {
    add_task(snapshot, 4, fixed_epoch);
    run.abort_requested = true;
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "run-ended");
    run.abort_requested = false;
    run.ending = Ending{Outcome::Stopped, "why", {}};
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "run-ended");
}

TEST_F(LimitsOf, TheProtectionOfOthersAreRespected) {
    add_task(snapshot, 4, fixed_epoch);
    snapshot.protection[task_arn(1)] = {true, fixed_epoch + Seconds(3600)};
    EXPECT_EQ(broken(StopTask{task_arn(1), ""}), "foreign-protection");
    EXPECT_EQ(broken(ProtectTasks{{task_arn(2), task_arn(1)}, true, std::chrono::minutes(5)}), "foreign-protection");
    EXPECT_EQ(broken(ProtectTasks{{task_arn(2)}, true, std::chrono::minutes(5)}), "");
    EXPECT_EQ(broken(ProtectTasks{{task_arn(1)}, false, {}}), "foreign-protection");
    run.protected_by_us[task_arn(1)] = fixed_epoch;
    EXPECT_EQ(broken(ProtectTasks{{task_arn(1)}, false, {}}), "");
    EXPECT_EQ(broken(ProtectTasks{{task_arn(1)}, true, std::chrono::minutes(5)}), "");
}

TEST_F(LimitsOf, TheProtectionCallTakeTenTasks) {
    EXPECT_EQ(broken(ProtectTasks{{}, true, std::chrono::minutes(5)}), "protection-chunk");
    EXPECT_EQ(broken(ProtectTasks{std::vector<std::string>(11, "a"), true, std::chrono::minutes(5)}),
              "protection-chunk");
    EXPECT_EQ(broken(ProtectTasks{std::vector<std::string>(10, "a"), true, std::chrono::minutes(5)}), "");
}

TEST_F(LimitsOf, AScalableTargetKeepWhatIsNotOurs) {
    const ScalableTarget before{"service/prod/web", 1, 3, {false, false, true}};
    ScalableTarget after = before;
    after.max_capacity = 4;
    after.suspended.dynamic_scaling_in = true;
    EXPECT_EQ(broken(SetScaling{before, after}), "");
    EXPECT_EQ(broken(SetScaling{after, before}), "");
    after.min_capacity = 0;
    EXPECT_EQ(broken(SetScaling{before, after}), "scaling-fields");
    after = before;
    after.suspended.scheduled_scaling = false;
    EXPECT_EQ(broken(SetScaling{before, after}), "scaling-fields");
}

TEST_F(LimitsOf, AForcedDeploymentMustBeAskedFor) {
    EXPECT_EQ(broken(ForceNewDeployment{}), "strategy");
    run.spec.strategy = Strategy::ForceDeployment;
    EXPECT_EQ(broken(ForceNewDeployment{}), "");
    run.ending = Ending{Outcome::Failed, "why", {}};
    EXPECT_EQ(broken(ForceNewDeployment{}), "strategy");
}

} // namespace
} // namespace ecsr::act
