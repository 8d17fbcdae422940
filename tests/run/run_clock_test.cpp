#include "run/run_clock.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <utility>

namespace ecsr::run {
namespace {

using ecsr::testing::fixed_epoch;

// A machine's clock that somebody may set.
class SetClock : public Clock {
public:
    Instant now() override { return now_; }
    Millis steady() override { return steady_; }
    bool sleep_until(Instant until, std::stop_token) override {
        if (set_while_asleep_) {
            now_ = *std::exchange(set_while_asleep_, {}); // it wakes early
            return now_ >= until;
        }
        steady_ += until - now_;
        now_ = until;
        return true;
    }
    void set(Instant now) { now_ = now; }
    void set_while_asleep(Instant now) { set_while_asleep_ = now; }

private:
    Instant now_ = fixed_epoch;
    Millis steady_{1'000'000};
    std::optional<Instant> set_while_asleep_;
};

TEST(RunClock, BeginsWithThatOfTheMachine) {
    SetClock machine;
    RunClock clock(machine, {});
    EXPECT_EQ(clock.now(), fixed_epoch);
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(5), {}));
    EXPECT_EQ(machine.now(), fixed_epoch + Seconds(5));
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(5));
}

TEST(RunClock, GoesOnEvenlyWhenTheMachineIsSet) {
    for (const auto by : {-std::chrono::hours(1), std::chrono::hours(2)}) {
        SetClock machine;
        RunClock clock(machine, {});
        machine.set(fixed_epoch + by);
        EXPECT_EQ(clock.now(), fixed_epoch);
        EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(5), {}));
        EXPECT_EQ(machine.now(), fixed_epoch + by + Seconds(5));
        EXPECT_EQ(clock.now(), fixed_epoch + Seconds(5));
    }
}

TEST(RunClock, SleepsAsLongAsItWasToldWhenTheMachineIsSetAhead) {
    SetClock machine;
    RunClock clock(machine, {});
    machine.set_while_asleep(fixed_epoch + std::chrono::hours(2));
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(5), {}));
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(5));
    EXPECT_EQ(machine.now(), fixed_epoch + std::chrono::hours(2) + Seconds(5));
}

TEST(RunClock, GoesOnFromWhatTheRunRemembers) {
    SetClock machine;
    recycle::Run run;
    run.phase_since = fixed_epoch + Seconds(100);
    run.desired_written_at = fixed_epoch + Seconds(130);
    RunClock clock(machine, run);
    EXPECT_EQ(clock.now(), fixed_epoch + Seconds(130));
    EXPECT_TRUE(clock.sleep_until(fixed_epoch + Seconds(140), {}));
    EXPECT_EQ(machine.now(), fixed_epoch + Seconds(10));
}

TEST(RunClock, HoldsThatTimeHasPassedWhenTheMachineWasSetFarBack) {
    SetClock machine;
    recycle::Run run;
    run.phase_since = fixed_epoch + std::chrono::hours(2);
    EXPECT_EQ(RunClock(machine, run).now(), run.phase_since + Seconds(30));
}

} // namespace
} // namespace ecsr::run
