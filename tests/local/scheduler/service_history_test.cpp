// Service deployments and service revisions (ECS behaviour B15).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

ServiceDeployment& newest(World& world) {
    return world.service().service_deployments.front();
}

Behaviour crashing() {
    Behaviour behaviour;
    behaviour.exits_after = Millis{1000};
    return behaviour;
}

TEST(ServiceDeployments, go_from_pending_to_successful) {
    World world;
    world.create({.desired_count = 1});
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::Pending);
    EXPECT_FALSE(newest(world).started_at);
    EXPECT_EQ(newest(world).target, world.service().deployments.front().id);
    EXPECT_THAT(newest(world).sources, ElementsAre());
    EXPECT_EQ(newest(world).id.size(), 21U);
    ASSERT_TRUE(world.run_until([&] { return newest(world).status == ServiceDeploymentStatus::InProgress; }));
    EXPECT_EQ(newest(world).started_at, world.now);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::Successful);
    EXPECT_TRUE(newest(world).finished_at);
    EXPECT_FALSE(newest(world).stopped_at);
    EXPECT_EQ(newest(world).breaker, MonitorStatus::Disabled);
}

TEST(ServiceDeployments, that_are_superseded_end_stopped) {
    World world;
    world.start_service({.desired_count = 1});
    const std::string first = world.service().deployments.front().id;
    world.force_deployment();
    world.run_for(seconds{2});
    const std::string second = world.service().deployments.front().id;
    world.force_deployment();
    EXPECT_EQ(world.service().service_deployments[1].status, ServiceDeploymentStatus::StopRequested);
    EXPECT_THAT(newest(world).sources, ElementsAre(second, first));
    world.run_for(seconds{2});
    EXPECT_EQ(world.service().service_deployments[1].status, ServiceDeploymentStatus::Stopped);
    EXPECT_TRUE(world.service().service_deployments[1].stopped_at);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::Successful);
    EXPECT_EQ(world.service().service_deployments[2].status, ServiceDeploymentStatus::Successful);
    EXPECT_EQ(world.service().revisions.size(), 3U);
}

TEST(ServiceDeployments, show_what_the_breaker_counts_and_how_they_were_rolled_back) {
    World world;
    world.start_service({.desired_count = 1, .breaker = true, .rollback = true});
    const std::string good = world.service().deployments.front().id;
    world.define("web").containers[0].image = "bad";
    world.behaviours["bad"] = crashing();
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return newest(world).failure_count == 2; }));
    EXPECT_EQ(newest(world).threshold, 3);
    EXPECT_EQ(newest(world).breaker, MonitorStatus::Monitoring);
    ASSERT_TRUE(world.run_until([&] { return newest(world).status == ServiceDeploymentStatus::RollbackInProgress; }));
    const char* reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
    EXPECT_EQ(newest(world).status_reason, reason);
    EXPECT_EQ(newest(world).rollback_reason, reason);
    EXPECT_EQ(newest(world).rollback_target, good);
    EXPECT_EQ(newest(world).breaker, MonitorStatus::Triggered);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackSuccessful);
    EXPECT_EQ(newest(world).failure_count, 3);
    EXPECT_EQ(world.service().service_deployments.size(), 2U) << "a rollback belongs to the deployment that it undoes";
}

TEST(ServiceDeployments, that_have_nothing_to_go_back_to_fail_their_rollback) {
    World world;
    world.behaviours["app"] = crashing();
    world.create({.desired_count = 1, .breaker = true, .rollback = true});
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed") == 1; }));
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackFailed);
    EXPECT_EQ(newest(world).status_reason, "No rollback candidate was found to run the rollback");
}

TEST(ServiceDeployments, are_rolled_back_on_request) {
    World world;
    world.start_service({.desired_count = 2});
    const std::string good = world.service().deployments.front().id;
    world.define("web").containers[0].image = "slow";
    world.behaviours["slow"].starts_after = minutes{20};
    world.deploy("web:2");
    world.run_for(minutes{1});
    ASSERT_TRUE(roll_back_deployment(world.service(), newest(world), world.now));
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackRequested);
    const auto again = roll_back_deployment(world.service(), newest(world), world.now);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "ConflictException");
    ASSERT_TRUE(world.run_until_steady(minutes{2}));
    EXPECT_EQ(world.service().deployments.front().id, good);
    EXPECT_EQ(world.told("rolling back to deployment " + good + "."), 1);
    EXPECT_EQ(world.told("deployment failed"), 0);
    EXPECT_EQ(world.told("stopped 2 pending tasks."), 1);
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackSuccessful);
    EXPECT_EQ(newest(world).status_reason, "Service deployment rolled back by user.");
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(ServiceDeployments, are_forgotten_after_90_days_and_with_the_service) {
    World world;
    world.start_service({.desired_count = 0});
    world.now += std::chrono::days{91};
    world.force_deployment();
    EXPECT_EQ(world.service().service_deployments.size(), 1U);
    EXPECT_EQ(world.service().revisions.size(), 2U) << "the former revision is still listed";
    ASSERT_TRUE(world.run_until_steady());
    ASSERT_TRUE(delete_service(world.state, world.service(), true, world.now));
    world.run_for(minutes{1});
    EXPECT_EQ(world.service().service_deployments.size(), 0U);
}

} // namespace
} // namespace ecsr::local
