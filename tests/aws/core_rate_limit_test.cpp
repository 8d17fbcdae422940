#include "aws/rate_limit.hpp"
#include "tests/support/manual_clock.hpp"

#include <chrono>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using testing::fixed_epoch;

TEST(TokenBucket, BurstIsFreeAndThenTheRefillRules) {
    TokenBucket bucket({3, 2});
    for (int i = 0; i < 3; ++i) { EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch); }
    EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch + 500ms);
    EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch + 1s);
    EXPECT_EQ(bucket.take(fixed_epoch + 1s), fixed_epoch + 1500ms);
}

TEST(TokenBucket, RestFillsItUpToTheBurstAndNoFurther) {
    TokenBucket bucket({3, 2});
    for (int i = 0; i < 5; ++i) { static_cast<void>(bucket.take(fixed_epoch)); }
    const Instant later = fixed_epoch + 1h;
    for (int i = 0; i < 3; ++i) { EXPECT_EQ(bucket.take(later), later); }
    EXPECT_EQ(bucket.take(later), later + 500ms);
}

TEST(TokenBucket, ThrottlingEmptiesItButForgivesNoDebt) {
    TokenBucket bucket({100, 20});
    bucket.empty(fixed_epoch);
    EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch + 50ms);
    bucket.empty(fixed_epoch);
    EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch + 100ms);
}

TEST(TokenBucket, TimeThatRunsBackwardsRefillsNothing) {
    TokenBucket bucket({1, 1});
    EXPECT_EQ(bucket.take(fixed_epoch), fixed_epoch);
    EXPECT_EQ(bucket.take(fixed_epoch - 1h), fixed_epoch - 1h + 1s);
}

TEST(RateLimits, OperationsOfAGroupShareABucket) {
    RateLimits limits;
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(limits.reserve("ecs", "DescribeTasks", fixed_epoch), fixed_epoch);
        EXPECT_EQ(limits.reserve("ecs", "ListTasks", fixed_epoch), fixed_epoch);
    }
    EXPECT_EQ(limits.reserve("ecs", "ListTasks", fixed_epoch), fixed_epoch + 50ms);
    EXPECT_EQ(limits.reserve("ecs", "DescribeServices", fixed_epoch), fixed_epoch);
}

TEST(RateLimits, SameOperationOfAnotherServiceIsAnother) {
    EXPECT_EQ(rate_group("ecs", "DescribeServices"), "service read");
    EXPECT_EQ(rate_group("sts", "DescribeServices"), "");
}

TEST(RateLimits, UnpublishedRatesAreNotLimited) {
    RateLimits limits;
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_EQ(limits.reserve("application-autoscaling", "DescribeScalableTargets", fixed_epoch), fixed_epoch);
    }
}

// ECS behaviour G1.
TEST(RateLimits, PublishedRatesOfEcs) {
    struct Case {
        const char* operation;
        double burst;
        double per_second;
    };
    const Case cases[] = {{"StopTask", 100, 40},
                          {"DescribeTasks", 100, 20},
                          {"UpdateService", 50, 5},
                          {"DescribeServices", 100, 20},
                          {"UpdateTaskProtection", 200, 80},
                          {"DescribeClusters", 50, 20},
                          {"RegisterTaskDefinition", 20, 1},
                          {"ListServiceDeployments", 50, 20}};
    for (const Case& c : cases) {
        const BucketSize size = bucket_size(rate_group("ecs", c.operation));
        EXPECT_EQ(size.burst, c.burst) << c.operation;
        EXPECT_EQ(size.per_second, c.per_second) << c.operation;
    }
}

TEST(RateLimits, ThrottledOperationSlowsItsGroupDown) {
    RateLimits limits;
    limits.on_throttled("ecs", "StopTask", fixed_epoch);
    EXPECT_EQ(limits.reserve("ecs", "StopTask", fixed_epoch), fixed_epoch);
    limits.on_throttled("ecs", "StopTask", fixed_epoch);
    EXPECT_EQ(limits.reserve("ecs", "RunTask", fixed_epoch), fixed_epoch + 25ms);
}

} // namespace
} // namespace ecsr::aws
