#include "run/run_clock.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::run {
namespace {

using ecsr::testing::fixed_epoch;

// A machine's clock that somebody may set.
class SetClock : public Clock {
public:
    Instant now() override { return now_; }
    bool sleep_until(Instant until, std::stop_token) override {
        now_ = until;
        return true;
    }
    void set(Instant now) { now_ = now; }

private:
    Instant now_ = fixed_epoch;
};

TEST(RunClock, IsThatOfTheMachine) {
    SetClock machine;
    RunClock clock(machine, {});
    EXPECT_EQ(clock.now(), fixed_epoch);
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(5), {}));
    EXPECT_EQ(machine.now(), fixed_epoch + Seconds(5));
    machine.set(fixed_epoch + std::chrono::hours(2));
    EXPECT_EQ(clock.now(), fixed_epoch + std::chrono::hours(2));
}

TEST(RunClock, GoesOnWhenTheMachineIsSetBack) {
    SetClock machine;
    RunClock clock(machine, {});
    EXPECT_EQ(clock.now(), fixed_epoch);
    machine.set(fixed_epoch - std::chrono::hours(1));
    EXPECT_EQ(clock.now(), fixed_epoch);
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(5), {}));
    EXPECT_EQ(machine.now(), fixed_epoch - std::chrono::hours(1) + Seconds(5));
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(5));
}

TEST(RunClock, GoesOnFromWhatTheRunRemembers) {
    SetClock machine;
    recycle::Run run;
    run.phase_since = fixed_epoch + Seconds(100);
    run.desired_written_at = fixed_epoch + Seconds(130);
    RunClock clock(machine, run);
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(130));
    machine.set(fixed_epoch + Seconds(10));
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(140));
}

} // namespace
} // namespace ecsr::run
