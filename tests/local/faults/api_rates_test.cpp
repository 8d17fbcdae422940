// The token buckets of ECS (ECS behaviour G1).
#include "local/faults/api_rates.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;

int taken(ApiRates& rates, std::string_view operation, int asked, Instant now) {
    int count = 0;
    for (int i = 0; i < asked; ++i) { count += rates.take(operation, now) ? 1 : 0; }
    return count;
}

TEST(ApiRates, ABurstThenTheSustainedRate) {
    ApiRates rates;
    EXPECT_EQ(taken(rates, "StopTask", 200, fixed_epoch), 100);
    EXPECT_EQ(taken(rates, "StopTask", 200, fixed_epoch + Seconds(1)), 40);
    EXPECT_EQ(taken(rates, "StopTask", 200, fixed_epoch + Millis(1'500)), 20);
    EXPECT_EQ(taken(rates, "StopTask", 200, fixed_epoch + Seconds(60)), 100);
}

TEST(ApiRates, OperationsOfAGroupShareABucketAndGroupsDoNot) {
    ApiRates rates;
    EXPECT_EQ(taken(rates, "RunTask", 60, fixed_epoch), 60);
    EXPECT_EQ(taken(rates, "StopTask", 60, fixed_epoch), 40);
    EXPECT_EQ(taken(rates, "DescribeTasks", 200, fixed_epoch), 100);
    EXPECT_EQ(taken(rates, "UpdateService", 200, fixed_epoch), 50);
    EXPECT_EQ(taken(rates, "UpdateTaskProtection", 300, fixed_epoch), 200);
}

TEST(ApiRates, SetOnesOwnPaceForWhatTheTableDoesNotName) {
    ApiRates rates;
    EXPECT_EQ(taken(rates, "DescribeTargetHealth", 10'000, fixed_epoch), 10'000);
}

} // namespace
} // namespace ecsr::local
