// The recycler against a local ECS on virtual time: whatever goes wrong, the invariants of a run hold.
#include "tests/simulation/simulation.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <map>

namespace ecsr::simulation {
namespace {

constexpr std::uint64_t seeds_of_a_test = 15;

class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, BreakNoInvariant) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + seeds_of_a_test; ++seed) {
        const Verdict verdict = simulate(seed);
        EXPECT_TRUE(verdict.broken.empty()) << to_text(verdict);
    }
}

INSTANTIATE_TEST_SUITE_P(From, Seeds, ::testing::Range<std::uint64_t>(1, 1 + 10 * seeds_of_a_test, seeds_of_a_test));

TEST(Seed, ReplaysToTheSameLastRandomNumber) {
    for (const std::uint64_t seed : {3U, 14U, 15U}) {
        const Verdict once = simulate(seed);
        const Verdict again = simulate(seed);
        EXPECT_EQ(once.last_random, again.last_random);
        EXPECT_EQ(once.calls, again.calls);
        EXPECT_EQ(once.virtual_time, again.virtual_time);
        EXPECT_EQ(once.story, again.story);
    }
}

TEST(Seed, DrawsAllOfItsOptions) {
    EXPECT_NE(describe(draw(1)), describe(draw(2)));
    EXPECT_EQ(describe(draw(1)), describe(draw(1)));
}

} // namespace
} // namespace ecsr::simulation
