// Reads that lag behind writes (ECS behaviour B12).
#include "local/faults/past_states.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;

State numbered(std::uint64_t number) {
    State state;
    state.next_address = number;
    return state;
}

std::uint64_t seen(PastStates& past, Millis at) {
    return past.seen_at(fixed_epoch + at)->next_address;
}

TEST(PastStates, AReadTellsWhatWasTrueTheLagAgo) {
    PastStates past(Seconds(2));
    EXPECT_EQ(past.seen_at(fixed_epoch), nullptr);
    past.keep(numbered(1), fixed_epoch);
    past.keep(numbered(2), fixed_epoch + Seconds(10));
    EXPECT_EQ(seen(past, Seconds(10)), 1U);
    EXPECT_EQ(seen(past, Millis(11'999)), 1U);
    EXPECT_EQ(seen(past, Seconds(12)), 2U);
    EXPECT_EQ(seen(past, Seconds(3600)), 2U);
}

TEST(PastStates, EachChangeIsSeenInItsOrder) {
    PastStates past(Seconds(2));
    for (std::uint64_t i = 1; i <= 5; ++i) {
        past.keep(numbered(i), fixed_epoch + Seconds(i));
        if (i >= 3) { EXPECT_EQ(seen(past, Seconds(i)), i - 2); }
    }
    EXPECT_EQ(seen(past, Seconds(6)), 4U);
    EXPECT_EQ(seen(past, Seconds(7)), 5U);
}

TEST(PastStates, ChangesInQuickSuccessionLagNoMoreThanASixteenthLonger) {
    PastStates past(Millis(1'600));
    for (int i = 0; i <= 5'000; ++i) { past.keep(numbered(static_cast<std::uint64_t>(i)), fixed_epoch + Millis(i)); }
    const auto told = seen(past, Millis(5'000));
    EXPECT_LE(told, 3'400U);
    EXPECT_GE(told, 3'300U);
}

} // namespace
} // namespace ecsr::local
