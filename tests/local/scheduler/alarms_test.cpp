// Deployments that CloudWatch alarms fail (ECS behaviour B7).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

void set_alarm(World& world, const std::string& name, AlarmState value) {
    Alarm alarm;
    alarm.name = name;
    alarm.metric = AlarmMetric{"app", "Errors", {}, seconds{60}, "Sum", ""};
    alarm.evaluation_periods = 2;
    put_alarm(world.state, alarm, world.now).state = value;
}

// A steady service "web:1" that watches the alarm "errors", and a deployment of "web:2".
void deploy_under_alarm(World& world, bool rollback, AlarmState value = AlarmState::Ok) {
    world.start_service({.desired_count = 2});
    DeploymentConfiguration& configuration = world.service().deployment_configuration;
    configuration.alarm_names = {"errors", "never made"};
    configuration.alarms_enable = true;
    configuration.alarms_rollback = rollback;
    set_alarm(world, "errors", value);
    world.define("web");
    world.deploy("web:2");
}

const ServiceDeployment& newest(World& world) {
    return world.service().service_deployments.front();
}

TEST(Alarms, fail_a_deployment_and_roll_it_back) {
    World world;
    deploy_under_alarm(world, true);
    const std::string bad = world.service().deployments[0].id;
    const std::string good = world.service().deployments[1].id;
    world.run_for(seconds{10});
    set_alarm(world, "errors", AlarmState::Alarm);
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().id == good; }, seconds{5}));

    EXPECT_EQ(*world.told_at("rolling back to deployment " + good + "."),
              *world.told_at("(service web) (deployment " + bad + ") deployment failed: alarm detected.") + Millis{1});
    EXPECT_EQ(world.service().deployments[1].rollout_state, RolloutState::Failed);
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackInProgress);
    EXPECT_EQ(newest(world).alarms, MonitorStatus::Triggered);
    EXPECT_THAT(newest(world).triggered_alarms, ElementsAre("errors"));
    EXPECT_EQ(newest(world).rollback_target, good);

    ASSERT_TRUE(world.run_until_steady()) << "the alarm that still is on does not fail the rollback";
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::RollbackSuccessful);
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(Alarms, without_rollback_leave_the_deployment_failed) {
    World world;
    deploy_under_alarm(world, false);
    world.run_for(seconds{10});
    set_alarm(world, "errors", AlarmState::Alarm);
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: alarm detected.") == 1; }, seconds{5}));
    world.run_for(minutes{10});
    EXPECT_EQ(world.told("rolling back"), 0);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Failed);
    EXPECT_EQ(world.service().deployments.front().rollout_state_reason, "ECS deployment failed: alarm detected.");
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::Stopped);
    EXPECT_TRUE(newest(world).stopped_at);
}

TEST(Alarms, keep_a_deployment_in_progress_while_it_bakes) {
    World world;
    deploy_under_alarm(world, true);
    ASSERT_TRUE(world.run_until([&] { return newest(world).bake_until.has_value(); }));
    EXPECT_EQ(world.tasks_of("web:1").size(), 0U);
    EXPECT_EQ(*newest(world).bake_until - world.now, minutes{2}) << "period x evaluation periods";
    const Instant end = *newest(world).bake_until;
    world.run_for(minutes{1});
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::InProgress);
    EXPECT_EQ(world.service().deployments.size(), 2U) << "there must be something to go back to";
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_GE(world.now, end);
    EXPECT_LE(world.now, end + seconds{2});
    EXPECT_EQ(newest(world).status, ServiceDeploymentStatus::Successful);
    EXPECT_EQ(newest(world).alarms, MonitorStatus::MonitoringComplete);
}

TEST(Alarms, fail_a_deployment_until_its_bake_time_is_over) {
    World world;
    deploy_under_alarm(world, true);
    ASSERT_TRUE(world.run_until([&] { return newest(world).bake_until.has_value(); }));
    world.run_for(minutes{1});
    set_alarm(world, "errors", AlarmState::Alarm);
    ASSERT_TRUE(world.run_until([&] { return world.told("rolling back to deployment") == 1; }, seconds{5}));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(Alarms, that_are_on_already_are_ignored_for_the_whole_deployment) {
    World world;
    deploy_under_alarm(world, true, AlarmState::Alarm);
    EXPECT_EQ(newest(world).alarms, MonitorStatus::Disabled);
    world.run_for(seconds{5});
    set_alarm(world, "errors", AlarmState::Ok);
    world.run_for(seconds{2});
    set_alarm(world, "errors", AlarmState::Alarm);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.told("deployment failed"), 0);
    EXPECT_FALSE(newest(world).bake_until);
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
}

TEST(Alarms, say_nothing_once_the_deployment_has_completed) {
    World world;
    deploy_under_alarm(world, true);
    ASSERT_TRUE(world.run_until_steady());
    set_alarm(world, "errors", AlarmState::Alarm);
    world.run_for(minutes{10});
    EXPECT_EQ(world.told("deployment failed"), 0);
}

} // namespace
} // namespace ecsr::local
