// The life of a task (ECS behaviour B10), why it ended (C3, C4).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TaskLife, goes_from_provisioning_to_running_with_its_timestamps) {
    World world;
    world.behaviours["app"].starts_after = Millis{3000};
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Provisioning) == 1; }));
    const std::string id = world.tasks(TaskStatus::Provisioning).front()->id;
    const Instant created = world.now;
    EXPECT_THAT(world.effects, IsEmpty()) << "nothing is launched before the network interface is there";

    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Pending) == 1; }));
    EXPECT_EQ(world.now, created + Millis{50});
    EXPECT_EQ(world.effect_at("launch", id), world.now);
    EXPECT_EQ(world.task(id).pull_started_at, world.now);

    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Task& task = world.task(id);
    EXPECT_EQ(task.created_at, created);
    EXPECT_EQ(task.started_at, created + Millis{3050});
    EXPECT_EQ(task.pull_stopped_at, task.started_at);
    EXPECT_EQ(task.group, "service:web");
    EXPECT_EQ(task.started_by, world.service().deployments.front().id);
    EXPECT_GT(task.version, 2);
    EXPECT_FALSE(task.stopping_at);
}

TEST(TaskLife, a_task_is_running_when_the_last_container_has_started) {
    World world;
    world.define("web", NetworkMode::Awsvpc, {"app", "sidecar"});
    world.behaviours["sidecar"].starts_after = Millis{9000};
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Activating) == 1; }));
    world.run_for(seconds{7});
    EXPECT_EQ(world.count(TaskStatus::Activating), 1);
    world.run_for(seconds{2});
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
}

TEST(TaskLife, each_awsvpc_task_has_a_loopback_address_of_its_own) {
    World world;
    world.state.next_address = 254;
    world.start_service({.desired_count = 3});
    std::set<std::string> addresses;
    for (const Task* task : world.live()) { addresses.insert(task->private_ip); }
    EXPECT_EQ(addresses, (std::set<std::string>{"127.0.1.254", "127.0.2.1", "127.0.2.2"}));
}

TEST(TaskLife, bridge_tasks_share_the_address_of_the_host) {
    World world;
    world.define("web", NetworkMode::Bridge);
    world.start_service({.desired_count = 2});
    for (const Task* task : world.live()) {
        EXPECT_EQ(task->private_ip, "127.0.0.1");
        EXPECT_EQ(task->containers.front().network_bindings.front().container_port, 8080);
    }
}

TEST(TaskLife, tasks_are_spread_over_three_zones) {
    World world;
    world.start_service({.desired_count = 6});
    std::map<std::string, int> zones;
    for (const Task* task : world.live()) { ++zones[task->availability_zone]; }
    EXPECT_EQ(zones, (std::map<std::string, int>{{"us-east-1a", 2}, {"us-east-1b", 2}, {"us-east-1c", 2}}));
}

TEST(TaskLife, the_exit_of_an_essential_container_stops_the_task_and_its_other_containers) {
    World world;
    world.define("web", NetworkMode::Awsvpc, {"app", "sidecar"});
    world.start_service({.desired_count = 1});
    const std::string id = world.live().front()->id;
    world.report(ContainerExited{id, "app", 137, "OutOfMemoryError: Container killed due to memory usage"});
    world.run_for(Millis{1});
    EXPECT_EQ(world.task(id).desired_status, TaskStatus::Stopped);
    EXPECT_EQ(world.task(id).last_status, TaskStatus::Stopping);
    EXPECT_NE(world.effect_at("stop", id), Instant{}) << "the sidecar must be told to stop";
    ASSERT_TRUE(world.run_until([&] { return world.task(id).last_status == TaskStatus::Stopped; }));
    const Task& task = world.task(id);
    EXPECT_EQ(task.stop_code, "EssentialContainerExited");
    EXPECT_EQ(task.stopped_reason, "Essential container in task exited");
    EXPECT_EQ(task.containers[0].exit_code, 137);
    EXPECT_EQ(task.containers[0].reason, "OutOfMemoryError: Container killed due to memory usage");
    EXPECT_EQ(task.containers[1].exit_code, 143);
    EXPECT_TRUE(task.stopping_at && task.execution_stopped_at && task.stopped_at);
    EXPECT_EQ(*task.stopped_at, *task.execution_stopped_at + Millis{50});
}

