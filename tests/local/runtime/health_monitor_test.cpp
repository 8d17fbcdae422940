#include "local/runtime/health_monitor.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HealthMonitorTest : public ::testing::Test {
protected:
    HealthMonitor monitor(Seconds start_period = Seconds(0)) const {
        HealthCheck check;
        check.interval = Seconds(10);
        check.timeout = Seconds(4);
        check.retries = 3;
        check.start_period = start_period;
        return {check, fixed_epoch};
    }

    // One probe that begins when it is due and ends at once.
    static std::optional<Health> probe(HealthMonitor& monitor, bool succeeds) {
        const Instant now = monitor.next_probe_at().value();
        monitor.probe_started(now);
        return monitor.probe_ended(succeeds, now);
    }
};

TEST_F(HealthMonitorTest, TheFirstProbeIsOneIntervalAfterTheStart) {
    EXPECT_EQ(monitor().next_probe_at(), fixed_epoch + Seconds(10));
    EXPECT_EQ(monitor().health(), Health::Unknown);
}

TEST_F(HealthMonitorTest, TheNextProbeIsOneIntervalAfterTheEndOfTheLast) {
    HealthMonitor health = monitor();
    health.probe_started(fixed_epoch + Seconds(10));
    EXPECT_EQ(health.next_probe_at(), std::nullopt);
    EXPECT_EQ(health.probe_deadline(), fixed_epoch + Seconds(14));
    health.probe_ended(true, fixed_epoch + Seconds(13));
    EXPECT_EQ(health.probe_deadline(), std::nullopt);
    EXPECT_EQ(health.next_probe_at(), fixed_epoch + Seconds(23));
}

TEST_F(HealthMonitorTest, OneSuccessMakesHealthy) {
    HealthMonitor health = monitor();
    EXPECT_EQ(probe(health, true), Health::Healthy);
    EXPECT_EQ(probe(health, true), std::nullopt);
}

TEST_F(HealthMonitorTest, RetriesInARowMakeUnhealthy) {
    HealthMonitor health = monitor();
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, false), Health::Unhealthy);
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, true), Health::Healthy);
}

TEST_F(HealthMonitorTest, ASuccessInBetweenStartsTheCountAnew) {
    HealthMonitor health = monitor();
    probe(health, false);
    probe(health, false);
    EXPECT_EQ(probe(health, true), Health::Healthy);
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(health.health(), Health::Healthy);
    EXPECT_EQ(probe(health, false), Health::Unhealthy);
}

TEST_F(HealthMonitorTest, FailuresInTheStartPeriodDoNotCount) {
    HealthMonitor health = monitor(Seconds(45));
    for (int i = 0; i < 4; ++i) { EXPECT_EQ(probe(health, false), std::nullopt); } // at 10, 20, 30, 40 s
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, false), std::nullopt);
    EXPECT_EQ(probe(health, false), Health::Unhealthy);
}

TEST_F(HealthMonitorTest, ASuccessEndsTheStartPeriod) {
    HealthMonitor health = monitor(Seconds(300));
    EXPECT_EQ(probe(health, true), Health::Healthy);
    probe(health, false);
    probe(health, false);
    EXPECT_EQ(probe(health, false), Health::Unhealthy);
}

TEST(ProbeArguments, FollowTheFormOfTheCommand) {
    HealthCheck check;
    check.command = {"CMD", "curl", "-f", "http://x/"};
    EXPECT_THAT(probe_arguments(check), ElementsAre("curl", "-f", "http://x/"));
    check.command = {"CMD-SHELL", "curl -f http://x/ || exit 1"};
    EXPECT_THAT(probe_arguments(check), ElementsAre("/bin/sh", "-c", "curl -f http://x/ || exit 1"));
    check.command = {"test -e /ready"};
    EXPECT_THAT(probe_arguments(check), ElementsAre("/bin/sh", "-c", "test -e /ready"));
    check.command = {"NONE"};
    EXPECT_THAT(probe_arguments(check), IsEmpty());
    check.command = {};
    EXPECT_THAT(probe_arguments(check), IsEmpty());
}

} // namespace
} // namespace ecsr::local
