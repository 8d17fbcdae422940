#include "base/scaled_clock.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace ecsr {
namespace {

using namespace std::chrono_literals;
using testing::fixed_epoch;
using testing::ManualClock;

TEST(ScaledClock, GoesFasterThanItsSource) {
    ManualClock source;
    ScaledClock clock(source, 60, fixed_epoch + 24h);
    EXPECT_EQ(clock.now(), fixed_epoch + 24h);
    source.advance(1s);
    EXPECT_EQ(clock.now(), fixed_epoch + 24h + 1min);
}

TEST(ScaledClock, SleepsOnlyAsLongAsItsSourceNeeds) {
    ManualClock source;
    ScaledClock clock(source, 60, fixed_epoch);
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + 90s, {}));
    EXPECT_EQ(source.sleeps(), std::vector<Millis>{1500ms});
    EXPECT_EQ(clock.now(), fixed_epoch + 90s);
}

TEST(ScaledClock, SleepsNoLessThanAskedWhenTheScaleDoesNotDivide) {
    ManualClock source;
    ScaledClock clock(source, 7, fixed_epoch);
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + 100ms, {}));
    EXPECT_GE(clock.now(), fixed_epoch + 100ms);
    EXPECT_EQ(source.now(), fixed_epoch + 15ms);
}

TEST(ScaledClock, JumpsAheadAndGoesOnFromThere) {
    ManualClock source;
    ScaledClock clock(source, 2, fixed_epoch);
    clock.jump_to(fixed_epoch + 6h);
    EXPECT_EQ(clock.now(), fixed_epoch + 6h);
    source.advance(1s);
    EXPECT_EQ(clock.now(), fixed_epoch + 6h + 2s);
    clock.jump_to(fixed_epoch);
    EXPECT_EQ(clock.now(), fixed_epoch + 6h + 2s);
}

TEST(ScaledClock, NeverGoesBack) {
    ManualClock source;
    ScaledClock clock(source, 60, fixed_epoch);
    source.advance(10s);
    EXPECT_EQ(clock.now(), fixed_epoch + 10min);
    source.set(fixed_epoch + 5s);
    EXPECT_EQ(clock.now(), fixed_epoch + 10min);
}

TEST(ScaledClock, AJumpEndsSleeps) {
    ManualClock source(fixed_epoch, ManualClock::Sleepers::Block);
    ScaledClock clock(source, 60, fixed_epoch);
    bool reached = false;
    {
        const std::jthread sleeper([&] { reached = clock.sleep_until(fixed_epoch + 1h, {}); });
        source.wait_for_sleepers(1);
        clock.jump_to(fixed_epoch + 2h);
    }
    EXPECT_TRUE(reached);
}

TEST(ScaledClock, AJumpThatIsTooShortLetsSleepersSleepOn) {
    ManualClock source(fixed_epoch, ManualClock::Sleepers::Block);
    ScaledClock clock(source, 60, fixed_epoch);
    std::stop_source stop;
    bool reached = true;
    {
        const std::jthread sleeper([&] { reached = clock.sleep_until(fixed_epoch + 1h, stop.get_token()); });
        source.wait_for_sleepers(1);
        clock.jump_to(fixed_epoch + 30min);
        source.wait_for_sleepers(1);
        stop.request_stop();
    }
    EXPECT_FALSE(reached);
    EXPECT_EQ(clock.now(), fixed_epoch + 30min);
}

} // namespace
} // namespace ecsr
