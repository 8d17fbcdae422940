// Placement within a capacity (ECS behaviour A4, B3, C1) and RunTask.
#include "local/scheduler/capacity.hpp"
#include "local/scheduler/run_task.hpp"
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;

constexpr const char* no_instance =
    "(service web) was unable to place a task because no container instance met all of its requirements. The closest "
    "matching (container-instance 0123456789abcdef0123456789abcdef) ";

// "web:1", whose tasks take half a vCPU and 256 MiB each.
TaskDefinition& define_sized(World& world) {
    TaskDefinition& definition = world.define("web");
    definition.cpu = 512;
    definition.memory_mib = 256;
    return definition;
}

TEST(Capacity, keeps_tasks_waiting_and_tells_why) {
    World world;
    define_sized(world);
    world.state.capacity.cpu = 1024;
    world.create({.desired_count = 3});
    world.run_for(minutes{5});
    EXPECT_EQ(world.count(TaskStatus::Running), 2);
    EXPECT_EQ(world.told("was unable to place a task"), 1) << "the same event is not told again for hours";
    EXPECT_THAT(world.messages(), Contains(std::string(no_instance) +
                                           "has insufficient CPU units available. For more information, see the "
                                           "Troubleshooting section of the Amazon ECS Developer Guide."));
    EXPECT_EQ(world.told("was unable to stop or start tasks during a deployment"), 0);

    world.state.capacity.cpu = 2048;
    EXPECT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 3; }, seconds{10}));
}

TEST(Capacity, of_memory_and_of_tasks_have_their_own_events) {
    World world;
    define_sized(world);
    world.state.capacity.memory_mib = 300;
    world.create({.desired_count = 2});
    world.run_for(seconds{10});
    EXPECT_EQ(world.told("has insufficient memory available."), 1);
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
    world.state.capacity.memory_mib.reset();
    world.state.capacity.tasks = 1;
    world.run_for(seconds{10});
    EXPECT_EQ(world.told("encountered error \"RESOURCE:ENI\"."), 1);
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
}

TEST(Capacity, of_fargate_is_a_quota) {
    for (const auto& [capacity, reason] : std::vector<std::pair<Capacity, std::string>>{
             {{512, {}, {}}, "You've reached the limit on the number of vCPUs you can run concurrently."},
             {{{}, {}, 1}, "You've reached the limit on the number of tasks you can run concurrently."},
             {{{}, 256, {}},
              "Capacity is unavailable at this time. Please try again later or in a different availability zone."}}) {
        World world;
        define_sized(world);
        world.state.capacity = capacity;
        world.create({.desired_count = 2, .launch_type = "FARGATE"});
        world.run_for(seconds{10});
        EXPECT_THAT(world.messages(), Contains("(service web) was unable to place a task. Reason: " + reason));
    }
}

TEST(Capacity, is_free_again_as_soon_as_a_task_is_told_to_stop) {
    World world;
    define_sized(world);
    world.behaviours["app"].stops_after = minutes{2};
    world.state.capacity.tasks = 1;
    world.start_service({.desired_count = 1});
    stop_task(world.state, *world.live().front(), "", world.now);
    EXPECT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }, seconds{10}));
    EXPECT_EQ(world.count(TaskStatus::Stopping), 1);
}

TEST(Capacity, too_small_for_a_deployment_keeps_the_old_tasks) {
    World world;
    define_sized(world);
    world.state.capacity.tasks = 2;
    world.start_service({.desired_count = 2});
    world.force_deployment();
    world.run_for(minutes{5});
    EXPECT_EQ(world.count(TaskStatus::Running), 2);
    EXPECT_EQ(world.service().deployments.size(), 2U);
    EXPECT_EQ(world.told("was unable to place a task"), 1);
}

TEST(Ports, of_the_instance_are_for_one_task_at_a_time) {
    World world;
    world.define("web", NetworkMode::Bridge).containers[0].port_mappings = {PortMapping{8080, 9090, "tcp", ""}};
    world.create({.desired_count = 2});
    world.run_for(seconds{10});
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
    EXPECT_EQ(world.told("is already using a port required by your task."), 1);
}

