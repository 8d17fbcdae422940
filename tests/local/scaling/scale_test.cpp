// What becomes of what alarms ask (ECS behaviour E2, E3, E4).
#include "local/scaling/policies.hpp"
#include "local/scaling/scale.hpp"
#include "local/scaling/targets.hpp"
#include "tests/support/manual_clock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

constexpr const char* resource = "service/c/s";

class Scaling : public ::testing::Test {
protected:
    void SetUp() override {
        state.clusters["c"].name = "c";
        Service& made = state.services[{"c", "s"}];
        made.cluster = "c";
        made.name = "s";
        Deployment primary;
        primary.id = "ecs-svc/1";
        primary.rollout_state = RolloutState::Completed;
        made.deployments.push_back(primary);
        set_running(2);
        service().desired_count = 2;
        ScalableTarget made_target;
        made_target.resource_id = resource;
        made_target.min_capacity = 1;
        made_target.max_capacity = 10;
        put_target(state, made_target, now);
    }

    Service& service() { return state.services.at({"c", "s"}); }
    ScalableTarget& target() { return state.scalable_targets.at(resource); }
    int desired() { return service().desired_count; }

    void set_running(int count) {
        state.tasks = {};
        for (int i = 0; i < count; ++i) {
            Task task;
            task.id = fmt::format("t{}", i);
            task.cluster = "c";
            task.service = "s";
            task.started_by = "ecs-svc/1";
            task.last_status = TaskStatus::Running;
            state.tasks.add(task);
        }
    }
    // ECS has done what it was told.
    void settle() {
        set_running(desired());
        scale(state, now);
    }

    ScalingPolicy& track(const char* metric, double value, const char* name = "cpu") {
        ScalingPolicy policy;
        policy.name = name;
        policy.tracking.emplace();
        policy.tracking->target = value;
        policy.tracking->predefined = metric;
        return put_policy(state, target(), policy, now);
    }
    ScalingPolicy& track_cpu() { return track("ECSServiceAverageCPUUtilization", 50); }

    // An alarm that somebody has made, with the policy as its action.
    ScalingPolicy& step(const char* name, int adjustment, Seconds cooldown = Seconds(60)) {
        ScalingPolicy policy;
        policy.name = name;
        policy.step.emplace();
        policy.step->adjustment_type = "ChangeInCapacity";
        policy.step->cooldown = cooldown;
        const std::optional<double> none;
        policy.step->steps = {adjustment > 0 ? StepAdjustment{0.0, 20.0, adjustment}
                                             : StepAdjustment{none, 0.0, adjustment}};
        if (adjustment > 0) { policy.step->steps.push_back({20.0, none, adjustment * 2}); }
        ScalingPolicy& kept = put_policy(state, target(), policy, now);
        Alarm alarm;
        alarm.name = name;
        alarm.threshold = 70;
        alarm.alarm_actions = {kept.arn};
        put_alarm(state, alarm, now);
        return kept;
    }

    void fire(const ScalingPolicy& policy, const std::string& alarm, std::optional<double> value) {
        Alarm* found = find_alarm(state, alarm);
        ASSERT_NE(found, nullptr) << alarm;
        found->state = AlarmState::Alarm;
        state.alarms.scaling_actions.push_back({policy.arn, alarm, AlarmState::Alarm, found->threshold, value, now});
        EXPECT_EQ(next_scaling_at(state), Instant{});
        scale(state, now);
    }
    void high(const ScalingPolicy& policy, double value) { fire(policy, policy.high_alarm, value); }
    void low(const ScalingPolicy& policy, double value) { fire(policy, policy.low_alarm, value); }

    const ScalingActivity& newest() { return state.scaling_activities.at(0); }
    std::string why_not() {
        return state.scaling_activities.empty() || !newest().not_scaled ? "" : newest().not_scaled->code;
    }

    State state;
    Instant now = ecsr::testing::fixed_epoch;
};

