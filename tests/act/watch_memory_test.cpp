// What the daemon remembers, in the file of the journal.
#include "act/journal.hpp"
#include "act/watch_memory.hpp"
#include "tests/act/scratch.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::act {
namespace {

using ecsr::testing::fixed_epoch;
using ecsr::testing::Scratch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Watch watch_of(const std::string& key, std::optional<WatchedFire> fire = {}) {
    return {key, "rate(1 day) UTC", fixed_epoch, fixed_epoch + Seconds(1), fire};
}

TEST(WatchMemory, WhatIsRememberedIsThereAfterARestart) {
    const Scratch scratch;
    {
        const auto memory = open_watch_memory(scratch.file("journal.db")).value();
        EXPECT_THAT(memory->recall().value(), IsEmpty());
        ASSERT_TRUE(memory->remember({watch_of("a"), watch_of("b", WatchedFire{fixed_epoch, fixed_epoch + Seconds(5),
                                                                               fixed_epoch + Seconds(7)})}));
    }
    const auto memory = open_watch_memory(scratch.file("journal.db")).value();
    auto watches = memory->recall().value();
    ASSERT_THAT(watches, SizeIs(2));
    std::ranges::sort(watches, {}, &Watch::service_key);
    EXPECT_EQ(watches[0].schedule, "rate(1 day) UTC");
    EXPECT_EQ(watches[0].first_seen, fixed_epoch);
    EXPECT_EQ(watches[0].dealt_until, fixed_epoch + Seconds(1));
    EXPECT_FALSE(watches[0].fire);
    ASSERT_TRUE(watches[1].fire);
    EXPECT_EQ(watches[1].fire->at, fixed_epoch);
    EXPECT_EQ(watches[1].fire->due, fixed_epoch + Seconds(5));
    EXPECT_EQ(watches[1].fire->run_at, fixed_epoch + Seconds(7));
}

TEST(WatchMemory, ALaterStateReplacesTheEarlierOne) {
    const auto memory = open_watch_memory(":memory:").value();
    ASSERT_TRUE(memory->remember({watch_of("a", WatchedFire{fixed_epoch, fixed_epoch, {}})}));
    ASSERT_TRUE(memory->remember({watch_of("a")}));
    ASSERT_THAT(memory->recall().value(), SizeIs(1));
    EXPECT_FALSE(memory->recall().value().front().fire);
}

TEST(WatchMemory, ItTellsTheRunsOfTheJournalThatAreUnfinished) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db")).value();
    const auto memory = open_watch_memory(scratch.file("journal.db")).value();
    EXPECT_THAT(memory->unfinished_runs().value(), IsEmpty());
    const auto run = ecsr::testing::run_named("ab12");
    ASSERT_TRUE(journal->begin(run, "1/r/c/s", Claim{.who = "x", .now = fixed_epoch}));
    EXPECT_THAT(memory->unfinished_runs().value(), ElementsAre("ab12"));
}

} // namespace
} // namespace ecsr::act
