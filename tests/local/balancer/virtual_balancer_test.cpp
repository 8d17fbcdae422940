// Target health on virtual time.
#include "local/balancer/virtual_balancer.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;

class VirtualTargets : public ::testing::Test {
protected:
    VirtualTargets() {
        group.arn = "g";
        group.health_check_interval = Seconds(10);
        group.healthy_threshold = 3;
        group.unhealthy_threshold = 2;
        Target target;
        target.id = "127.0.1.1";
        target.port = 80;
        target.registered_at = fixed_epoch;
        group.targets = {target};
        balancer.apply({}, {group}, fixed_epoch);
    }

    // "1:healthy 31:unhealthy", in seconds, up to the end.
    std::string verdicts_until(Millis end) {
        std::string text;
        while (balancer.next_event_at() <= fixed_epoch + end) {
            const Instant now = balancer.next_event_at();
            for (const auto& event : balancer.take_events(now)) {
                const auto& changed = std::get<TargetHealthChanged>(event);
                text += (text.empty() ? "" : " ") + std::to_string((now - fixed_epoch) / Seconds(1)) + ":" +
                        (changed.state == TargetState::Healthy ? "healthy" : "unhealthy");
            }
        }
        return text;
    }

    Instant well_from = fixed_epoch;
    Instant ill_from = Instant::max();
    Instant well_again_from = Instant::max();
    TargetGroup group;
    VirtualBalancer balancer{[this](const std::string&, int, Instant now) {
        return now >= well_again_from || (now >= well_from && now < ill_from);
    }};
};

TEST_F(VirtualTargets, AreHealthyAtTheFirstCheckThatSucceeds) {
    EXPECT_EQ(verdicts_until(Seconds(100)), "1:healthy");
}

TEST_F(VirtualTargets, ThatStartSlowlyAreUnhealthyFirstAndThenNeedTheirThreshold) {
    well_from = fixed_epoch + Seconds(15);
    EXPECT_EQ(verdicts_until(Seconds(100)), "11:unhealthy 41:healthy");
}

TEST_F(VirtualTargets, ThatFailAndRecoverFollowTheThresholds) {
    ill_from = fixed_epoch + Seconds(25);
    well_again_from = fixed_epoch + Seconds(60);
    EXPECT_EQ(verdicts_until(Seconds(200)), "1:healthy 41:unhealthy 81:healthy");
}

TEST_F(VirtualTargets, ThatStayHealthyNeedNoMoreChecksWhereThatIsAsked) {
    const auto serves = [this](const std::string&, int, Instant now) { return now >= well_from; };
    VirtualBalancer once{serves, {.first_after = Seconds(7), .end_with_success = true}};
    well_from = fixed_epoch + Seconds(10);
    once.apply({}, {group}, fixed_epoch);
    EXPECT_EQ(once.next_event_at(), fixed_epoch + Seconds(7));
    EXPECT_TRUE(once.take_events(once.next_event_at()).empty()); // the first failure
    while (once.next_event_at() < Instant::max()) { once.take_events(once.next_event_at()); }
    once.apply({}, {group}, fixed_epoch + Seconds(100));
    EXPECT_EQ(once.next_event_at(), Instant::max());
}

TEST_F(VirtualTargets, ThatDrainAreNotChecked) {
    group.targets[0].state = TargetState::Draining;
    balancer.apply({}, {group}, fixed_epoch);
    EXPECT_EQ(balancer.next_event_at(), Instant::max());
}

} // namespace
} // namespace ecsr::local