TEST_F(Scaling, TargetTrackingOwnsTwoAlarms) {
    const ScalingPolicy& policy = track_cpu();
    EXPECT_TRUE(policy.arn.starts_with("arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:")) << policy.arn;
    EXPECT_TRUE(policy.arn.ends_with(":resource/ecs/service/c/s:policyName/cpu")) << policy.arn;
    ASSERT_TRUE(policy.high_alarm.starts_with("TargetTracking-service/c/s-AlarmHigh-")) << policy.high_alarm;
    ASSERT_TRUE(policy.low_alarm.starts_with("TargetTracking-service/c/s-AlarmLow-")) << policy.low_alarm;
    const Alarm& above = state.alarms.by_name.at(policy.high_alarm);
    EXPECT_EQ(above.comparison, "GreaterThanThreshold");
    EXPECT_EQ(above.threshold, 50);
    EXPECT_EQ(above.evaluation_periods, 3);
    EXPECT_EQ(above.treat_missing_data, "missing");
    EXPECT_EQ(above.alarm_actions, std::vector{policy.arn});
    EXPECT_EQ(above.description, "DO NOT EDIT OR DELETE. For TargetTrackingScalingPolicy " + policy.arn + ".");
    ASSERT_TRUE(above.metric);
    EXPECT_EQ(above.metric->name_space, "AWS/ECS");
    EXPECT_EQ(above.metric->name, "CPUUtilization");
    EXPECT_EQ(above.metric->statistic, "Average");
    EXPECT_EQ(above.metric->unit, "Percent");
    EXPECT_EQ(above.metric->dimensions,
              (std::map<std::string, std::string>{{"ClusterName", "c"}, {"ServiceName", "s"}}));
    const Alarm& below = state.alarms.by_name.at(policy.low_alarm);
    EXPECT_EQ(below.comparison, "LessThanThreshold");
    EXPECT_EQ(below.threshold, 45);
    EXPECT_EQ(below.evaluation_periods, 15);

    const std::string arn = policy.arn;
    const std::string alarm = policy.high_alarm;
    EXPECT_EQ(track("ECSServiceAverageCPUUtilization", 60).arn, arn);
    EXPECT_EQ(state.alarms.by_name.at(alarm).threshold, 60) << "the same metric keeps its alarms";
    EXPECT_NE(track("ECSServiceAverageMemoryUtilization", 60).high_alarm, alarm);
    EXPECT_EQ(state.alarms.by_name.size(), 2U);
    remove_target(state, resource, now);
    EXPECT_TRUE(state.alarms.by_name.empty());
}

TEST_F(Scaling, OutInProportionToTheMetric) {
    ScalingPolicy& policy = track_cpu();
    high(policy, 120); // 2 x 120 / 50
    EXPECT_EQ(desired(), 5);
    EXPECT_EQ(newest().description, "Setting desired count to 5.");
    EXPECT_EQ(newest().cause, "monitor alarm " + policy.high_alarm + " in state ALARM triggered policy cpu");
    EXPECT_EQ(newest().status, ActivityStatus::InProgress);
    EXPECT_EQ(newest().status_message,
              "Successfully set desired count to 5. Waiting for change to be fulfilled by ecs.");
    EXPECT_FALSE(newest().ended_at);
    now += Seconds(30);
    settle();
    EXPECT_EQ(newest().status, ActivityStatus::Successful);
    EXPECT_EQ(newest().status_message, "Successfully set desired count to 5. Change successfully fulfilled by ecs.");
    EXPECT_EQ(newest().ended_at, now);
}

TEST_F(Scaling, NeverLeavesTheCapacities) {
    ScalingPolicy& policy = track_cpu();
    high(policy, 5000);
    EXPECT_EQ(desired(), 10);
    settle();
    now += std::chrono::minutes(6);
    high(policy, 100);
    EXPECT_EQ(why_not(), "AlreadyAtMaxCapacity");
    EXPECT_EQ(newest().not_scaled->maximum, 10);
    EXPECT_EQ(newest().status, ActivityStatus::Failed);
    EXPECT_EQ(newest().description, "Attempting to scale due to alarm triggered");
    const auto count = state.scaling_activities.size();
    high(policy, 100);
    EXPECT_EQ(state.scaling_activities.size(), count) << "told once";
}

TEST_F(Scaling, InHalfOfTheWayAndNotBelowTheMinimum) {
    target().min_capacity = 2;
    service().desired_count = 8;
    settle();
    ScalingPolicy& policy = track_cpu();
    low(policy, 10); // 1.6 tasks would do
    EXPECT_EQ(desired(), 5);
    settle();
    low(policy, 10);
    EXPECT_EQ(desired(), 5) << "cooldown";
    now += Seconds(300);
    low(policy, 1);
    EXPECT_EQ(desired(), 3);
    settle();
    now += Seconds(300);
    low(policy, 1);
    EXPECT_EQ(desired(), 2);
    settle();
    now += Seconds(300);
    low(policy, 1);
    EXPECT_EQ(why_not(), "AlreadyAtMinCapacity");
}

