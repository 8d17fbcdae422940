// How many tasks policies want (ECS behaviour E2, E3).
#include "local/scaling/capacity.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

StepScaling steps(const char* type, std::vector<StepAdjustment> adjustments) {
    StepScaling policy;
    policy.adjustment_type = type;
    policy.steps = std::move(adjustments);
    return policy;
}

TEST(StepCapacity, TheBoundNearerToTheThresholdBelongsToTheStep) {
    const auto out = steps("ChangeInCapacity", {{0.0, 15.0, 1}, {15.0, std::nullopt, 3}});
    EXPECT_EQ(step_capacity(out, 4, 0), 5);
    EXPECT_EQ(step_capacity(out, 4, 14.9), 5);
    EXPECT_EQ(step_capacity(out, 4, 15), 7);
    EXPECT_EQ(step_capacity(out, 4, 1000), 7);
    EXPECT_EQ(step_capacity(out, 4, -1), std::nullopt);
    const auto in = steps("ChangeInCapacity", {{-10.0, 0.0, -1}, {std::nullopt, -10.0, -2}});
    EXPECT_EQ(step_capacity(in, 4, -9.9), 3);
    EXPECT_EQ(step_capacity(in, 4, -10), 2);
    EXPECT_EQ(step_capacity(in, 1, -10), 0) << "never below 0";
}

TEST(StepCapacity, ExactCapacity) {
    EXPECT_EQ(step_capacity(steps("ExactCapacity", {{0.0, std::nullopt, 7}}), 2, 5), 7);
}

// User guide: 12.7 becomes 12, 0.67 becomes 1, -0.58 becomes -1, -6.67 becomes -6.
TEST(StepCapacity, PercentagesAreRoundedTowardsZeroButNeverToIt) {
    const auto percent = [](int change) { return steps("PercentChangeInCapacity", {{0.0, std::nullopt, change}}); };
    EXPECT_EQ(step_capacity(percent(127), 10, 0), 22);
    EXPECT_EQ(step_capacity(percent(67), 1, 0), 2);
    EXPECT_EQ(step_capacity(percent(-58), 1, 0), 0);
    EXPECT_EQ(step_capacity(percent(-67), 10, 0), 4);
    EXPECT_EQ(step_capacity(percent(0), 10, 0), 10);
    auto at_least = percent(25);
    at_least.minimum_magnitude = 2;
    EXPECT_EQ(step_capacity(at_least, 4, 0), 6);
    EXPECT_EQ(step_capacity(at_least, 12, 0), 15);
}

TEST(TrackedCapacity, IsProportionalAndRoundedUp) {
    EXPECT_EQ(tracked_capacity(2, 80, 40), 4);
    EXPECT_EQ(tracked_capacity(2, 81, 40), 5);
    EXPECT_EQ(tracked_capacity(3, 50, 50), 3);
    EXPECT_EQ(tracked_capacity(7, 70.1, 70.1), 7);
    EXPECT_EQ(tracked_capacity(4, 0, 50), 0);
    EXPECT_EQ(tracked_capacity(0, 100, 50), 0) << "nothing to count from";
}

TEST(TrackedCapacity, InwardsHalfOfTheWay) {
    EXPECT_EQ(gradually(10, 2), 6);
    EXPECT_EQ(gradually(3, 2), 2);
    EXPECT_EQ(gradually(4, 1), 2);
}

} // namespace
} // namespace ecsr::local
