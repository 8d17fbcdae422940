// What is learnt from the timestamps and events of a service.
#include "predict/learned.hpp"
#include "tests/predict/facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::predict {
namespace {

using testing::add_event;
using ::testing::ElementsAre;
using testing::fixed_epoch;
using testing::stopped_task;
using testing::telling_service;
using testing::told_task;
using ::testing::UnorderedElementsAre;

const Instant noon = fixed_epoch + std::chrono::hours(1);

TEST(Learned, StartsAreThoseOfEveryTaskThatRan) {
    Snapshot snapshot = telling_service();
    snapshot.recently_stopped = {stopped_task("c", noon, "UserInitiated", noon + Seconds(30), Seconds(1))};
    EXPECT_THAT(learn(snapshot).starts, UnorderedElementsAre(Seconds(10), Seconds(20), Seconds(2)));
}

TEST(Learned, TheFirstTaskOfADeploymentTellsHowFastEcsDecides) {
    EXPECT_EQ(learn(telling_service()).decision, Seconds(4));
}

TEST(Learned, ATaskThatTookThePlaceOfAnotherTellsHowFastEcsDecides) {
    Snapshot snapshot = telling_service();
    snapshot.service.deployments[0].created_at = fixed_epoch - std::chrono::hours(9);
    EXPECT_EQ(learn(snapshot).decision, std::nullopt);
    snapshot.recently_stopped = {stopped_task("c", noon, "UserInitiated", noon + Seconds(30), Seconds(1))};
    const Task next = told_task("d", noon + Seconds(37), Seconds(2));
    snapshot.tasks[next.arn] = next;
    EXPECT_EQ(learn(snapshot).decision, Seconds(7));
}

TEST(Learned, WhereNothingElseTellsEventsInASecondShowThatEcsIsFastHere) {
    Snapshot snapshot = telling_service();
    snapshot.service.deployments[0].created_at = fixed_epoch - std::chrono::hours(9);
    add_event(snapshot, noon, "has stopped 1 running tasks: (task x).");
    add_event(snapshot, noon + Millis(800), "has started 1 tasks: (task y).");
    add_event(snapshot, noon + Millis(801), "(deployment ecs-svc/1) deployment completed.");
    EXPECT_EQ(learn(snapshot).decision, Millis(400));
}

TEST(Learned, TheUsualRangeOfDecisionsSaysMoreThanASampleWithinIt) {
    EXPECT_EQ(decision_range(std::nullopt).low, Seconds(5));
    EXPECT_EQ(decision_range(Seconds(6)).high, Seconds(20));
    EXPECT_EQ(decision_range(Millis(200)).low, Millis(100));
    EXPECT_EQ(decision_range(Millis(200)).high, Millis(300));
    EXPECT_EQ(decision_range(Seconds(40)).middle(), Seconds(40));
}

TEST(Learned, HealthIsWhatTheSteadyStateWaitedForLessOneDecision) {
    EXPECT_EQ(learn(telling_service()).health, Seconds(9 - 4));
}

TEST(Learned, ASteadyStateThatWaitedForNoTaskTellsNothing) {
    Snapshot snapshot = telling_service();
    add_event(snapshot, noon + std::chrono::hours(5), "has reached a steady state.");
    EXPECT_EQ(learn(snapshot).health, Seconds(5));
    snapshot.service.events.pop_back();
    snapshot.service.events.pop_back();
    EXPECT_EQ(learn(snapshot).health, std::nullopt);
}

TEST(Learned, WithoutAnythingThatVouchesThereIsNoHealthToLearn) {
    Snapshot snapshot = telling_service();
    for (auto& [arn, definition] : snapshot.task_definitions) { definition.containers[0].has_health_check = false; }
    EXPECT_EQ(learn(snapshot).health, std::nullopt);
}

TEST(Learned, StopsAreWithoutTheDrainingThatOnlyTheSchedulerWaitsFor) {
    Snapshot snapshot = telling_service();
    snapshot.target_groups["g"].deregistration_delay = Seconds(60);
    snapshot.recently_stopped = {
        stopped_task("c", noon, "UserInitiated", noon + Seconds(30), Seconds(3)),
        stopped_task("d", noon, "ServiceSchedulerInitiated", noon + Seconds(30), Seconds(65)),
        stopped_task("e", noon, "EssentialContainerExited", noon + Seconds(30), Seconds(1)),
    };
    EXPECT_THAT(learn(snapshot).stops, UnorderedElementsAre(Seconds(3), Seconds(5)));
}

TEST(Learned, AnEmptySnapshotTeachesNothing) {
    const Learned learned = learn({});
    EXPECT_TRUE(learned.starts.empty());
    EXPECT_TRUE(learned.stops.empty());
    EXPECT_FALSE(learned.health);
    EXPECT_FALSE(learned.decision);
}

TEST(Learned, TheMiddleOfSamples) {
    EXPECT_EQ(middle({Seconds(9), Seconds(1), Seconds(5)}), Seconds(5));
    EXPECT_EQ(middle({Seconds(4)}), Seconds(4));
}

} // namespace
} // namespace ecsr::predict
