// Requests that start something, and how they are refused (ECS behaviour A3, B4).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string arn_of(const World& world, int revision) {
    return task_definition_arn(world.state.identity, "web", revision);
}

Service plain_service(const std::string& cluster = "prod") {
    Service service;
    service.cluster = cluster;
    service.name = "web";
    service.desired_count = 1;
    return service;
}

void expect_refused(const ApiResult<Service*>& result, const std::string& code, const std::string& message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().message, message);
    EXPECT_EQ(result.error().http_status, 400);
}

TEST(CreateService, in_an_unknown_cluster_is_refused) {
    World world;
    world.define("web");
    expect_refused(create_service(world.state, plain_service("other"), arn_of(world, 1), world.now),
                   "ClusterNotFoundException", "Cluster not found.");
    EXPECT_TRUE(world.state.services.empty());
}

TEST(CreateService, with_an_unknown_or_inactive_revision_is_refused) {
    World world;
    world.define("web").active = false;
    expect_refused(create_service(world.state, plain_service(), arn_of(world, 1), world.now),
                   "InvalidParameterException", "TaskDefinition is inactive");
    expect_refused(create_service(world.state, plain_service(), arn_of(world, 2), world.now), "ClientException",
                   "TaskDefinition not found.");
}

TEST(CreateService, with_a_load_balancer_that_fits_nothing_is_refused) {
    World world;
    world.define("web");
    world.target_group("blue");
    Service service = plain_service();
    service.load_balancers = {{World::arn_of_group("green"), "app", 8080}};
    expect_refused(create_service(world.state, service, arn_of(world, 1), world.now), "InvalidParameterException",
                   "The target group with targetGroupArn " + World::arn_of_group("green") + " does not exist.");
    service.load_balancers = {{World::arn_of_group("blue"), "other", 8080}};
    expect_refused(create_service(world.state, service, arn_of(world, 1), world.now), "InvalidParameterException",
                   "The container other does not exist in the task definition.");
    service.load_balancers = {{World::arn_of_group("blue"), "app", 81}};
    expect_refused(create_service(world.state, service, arn_of(world, 1), world.now), "InvalidParameterException",
                   "The container app did not have a container port 81 defined.");
}

TEST(CreateService, twice_with_the_same_values_is_the_same_service_and_with_others_is_refused) {
    World world;
    world.define("web");
    world.define("web");
    const auto first = create_service(world.state, plain_service(), arn_of(world, 1), world.now);
    const auto second = create_service(world.state, plain_service(), arn_of(world, 1), world.now);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ((*second)->deployments.size(), 1U);
    expect_refused(create_service(world.state, plain_service(), arn_of(world, 2), world.now),
                   "InvalidParameterException", "Creation of service was not idempotent.");
}

TEST(CreateService, under_the_name_of_a_draining_one_waits_until_that_is_inactive) {
    World world;
    world.start_service({.desired_count = 1});
    ASSERT_TRUE(delete_service(world.state, world.service(), true, world.now));
    expect_refused(create_service(world.state, plain_service(), arn_of(world, 1), world.now),
                   "InvalidParameterException", "Unable to Start a service that is still Draining.");
    ASSERT_TRUE(world.run_until([&] { return world.service().status == ServiceStatus::Inactive; }, minutes{1}));
    ASSERT_TRUE(create_service(world.state, plain_service(), arn_of(world, 1), world.now));
    EXPECT_EQ(world.service().status, ServiceStatus::Active);
    EXPECT_TRUE(world.service().events.empty());
    EXPECT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.live().size(), 1U);
}

TEST(UpdateService, of_a_service_that_is_not_active_is_refused) {
    World world;
    world.start_service({.desired_count = 1});
    ASSERT_TRUE(delete_service(world.state, world.service(), true, world.now));
    expect_refused(update_service(world.state, world.service(), {}, world.now), "ServiceNotActiveException",
                   "Service was not ACTIVE.");
    world.run_for(minutes{1});
    expect_refused(update_service(world.state, world.service(), {}, world.now), "ServiceNotActiveException",
                   "Service was not ACTIVE.");
}

TEST(UpdateService, that_is_refused_changes_nothing) {
    World world;
    world.start_service({.desired_count = 1});
    ServiceUpdate change;
    change.desired_count = 5;
    change.task_definition = arn_of(world, 9);
    expect_refused(update_service(world.state, world.service(), change, world.now), "ClientException",
                   "TaskDefinition not found.");
    EXPECT_EQ(world.service().desired_count, 1);
    EXPECT_EQ(world.service().deployments.size(), 1U);
}