TEST(Demand, is_what_the_task_says_or_the_sum_of_its_containers) {
    World world;
    TaskDefinition& definition = world.define("web", NetworkMode::Awsvpc, {"app", "side"});
    definition.containers[0].cpu = 100;
    definition.containers[0].memory_mib = 64;
    definition.containers[0].memory_reservation_mib = 32;
    definition.containers[1].memory_mib = 128;
    EXPECT_EQ(demand_of(definition).cpu, 100);
    EXPECT_EQ(demand_of(definition).memory_mib, 32 + 128);
    TaskOverrides overrides;
    overrides.containers.push_back(
        {.name = "side", .command = {}, .environment = {}, .cpu = 50, .memory_mib = 256, .memory_reservation_mib = {}});
    EXPECT_EQ(demand_of(definition, overrides).cpu, 150);
    EXPECT_EQ(demand_of(definition, overrides).memory_mib, 32 + 256);
    definition.cpu = 1024;
    EXPECT_EQ(demand_of(definition, overrides).cpu, 1024);
    overrides.cpu = 2048;
    EXPECT_EQ(demand_of(definition, overrides).cpu, 2048);
}

RunTaskOrder order_of(World& world, int count) {
    world.define("job");
    RunTaskOrder order;
    order.cluster = "prod";
    order.task_definition = task_definition_arn(world.state.identity, "job", 1);
    order.count = count;
    order.group = "family:job";
    return order;
}

TEST(RunTask, starts_tasks_that_nobody_replaces) {
    World world;
    auto order = order_of(world, 2);
    order.started_by = "me";
    const auto result = run_task(world.state, order, world.now);
    ASSERT_EQ(result.task_ids.size(), 2U);
    EXPECT_THAT(result.failures, ElementsAre());
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 2; }));
    Task& task = world.task(result.task_ids[0]);
    EXPECT_EQ(task.started_by, "me");
    EXPECT_NE(task.availability_zone, world.task(result.task_ids[1]).availability_zone);
    world.report(ContainerExited{task.id, "app", 3, ""});
    world.run_for(minutes{5});
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_EQ(task.stop_code, "EssentialContainerExited");
    EXPECT_EQ(task.stopped_reason, "Essential container in task exited");
    EXPECT_EQ(world.count(TaskStatus::Running), 1);
}

TEST(RunTask, gives_its_overrides_to_the_containers) {
    World world;
    auto order = order_of(world, 1);
    world.state.task_definitions.at("job")[0].containers[0].environment = {{"A", "1"}, {"B", "2"}};
    order.overrides.memory_mib = 99;
    order.overrides.containers.push_back({.name = "app",
                                          .command = {"run", "it"},
                                          .environment = {{"A", "x"}},
                                          .cpu = {},
                                          .memory_mib = 7,
                                          .memory_reservation_mib = {}});
    run_task(world.state, order, world.now);
    for (const Effect& effect : world.scheduler.advance(world.state, world.now)) {
        const auto& launch = std::get<LaunchTask>(effect).launch;
        EXPECT_EQ(launch.memory_mib, 99);
        EXPECT_THAT(launch.containers[0].command, ElementsAre("run", "it"));
        EXPECT_EQ(launch.containers[0].environment.at("A"), "x");
        EXPECT_EQ(launch.containers[0].environment.at("B"), "2");
        EXPECT_EQ(launch.containers[0].memory_mib, 7);
    }
}

TEST(RunTask, without_a_place_is_a_failure_for_each_task) {
    World world;
    auto order = order_of(world, 3);
    world.state.capacity.tasks = 1;
    const auto result = run_task(world.state, order, world.now);
    EXPECT_EQ(result.task_ids.size(), 1U);
    EXPECT_THAT(result.failures, ElementsAre("RESOURCE:ENI", "RESOURCE:ENI"));
}

TEST(RunTask, by_a_capacity_provider_starts_and_stops_what_finds_no_place) {
    World world;
    auto order = order_of(world, 1);
    world.state.task_definitions.at("job")[0].cpu = 512;
    world.state.capacity.cpu = 256;
    order.by_capacity_provider = true;
    const auto result = run_task(world.state, order, world.now);
    EXPECT_THAT(result.failures, ElementsAre());
    world.run_for(seconds{5});
    const Task& task = world.task(result.task_ids.at(0));
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_EQ(task.stop_code, "TaskFailedToStart");
    EXPECT_EQ(task.stopped_reason, "TaskFailedToStart: RESOURCE:CPU");
    EXPECT_FALSE(task.containers.at(0).exit_code);
}

TEST(RunTask, tokens_are_remembered_for_a_day) {
    World world;
    keep_run_token(world.state, "prod", "t", {"{}", {"a"}, world.now});
    EXPECT_NE(find_run_token(world.state, "prod", "t", world.now + std::chrono::hours{24}), nullptr);
    EXPECT_EQ(find_run_token(world.state, "other", "t", world.now), nullptr);
    EXPECT_EQ(find_run_token(world.state, "prod", "t", world.now + std::chrono::hours{25}), nullptr);
    EXPECT_TRUE(world.state.run_tokens.empty());
}

} // namespace
} // namespace ecsr::local
