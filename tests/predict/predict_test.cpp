// Forecasts of services as they were observed: figures, risks, and what cannot be predicted.
#include "predict/predict.hpp"
#include "tests/predict/facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::predict {
namespace {

using testing::add_event;
using ::testing::Contains;
using testing::fixed_epoch;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ManualClock;
using ::testing::Not;
using testing::telling_service;

const Instant now = fixed_epoch + std::chrono::hours(1);

RunSpec spec_of_web() {
    RunSpec spec;
    spec.cluster = "shop";
    spec.service = "web";
    return spec;
}

Forecast forecast(const RunSpec& spec, const Snapshot& snapshot, int runs = 5) {
    ManualClock clock;
    PredictOptions options;
    options.runs = runs;
    return predict(spec, snapshot, recycle::plan(spec, snapshot, now), options, clock, now, {});
}

TEST(Predict, AServiceThatToldEverythingIsPredicted) {
    const Forecast told = forecast(spec_of_web(), telling_service());
    ASSERT_TRUE(told.predicted) << told.not_predicted;
    const Prediction& p = *told.predicted;
    // One surge task, and one for each of two victims: each a decision, a start and health, 10 s of patience less.
    EXPECT_GT(p.duration, Seconds(2 * (4 + 10 + 5)));
    EXPECT_LT(p.duration, Seconds(3 * (20 + 20 + 15)));
    EXPECT_LE(p.shortest, p.duration);
    EXPECT_LE(p.duration, p.longest);
    EXPECT_EQ(p.lowest_healthy, 2);
    EXPECT_GE(p.extra_tasks, 1);
    EXPECT_GT(p.api_calls, 20);
    EXPECT_EQ(p.simulated_runs, 5);
    EXPECT_THAT(told.not_predicted, IsEmpty());
}

TEST(Predict, TheSameSnapshotGivesTheSameForecast) {
    const Forecast once = forecast(spec_of_web(), telling_service());
    const Forecast again = forecast(spec_of_web(), telling_service());
    ASSERT_TRUE(once.predicted && again.predicted);
    EXPECT_EQ(once.predicted->duration, again.predicted->duration);
    EXPECT_EQ(once.predicted->longest, again.predicted->longest);
    EXPECT_EQ(once.predicted->api_calls, again.predicted->api_calls);
}

TEST(Predict, FewerTasksAtATimeTakeLonger) {
    RunSpec both = spec_of_web();
    both.batch = Amount{2, false};
    const Forecast one = forecast(spec_of_web(), telling_service());
    const Forecast two = forecast(both, telling_service());
    ASSERT_TRUE(one.predicted && two.predicted);
    EXPECT_GT(one.predicted->duration, two.predicted->duration);
    EXPECT_LT(one.predicted->extra_tasks, two.predicted->extra_tasks);
}

TEST(Predict, OneNamedTaskIsPredictedAlone) {
    RunSpec named = spec_of_web();
    named.tasks = {"a"};
    const Forecast all = forecast(spec_of_web(), telling_service());
    const Forecast one = forecast(named, telling_service());
    ASSERT_TRUE(all.predicted && one.predicted);
    EXPECT_LT(one.predicted->duration, all.predicted->duration);
}

TEST(Predict, ADeploymentIsPredictedToo) {
    RunSpec forced = spec_of_web();
    forced.strategy = Strategy::ForceDeployment;
    const Forecast told = forecast(forced, telling_service());
    ASSERT_TRUE(told.predicted) << told.not_predicted;
    EXPECT_EQ(told.predicted->lowest_healthy, 2);
    EXPECT_GE(told.predicted->extra_tasks, 1);
}

TEST(Predict, ARefusedPlanIsNotPredicted) {
    Snapshot snapshot = telling_service();
    snapshot.service.desired_count = 0;
    const Forecast told = forecast(spec_of_web(), snapshot);
    EXPECT_FALSE(told.predicted);
    EXPECT_EQ(told.not_predicted, "the run would be refused");
}

TEST(Predict, WhatTheLocalEcsDoesNotKnowIsNoReasonToFail) {
    Snapshot snapshot = telling_service();
    snapshot.service.target_groups = {{"arn:a", "app", 80}, {"arn:b", "app", 80}};
    snapshot.target_groups["arn:a"].target_type = "ip";
    snapshot.target_groups["arn:b"].target_type = "instance";
    RunSpec spec = spec_of_web();
    spec.max_unavailable = Amount{100, true};
    const Forecast told = forecast(spec, snapshot);
    EXPECT_FALSE(told.predicted);
    EXPECT_THAT(told.not_predicted, Not(IsEmpty()));
    EXPECT_THAT(told.not_predicted, Not(HasSubstr("\n")));
}

TEST(Predict, ARunThatWouldTimeOutIsSaidToBe) {
    RunSpec hasty = spec_of_web();
    hasty.timeout = Seconds(20);
    const Forecast told = forecast(hasty, telling_service());
    ASSERT_TRUE(told.predicted) << told.not_predicted;
    EXPECT_THAT(told.risks, Contains(HasSubstr("would not get done: timed_out")));
}

TEST(Predict, WhenTheUserWantsNoMoreOfItItEnds) {
    ManualClock clock;
    std::stop_source stop;
    stop.request_stop();
    const Snapshot snapshot = telling_service();
    const auto plan = recycle::plan(spec_of_web(), snapshot, now);
    const Forecast told = predict(spec_of_web(), snapshot, plan, {}, clock, now, stop.get_token());
    EXPECT_FALSE(told.predicted);
    EXPECT_THAT(told.not_predicted, HasSubstr("5s"));
}

// ---- risks ----

TEST(Risks, LackOfCapacityIsToldWithItsEvent) {
    Snapshot snapshot = telling_service();
    add_event(snapshot, now - std::chrono::minutes(5),
              "was unable to place a task because no container instance met all of its requirements.");
    EXPECT_THAT(forecast(spec_of_web(), snapshot, 1).risks,
                Contains(HasSubstr("5m ago ECS told: (service web) was unable to place")));
}

TEST(Risks, AnAutoscalerAtItsLimit) {
    Snapshot snapshot = telling_service();
    snapshot.scalable_target = ScalableTarget{"service/shop/web", 1, 2, {}};
    EXPECT_THAT(forecast(spec_of_web(), snapshot, 1).risks, Contains(HasSubstr("max capacity of 2")));
    snapshot.scalable_target->max_capacity = 3;
    EXPECT_THAT(forecast(spec_of_web(), snapshot, 1).risks, Not(Contains(HasSubstr("max capacity"))));
}

TEST(Risks, ProtectedTasksStayOld) {
    Snapshot snapshot = telling_service();
    snapshot.protection[snapshot.tasks.begin()->first] = {true, now + std::chrono::hours(1)};
    const Forecast told = forecast(spec_of_web(), snapshot, 3);
    EXPECT_THAT(told.risks, Contains(HasSubstr("1 tasks stay old")));
    ASSERT_TRUE(told.predicted) << told.not_predicted;
    const Forecast all = forecast(spec_of_web(), telling_service(), 3);
    EXPECT_LT(told.predicted->duration, all.predicted->duration);
}

TEST(Risks, AnAlarmWithoutDataCannotStopTheRun) {
    Snapshot snapshot = telling_service();
    snapshot.alarms = {{"errors", "INSUFFICIENT_DATA"}};
    snapshot.alarms_at = now;
    RunSpec spec = spec_of_web();
    spec.alarms = {"errors"};
    const Forecast told = forecast(spec, snapshot, 1);
    EXPECT_THAT(told.risks, Contains(HasSubstr("alarm errors has no data")));
    EXPECT_TRUE(told.predicted) << told.not_predicted;
}

TEST(Risks, WhatIsNotKnownIsSaid) {
    Snapshot snapshot = telling_service();
    snapshot.service.events.clear();
    snapshot.service.deployments[0].created_at = fixed_epoch - std::chrono::hours(9);
    const Forecast told = forecast(spec_of_web(), snapshot, 1);
    EXPECT_THAT(told.risks, Contains("start-up time rests on 2 tasks alone"));
    EXPECT_THAT(told.risks, Contains(HasSubstr("from RUNNING to healthy")));
    EXPECT_THAT(told.risks, Contains(HasSubstr("5 to 20 s are assumed")));
    EXPECT_THAT(told.risks, Contains(HasSubstr("stopTimeout of 30s")));
    EXPECT_TRUE(told.predicted) << told.not_predicted;
}

} // namespace
} // namespace ecsr::predict
