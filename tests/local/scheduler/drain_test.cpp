// A container instance that is DRAINING (ECS behaviour B14).
#include "local/scheduler/run_task.hpp"
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using ::testing::Contains;
using ::testing::StartsWith;

constexpr const char* no_instances =
    "(service web) was unable to place a task because no container instance met all of its requirements. Reason: No "
    "Container Instances were found in your cluster. For more information, see the Troubleshooting section of the "
    "Amazon ECS Developer Guide.";

void drain(World& world, bool draining = true) {
    drain_instance(world.state, world.state.clusters.at("prod"), draining);
    world.run_for(minutes{10});
}

TEST(Draining, keeps_what_minimum_healthy_percent_asks_for) {
    World world;
    world.start_service({.desired_count = 4});
    drain(world);
    EXPECT_EQ(world.count(TaskStatus::Running), 4) << "nothing can replace them";
    EXPECT_THAT(world.messages(), Contains(no_instances));
}

TEST(Draining, stops_the_rest_until_the_instance_is_active_again) {
    World world;
    world.start_service({.desired_count = 4, .minimum_healthy_percent = 50});
    drain(world);
    EXPECT_EQ(world.count(TaskStatus::Running), 2);
    EXPECT_EQ(world.count(TaskStatus::Stopped), 2);
    const Task& stopped = *world.tasks(TaskStatus::Stopped).front();
    EXPECT_EQ(stopped.stop_code, "ServiceSchedulerInitiated");
    EXPECT_THAT(stopped.stopped_reason, StartsWith("Scaling activity initiated by (deployment ecs-svc/"));
    EXPECT_THAT(world.messages(), Contains(no_instances));
    drain(world, false);
    EXPECT_EQ(world.count(TaskStatus::Running), 4);
}

TEST(Draining, stops_pending_tasks_at_once) {
    World world;
    world.behaviours["app"].starts_after = minutes{30};
    world.create({.desired_count = 2});
    world.run_for(minutes{1});
    drain(world);
    EXPECT_EQ(world.live().size(), 0U);
    EXPECT_EQ(world.told("stopped 2 pending tasks."), 1);
}

TEST(Draining, does_not_touch_fargate_and_standalone_tasks) {
    World world;
    world.start_service({.desired_count = 2, .minimum_healthy_percent = 0, .launch_type = "FARGATE"});
    RunTaskOrder order;
    order.cluster = "prod";
    order.task_definition = world.service().deployments.front().task_definition;
    order.count = 1;
    run_task(world.state, order, world.now);
    world.run_for(minutes{1});
    drain(world);
    EXPECT_EQ(world.count(TaskStatus::Running), 3);
}

TEST(Draining, leaves_no_daemon_task_behind) {
    World world;
    world.start_service({.desired_count = 1, .minimum_healthy_percent = 0, .maximum_percent = 100});
    world.service().scheduling_strategy = "DAEMON";
    drain(world);
    EXPECT_EQ(world.live().size(), 0U);
    drain(world, false);
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
}

TEST(Draining, stops_what_a_capacity_provider_has_no_instance_for) {
    World world;
    world.define("job");
    world.state.clusters.at("prod").draining = true;
    RunTaskOrder order;
    order.cluster = "prod";
    order.task_definition = task_definition_arn(world.state.identity, "job", 1);
    order.count = 1;
    order.by_capacity_provider = true;
    const auto result = run_task(world.state, order, world.now);
    const Task& task = world.task(result.task_ids.at(0));
    EXPECT_EQ(task.stop_code, "TaskFailedToStart");
    EXPECT_EQ(task.stopped_reason, "TaskFailedToStart: NO ACTIVE INSTANCES");
}

} // namespace
} // namespace ecsr::local
