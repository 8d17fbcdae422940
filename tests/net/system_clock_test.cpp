#include "net/system_clock.hpp"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <thread>

namespace ecsr {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

TEST(SystemClock, SleepEndsWhenTheTimeIsReachedAndNotBefore) {
    SystemClock clock;
    const Instant until = clock.now() + 30ms;
    EXPECT_TRUE(clock.sleep_until(until, {}));
    EXPECT_GE(clock.now(), until);
}

TEST(SystemClock, TimeThatHasPassedIsNoSleep) {
    SystemClock clock;
    const auto begin = Steady::now();
    EXPECT_TRUE(clock.sleep_until(clock.now() - 1h, {}));
    EXPECT_LT(Steady::now() - begin, 500ms);
}

TEST(SystemClock, StopWakesASleeper) {
    SystemClock clock;
    std::stop_source stop;
    std::atomic<bool> reached = true;
    const auto begin = Steady::now();
    std::jthread sleeper([&] { reached = clock.sleep_until(clock.now() + 1h, stop.get_token()); });
    stop.request_stop();
    sleeper.join();
    EXPECT_FALSE(reached);
    EXPECT_LT(Steady::now() - begin, 10s);
}

TEST(SystemClock, ClockThatIsSetBackDoesNotLengthenASleep) {
    std::atomic<int> readings = 0;
    const Instant start = wall_time();
    // The first reading computes the span; from then on the wall clock is an hour behind.
    SystemClock clock([&] { return readings++ == 0 ? start : start - 1h; });
    const auto begin = Steady::now();
    EXPECT_TRUE(clock.sleep_until(start + 30ms, {}));
    EXPECT_GE(Steady::now() - begin, 30ms);
    EXPECT_LT(Steady::now() - begin, 10s);
}

TEST(SystemClock, ClockThatIsSetForwardEndsASleep) {
    std::atomic<int> readings = 0;
    const Instant start = wall_time();
    SystemClock clock([&] { return readings++ < 2 ? start : start + 2h; });
    const auto begin = Steady::now();
    EXPECT_TRUE(clock.sleep_until(start + 1h, {}));
    EXPECT_LT(Steady::now() - begin, 30s);
}

} // namespace
} // namespace ecsr