TEST(UpdateService, may_force_a_deployment_of_a_revision_that_was_deregistered_meanwhile) {
    World world;
    world.start_service({.desired_count = 1});
    world.state.task_definitions["web"][0].active = false;
    world.force_deployment();
    EXPECT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.live().size(), 1U);
}

TEST(UpdateService, of_counts_and_percentages_starts_no_deployment) {
    World world;
    world.start_service({.desired_count = 1});
    ServiceUpdate change;
    change.desired_count = 2;
    change.deployment_configuration = DeploymentConfiguration{};
    change.health_check_grace_period = Seconds{30};
    world.update(change);
    EXPECT_EQ(world.service().deployments.size(), 1U);
    EXPECT_EQ(world.service().health_check_grace_period, Seconds{30});
    change = {};
    change.other_change_needs_deployment = true;
    world.update(change);
    EXPECT_EQ(world.service().deployments.size(), 2U);
}

TEST(DeleteService, that_still_has_tasks_to_run_needs_force) {
    World world;
    world.start_service({.desired_count = 2});
    expect_refused(delete_service(world.state, world.service(), false, world.now), "InvalidParameterException",
                   "The service cannot be stopped while it is scaled above 0.");
    world.scale(0);
    world.force_deployment();
    expect_refused(delete_service(world.state, world.service(), false, world.now), "InvalidParameterException",
                   "The service cannot be stopped while deployments are active.");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_TRUE(delete_service(world.state, world.service(), false, world.now));
}

TEST(DeleteService, drains_and_is_inactive_when_the_last_task_is_stopped) {
    World world;
    world.target_group("blue", 20);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    ASSERT_TRUE(delete_service(world.state, world.service(), true, world.now));
    EXPECT_EQ(world.service().status, ServiceStatus::Draining);
    EXPECT_TRUE(delete_service(world.state, world.service(), true, world.now)) << "asking twice is no error";
    world.run_for(seconds{15});
    EXPECT_EQ(world.count(TaskStatus::Deactivating), 2);
    EXPECT_EQ(world.service().status, ServiceStatus::Draining);
    ASSERT_TRUE(world.run_until([&] { return world.service().status == ServiceStatus::Inactive; }, minutes{1}));
    EXPECT_EQ(world.count(TaskStatus::Stopped), 2);
    EXPECT_TRUE(world.service().deployments.empty());
    EXPECT_TRUE(world.state.target_groups.at(World::arn_of_group("blue")).targets.empty());
    expect_refused(delete_service(world.state, world.service(), true, world.now), "ServiceNotFoundException",
                   "Service not found.");
    world.run_for(std::chrono::hours{2});
    EXPECT_EQ(world.scheduler.next_wakeup(world.state), Instant::max());
}

TEST(OtherKinds, a_service_with_an_external_controller_is_left_to_its_controller) {
    World world;
    world.define("web");
    Service service = plain_service();
    service.deployment_controller = "EXTERNAL";
    ASSERT_TRUE(create_service(world.state, service, arn_of(world, 1), world.now));
    world.run_for(minutes{1});
    EXPECT_TRUE(world.state.tasks.empty());
    EXPECT_TRUE(delete_service(world.state, world.service(), true, world.now));
    EXPECT_TRUE(world.run_until([&] { return world.service().status == ServiceStatus::Inactive; }, minutes{1}));
}

TEST(OtherKinds, a_daemon_service_runs_one_task_on_the_one_instance) {
    World world;
    world.define("web");
    Service service = plain_service();
    service.scheduling_strategy = "DAEMON";
    service.desired_count = 0;
    service.deployment_configuration.maximum_percent = 100;
    service.deployment_configuration.minimum_healthy_percent = 0;
    ASSERT_TRUE(create_service(world.state, service, arn_of(world, 1), world.now));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.live().size(), 1U);
}

TEST(OtherKinds, services_do_not_touch_each_others_tasks) {
    World world;
    world.start_service({.name = "web", .desired_count = 2});
    world.start_service({.name = "api", .desired_count = 3, .task_definition = "api:1"});
    world.scale(0);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("api:1").size(), 3U);
    EXPECT_EQ(world.tasks_of("web:1").size(), 0U);
    EXPECT_EQ(world.told("has stopped", "api"), 0);
}

} // namespace
} // namespace ecsr::local