TEST(TaskLife, the_exit_of_a_container_that_is_not_essential_leaves_the_task_running) {
    World world;
    world.define("web", NetworkMode::Awsvpc, {"app", "init"}).containers[1].essential = false;
    world.behaviours["init"].exits_after = Millis{100};
    world.behaviours["init"].exit_code = 0;
    world.start_service({.desired_count = 1});
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
    EXPECT_EQ(world.live().front()->containers[1].last_status, TaskStatus::Stopped);
    EXPECT_THAT(world.state.tasks, SizeIs(1));
}

TEST(TaskLife, a_task_whose_dead_container_waited_for_another_one_becomes_running_all_the_same) {
    World world; // dependsOn COMPLETE: "init" runs and ends before "app" starts
    world.define("web", NetworkMode::Awsvpc, {"app", "init"}).containers[1].essential = false;
    world.behaviours["init"].exits_after = Millis{10};
    world.behaviours["app"].starts_after = Millis{5000};
    world.create({.desired_count = 1});
    EXPECT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }, seconds{6}));
}

TEST(TaskLife, an_image_that_cannot_be_pulled_fails_the_task_to_start) {
    World world;
    world.behaviours["app"].cannot_be_pulled = true;
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 1; }));
    const Task& task = *world.tasks(TaskStatus::Stopped).front();
    EXPECT_EQ(task.stop_code, "TaskFailedToStart");
    EXPECT_EQ(task.stopped_reason, "Task failed to start");
    EXPECT_EQ(task.containers[0].reason, "CannotPullContainerError: Error response from daemon: not found");
    EXPECT_FALSE(task.containers[0].exit_code) << "a container that never ran has no exit code";
    EXPECT_FALSE(task.started_at);
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 1);
}

TEST(TaskLife, a_container_that_cannot_be_pulled_stops_those_that_run_already) {
    World world;
    world.define("web", NetworkMode::Awsvpc, {"app", "sidecar"});
    world.behaviours["sidecar"].cannot_be_pulled = true;
    world.behaviours["sidecar"].starts_after = Millis{5000};
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 1; }));
    const Task& task = *world.tasks(TaskStatus::Stopped).front();
    EXPECT_EQ(task.stop_code, "TaskFailedToStart");
    EXPECT_EQ(task.containers[0].exit_code, 143);
    EXPECT_NE(world.effect_at("stop", task.id), Instant{});
}

TEST(TaskLife, fargate_tells_the_whole_pull_error_as_the_reason_of_the_task) {
    World world;
    world.behaviours["app"].cannot_be_pulled = true;
    world.create({.desired_count = 1, .launch_type = "FARGATE"});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 1; }));
    EXPECT_EQ(world.tasks(TaskStatus::Stopped).front()->stopped_reason,
              "CannotPullContainerError: Error response from daemon: not found");
}

TEST(TaskLife, a_stopped_task_is_forgotten_after_an_hour) {
    World world;
    world.start_service({.desired_count = 1});
    const std::string id = world.live().front()->id;
    stop_task(world.state, world.task(id), "", world.now);
    ASSERT_TRUE(world.run_until([&] { return world.task(id).last_status == TaskStatus::Stopped; }));
    const Instant stopped = world.now;
    world.run_for(Millis{3'599'999});
    EXPECT_TRUE(world.state.tasks.contains(id));
    world.run_for(Millis{1});
    EXPECT_EQ(world.now, stopped + std::chrono::hours{1});
    EXPECT_FALSE(world.state.tasks.contains(id));
}

TEST(TaskLife, late_reports_about_a_task_that_ended_change_nothing) {
    World world;
    world.start_service({.desired_count = 1});
    const std::string id = world.live().front()->id;
    world.report(ContainerExited{id, "app", 0, ""});
    ASSERT_TRUE(world.run_until([&] { return world.task(id).last_status == TaskStatus::Stopped; }));
    world.report(ContainerExited{id, "app", 1, "again"});
    world.report(ContainerStarted{id, "app", "pid", {}});
    world.report(ContainerExited{"0123456789abcdef0123456789abcdef", "app", 1, "unknown task"});
    world.run_for(seconds{1});
    EXPECT_EQ(world.task(id).last_status, TaskStatus::Stopped);
    EXPECT_EQ(world.task(id).containers[0].exit_code, 0);
}

TEST(TaskLife, fargate_spells_a_memory_kill_its_own_way) {
    World world;
    world.start_service({.desired_count = 1, .launch_type = "FARGATE"});
    const std::string id = world.live().front()->id;
    world.report(ContainerExited{id, "app", 137, "OutOfMemoryError: Container killed due to memory usage"});
    EXPECT_EQ(world.task(id).containers[0].reason, "OutOfMemoryError: container killed due to memory usage");
}

} // namespace
} // namespace ecsr::local
