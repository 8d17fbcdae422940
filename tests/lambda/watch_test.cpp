#include "lambda/watch.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::lambda {
namespace {

using testing::fixed_epoch;

TEST(TimeLimits, WithAJournalTheRunIsLeftBeforeTheDeadline) {
    const Instant deadline = fixed_epoch + std::chrono::minutes(15);
    const TimeLimits limits = time_limits(fixed_epoch, deadline, Seconds(15), true);
    EXPECT_EQ(limits.leave, deadline - Seconds(15));
    EXPECT_GE(limits.end_in_order, limits.leave); // never put back only to begin again
}

TEST(TimeLimits, WithoutOneThereIsTimeToPutEverythingBack) {
    const Instant deadline = fixed_epoch + std::chrono::minutes(15);
    const TimeLimits limits = time_limits(fixed_epoch, deadline, Seconds(15), false);
    EXPECT_EQ(limits.end_in_order, deadline - Seconds(65));
    EXPECT_EQ(limits.leave, deadline - Seconds(5));
}

TEST(TimeLimits, AreInOrderForAnyTimeOut) {
    for (const bool lasts : {true, false}) {
        for (const int seconds : {0, 1, 3, 10, 60, 900}) {
            const Instant deadline = fixed_epoch + Seconds(seconds);
            const TimeLimits limits = time_limits(fixed_epoch, deadline, Seconds(15), lasts);
            EXPECT_GE(limits.leave, fixed_epoch) << seconds;
            EXPECT_LE(limits.leave, deadline) << seconds;
            if (!lasts) { EXPECT_LE(limits.end_in_order, limits.leave) << seconds; }
        }
    }
    EXPECT_EQ(time_limits(fixed_epoch, fixed_epoch - Seconds(1), Seconds(15), true).leave, fixed_epoch);
}

} // namespace
} // namespace ecsr::lambda
