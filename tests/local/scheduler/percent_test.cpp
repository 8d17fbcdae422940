// Percent arithmetic (ECS behaviour B1) and the threshold of the circuit breaker (B6).
#include "local/scheduler/percent.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

DeploymentConfiguration percents(int minimum, int maximum) {
    DeploymentConfiguration configuration;
    configuration.minimum_healthy_percent = minimum;
    configuration.maximum_percent = maximum;
    return configuration;
}

TEST(Percent, the_minimum_is_rounded_up) {
    EXPECT_EQ(min_healthy_tasks(2, percents(75, 200)), 2) << "nothing may stop";
    EXPECT_EQ(min_healthy_tasks(1, percents(50, 200)), 1);
    EXPECT_EQ(min_healthy_tasks(4, percents(50, 200)), 2);
    EXPECT_EQ(min_healthy_tasks(3, percents(1, 200)), 1);
    EXPECT_EQ(min_healthy_tasks(3, percents(0, 200)), 0);
    EXPECT_EQ(min_healthy_tasks(7, percents(100, 200)), 7);
}

TEST(Percent, the_maximum_is_rounded_down) {
    EXPECT_EQ(max_tasks(3, percents(100, 125)), 3) << "nothing may start";
    EXPECT_EQ(max_tasks(4, percents(100, 125)), 5);
    EXPECT_EQ(max_tasks(1, percents(100, 199)), 1);
    EXPECT_EQ(max_tasks(10, percents(100, 200)), 20);
    EXPECT_EQ(max_tasks(3, percents(0, 100)), 3);
}

TEST(Percent, nothing_wanted_needs_nothing_and_allows_nothing) {
    EXPECT_EQ(min_healthy_tasks(0, percents(100, 200)), 0);
    EXPECT_EQ(max_tasks(0, percents(100, 200)), 0);
}

TEST(Percent, large_services_do_not_overflow) {
    EXPECT_EQ(max_tasks(50'000'000, percents(100, 200)), 100'000'000);
    EXPECT_EQ(min_healthy_tasks(50'000'000, percents(100, 200)), 50'000'000);
}

TEST(Percent, the_breaker_opens_at_half_of_the_desired_count_between_3_and_200) {
    EXPECT_EQ(breaker_threshold(1, {}), 3);
    EXPECT_EQ(breaker_threshold(6, {}), 3);
    EXPECT_EQ(breaker_threshold(7, {}), 4);
    EXPECT_EQ(breaker_threshold(25, {}), 13);
    EXPECT_EQ(breaker_threshold(400, {}), 200);
    EXPECT_EQ(breaker_threshold(5000, {}), 200);
}

TEST(Percent, the_breaker_opens_where_the_service_says) {
    DeploymentConfiguration configuration;
    configuration.breaker_threshold_type = "UNBOUNDED_PERCENT";
    configuration.breaker_threshold_value = 10;
    EXPECT_EQ(breaker_threshold(11, configuration), 2);
    EXPECT_EQ(breaker_threshold(5000, configuration), 500);
    EXPECT_EQ(breaker_threshold(0, configuration), 1);
    configuration.breaker_threshold_type = "BOUNDED_PERCENT";
    EXPECT_EQ(breaker_threshold(11, configuration), 3);
    configuration.breaker_threshold_type = "COUNT";
    EXPECT_EQ(breaker_threshold(5000, configuration), 10);
}

TEST(Percent, what_is_wanted_follows_the_kind_of_the_service) {
    Service service;
    service.desired_count = 4;
    EXPECT_EQ(wanted_tasks(service), 4);
    service.scheduling_strategy = "DAEMON";
    EXPECT_EQ(wanted_tasks(service), 1) << "one per instance, and the cluster has one";
    service.deployment_controller = "EXTERNAL";
    EXPECT_EQ(wanted_tasks(service), 0);
    service = Service{};
    service.desired_count = 4;
    service.status = ServiceStatus::Draining;
    EXPECT_EQ(wanted_tasks(service), 0);
}

} // namespace
} // namespace ecsr::local