TEST_F(Scaling, InNotWhereThatWouldFlap) {
    low(track_cpu(), 40); // 2 x 40 / 50 is still 2
    EXPECT_EQ(desired(), 2);
    EXPECT_EQ(why_not(), "AutoScalingAnticipatedFlapping");
}

TEST_F(Scaling, InNotDuringADeployment) {
    ScalingPolicy& policy = track_cpu();
    service().deployments.front().rollout_state = RolloutState::InProgress;
    low(policy, 5);
    EXPECT_EQ(desired(), 2);
    EXPECT_EQ(why_not(), "TargetServicePutResourceAsUnscalable");
    high(policy, 100);
    EXPECT_EQ(desired(), 4) << "out goes on";
}

TEST_F(Scaling, InNotWhereItIsDisabled) {
    ScalingPolicy& policy = track_cpu();
    policy.tracking->disable_scale_in = true;
    low(policy, 5);
    EXPECT_EQ(desired(), 2);
    EXPECT_TRUE(state.scaling_activities.empty());
}

TEST_F(Scaling, CountsFromWhatRuns) {
    service().desired_count = 3;
    set_running(6); // the metric is the average of these
    high(track_cpu(), 75);
    EXPECT_EQ(desired(), 9);
}

TEST_F(Scaling, ALargerStepGetsThroughTheCooldownAndCountsTheFirstIn) {
    ScalingPolicy& policy = step("up", 2, Seconds(300));
    fire(policy, "up", 75);
    EXPECT_EQ(desired(), 4);
    settle();
    now += Seconds(60);
    fire(policy, "up", 75);
    EXPECT_EQ(desired(), 4) << "the same again";
    fire(policy, "up", 95);
    EXPECT_EQ(desired(), 6) << "4 more than when it began";
    settle();
    now += Seconds(300);
    fire(policy, "up", 75);
    EXPECT_EQ(desired(), 8) << "the cooldown is over";
}

TEST_F(Scaling, OutIsNotHeldUpByTheCooldownOfScalingIn) {
    service().desired_count = 6;
    settle();
    ScalingPolicy& down = step("down", -1);
    ScalingPolicy& up = step("up", 2);
    fire(down, "down", 10);
    EXPECT_EQ(desired(), 5);
    settle();
    fire(up, "up", 75);
    EXPECT_EQ(desired(), 7);
}

TEST_F(Scaling, OutIfAnyPolicySaysSoAndTheLargestWins) {
    ScalingPolicy& cpu = track_cpu();
    ScalingPolicy& memory = track("ECSServiceAverageMemoryUtilization", 50, "memory");
    for (const auto* policy : {&cpu, &memory}) {
        find_alarm(state, policy->high_alarm)->state = AlarmState::Alarm;
        state.alarms.scaling_actions.push_back(
            {policy->arn, policy->high_alarm, AlarmState::Alarm, 50.0, policy == &cpu ? 75.0 : 150.0, now});
    }
    scale(state, now);
    EXPECT_EQ(desired(), 6);
    EXPECT_TRUE(newest().cause.ends_with("triggered policy memory"));
}

TEST_F(Scaling, InOnlyIfAllPoliciesAgree) {
    service().desired_count = 6;
    settle();
    ScalingPolicy& cpu = track_cpu();
    ScalingPolicy& memory = track("ECSServiceAverageMemoryUtilization", 50, "memory");
    low(cpu, 5);
    EXPECT_EQ(desired(), 6);
    find_alarm(state, memory.low_alarm)->state = AlarmState::Alarm;
    low(cpu, 5);
    EXPECT_EQ(desired(), 3);
}

TEST_F(Scaling, MissingDataDoesNothing) {
    ScalingPolicy& policy = track_cpu();
    fire(policy, policy.high_alarm, std::nullopt);
    EXPECT_EQ(desired(), 2);
    EXPECT_TRUE(state.scaling_activities.empty());
}

TEST_F(Scaling, TargetTrackingCannotLiftFromZero) {
    target().min_capacity = 0;
    service().desired_count = 0;
    set_running(0);
    high(track_cpu(), 100);
    EXPECT_EQ(desired(), 0);
}

TEST_F(Scaling, ACountBelowTheMinimumStaysUntilScalingOut) {
    target().min_capacity = 4;
    service().desired_count = 1;
    set_running(1);
    scale(state, now);
    EXPECT_EQ(desired(), 1);
    high(track_cpu(), 60);
    EXPECT_EQ(desired(), 4);
}

TEST_F(Scaling, SuspendedItWaitsAndResumedItLooksAgain) {
    const ScalingPolicy policy = track_cpu();
    ScalableTarget changed = target();
    changed.suspended.dynamic_scaling_out = true;
    put_target(state, changed, now);
    high(policy, 100);
    EXPECT_EQ(desired(), 2);
    changed = target();
    changed.suspended.dynamic_scaling_in = true;
    put_target(state, changed, now);
    scale(state, now);
    EXPECT_EQ(desired(), 2) << "still suspended";
    changed = target();
    changed.suspended = {};
    put_target(state, changed, now);
    scale(state, now);
    EXPECT_EQ(desired(), 4);
}

TEST_F(Scaling, WhatWasHeldDoesNotCountWhenItsAlarmIsOver) {
    const ScalingPolicy policy = track_cpu();
    target().suspended.dynamic_scaling_out = true;
    high(policy, 100);
    find_alarm(state, policy.high_alarm)->state = AlarmState::Ok;
    ScalableTarget changed = target();
    changed.suspended = {};
    put_target(state, changed, now);
    scale(state, now);
    EXPECT_EQ(desired(), 2);
}

TEST_F(Scaling, AChangeBySomebodyElseOverridesTheActivity) {
    high(track_cpu(), 100);
    service().desired_count = 3;
    scale(state, now);
    EXPECT_EQ(newest().status, ActivityStatus::Overridden);
}

TEST_F(Scaling, NewCapacitiesClampAtOnceAndSayWhy) {
    ScalableTarget changed = target();
    changed.min_capacity = 4;
    put_target(state, changed, now);
    EXPECT_EQ(desired(), 4);
    EXPECT_EQ(newest().cause, "minimum capacity was set to 4");
    changed.min_capacity = 1;
    changed.max_capacity = 3;
    put_target(state, changed, now);
    EXPECT_EQ(desired(), 3);
    EXPECT_EQ(newest().cause, "maximum capacity was set to 3");
    scale(state, now);
    EXPECT_EQ(state.scaling_activities.at(1).status, ActivityStatus::Overridden);
}

TEST_F(Scaling, ScheduledActionsClampWhenTheirTimeComes) {
    ScheduledAction action;
    action.name = "night";
    action.schedule = "rate(1 hour)";
    action.created_at = now;
    action.min_capacity = 3;
    action.max_capacity = 5;
    action.next_at = now + std::chrono::hours(1);
    target().scheduled["night"] = action;
    EXPECT_EQ(next_scaling_at(state), action.next_at);
    scale(state, now + std::chrono::minutes(59));
    EXPECT_EQ(desired(), 2);
    now = action.next_at;
    scale(state, now);
    EXPECT_EQ(desired(), 3);
    EXPECT_EQ(target().max_capacity, 5);
    EXPECT_EQ(next_scaling_at(state), now + std::chrono::hours(1));
    const ScalingActivity& set = state.scaling_activities.at(1);
    EXPECT_EQ(set.description, "Setting min capacity to 3 and max capacity to 5");
    EXPECT_EQ(set.cause, "scheduled action name night was triggered");
    EXPECT_EQ(set.status_message, "Successfully set min capacity to 3 and max capacity to 5");
    EXPECT_EQ(newest().cause, "minimum capacity was set to 3");

    target().suspended.scheduled_scaling = true;
    target().scheduled["night"].min_capacity = 4;
    now += std::chrono::hours(1);
    scale(state, now);
    target().suspended.scheduled_scaling = false;
    scale(state, now);
    EXPECT_EQ(desired(), 3) << "skipped, not queued";
}

TEST_F(Scaling, ActivitiesAreKeptForSixWeeks) {
    high(track_cpu(), 100);
    settle();
    scale(state, now + activity_retention - Millis(1));
    EXPECT_EQ(state.scaling_activities.size(), 1U);
    scale(state, now + activity_retention);
    EXPECT_TRUE(state.scaling_activities.empty());
}

} // namespace
} // namespace ecsr::local
