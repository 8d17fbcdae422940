// How tasks go: scale-in, its order, draining, StopTask (ECS behaviour B3, B9, B10).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string on_its_way_out(World& world) {
    for (const auto& [id, task] : world.state.tasks) {
        if (task.desired_status == TaskStatus::Stopped) { return id; }
    }
    return "";
}

TEST(ScaleIn, deregisters_drains_for_the_delay_and_only_then_sends_the_stop_signal) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 1; }));
    const std::string id = on_its_way_out(world);
    const Instant stopping = world.now;
    const Task& task = world.task(id);
    EXPECT_EQ(task.stop_code, "ServiceSchedulerInitiated");
    EXPECT_EQ(task.stopped_reason,
              "Scaling activity initiated by (deployment " + world.service().deployments.front().id + ")");
    EXPECT_EQ(task.stopping_at, stopping);
    ASSERT_NE(world.target_of(task, "blue"), nullptr);
    EXPECT_EQ(world.target_of(task, "blue")->state, TargetState::Draining);
    EXPECT_EQ(world.target_of(task, "blue")->reason, "Target.DeregistrationInProgress");

    world.run_for(Millis{29'999});
    EXPECT_EQ(task.last_status, TaskStatus::Deactivating);
    EXPECT_EQ(world.effect_at("stop", id), Instant{});
    world.run_for(Millis{1});
    EXPECT_EQ(task.last_status, TaskStatus::Stopping);
    EXPECT_EQ(world.effect_at("stop", id), stopping + seconds{30});
    EXPECT_EQ(world.target_of(task, "blue"), nullptr) << "the target is gone when its draining is over";

    world.run_for(Millis{500});
    EXPECT_EQ(task.last_status, TaskStatus::Deprovisioning);
    world.run_for(Millis{50});
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_EQ(task.containers[0].exit_code, 143);
}

TEST(ScaleIn, without_a_target_group_the_signal_comes_at_once) {
    World world;
    world.start_service({.desired_count = 2});
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopping) == 1; }));
    const Task& task = *world.tasks(TaskStatus::Stopping).front();
    EXPECT_EQ(world.effect_at("stop", task.id), *task.stopping_at);
}

TEST(ScaleIn, tells_what_was_stopped_deregistered_and_drained) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 3, .target_groups = {"blue"}});
    const auto before = world.messages().size();
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 2; }));
    auto texts = world.messages();
    texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(before));
    EXPECT_THAT(
        texts, ElementsAre(AllOf(StartsWith("(service web) has stopped 2 running tasks: (task "), EndsWith(").")),
                           "(service web) deregistered 2 targets in (target-group " + World::arn_of_group("blue") + ")",
                           "(service web) has begun draining connections on 2 tasks."));
}

TEST(ScaleIn, takes_pending_tasks_first) {
    World world;
    world.start_service({.desired_count = 2});
    std::set<std::string> old;
    for (const Task* task : world.live()) { old.insert(task->id); }
    world.scale(4);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Pending) == 2; }));
    world.scale(2);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 2; }));
    for (const Task* task : world.live()) { EXPECT_TRUE(old.contains(task->id)); }
    EXPECT_THAT(world.messages(), Contains("(service web) stopped 2 pending tasks."));
}

TEST(ScaleIn, takes_tasks_that_are_not_healthy_yet_before_healthy_ones) {
    World world;
    world.start_service({.desired_count = 3});
    std::set<std::string> old;
    for (const Task* task : world.live()) { old.insert(task->id); }
    world.scale(4);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 4; }));
    world.run_for(seconds{5});
    world.scale(3);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 3; }));
    for (const Task* task : world.live()) { EXPECT_TRUE(old.contains(task->id)); }
}

TEST(ScaleIn, takes_from_the_zone_with_the_most_tasks) {
    World world;
    world.start_service({.desired_count = 7});
    world.scale(3);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 3; }));
    std::set<std::string> zones;
    for (const Task* task : world.live()) { zones.insert(task->availability_zone); }
    EXPECT_EQ(zones.size(), 3U);
}

TEST(ScaleIn, among_equal_tasks_chance_decides_and_a_seed_replays_it) {
    const auto survivor = [](std::uint64_t seed) {
        World world({}, seed);
        world.start_service({.desired_count = 3});
        world.scale(1);
        world.run_until([&] { return world.live().size() == 1; });
        return world.live().front()->availability_zone;
    };
    std::set<std::string> seen;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        seen.insert(survivor(seed));
        EXPECT_EQ(survivor(seed), survivor(seed));
    }
    EXPECT_GT(seen.size(), 1U) << "a recycler that counts on the choice of the scheduler must be caught";
}

TEST(ScaleIn, to_zero_stops_everything_and_is_steady) {
    World world;
    world.start_service({.desired_count = 3});
    world.scale(0);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 3; }));
    EXPECT_TRUE(world.run_until_steady(seconds{5}));
    EXPECT_TRUE(world.live().empty());
}

TEST(ScaleIn, a_container_that_ends_while_it_drains_ends_the_task_early) {
    World world;
    world.target_group("blue", 300);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 1; }));
    const std::string id = on_its_way_out(world);
    world.report(ContainerExited{id, "app", 1, ""});
    world.run_for(seconds{1});
    EXPECT_EQ(world.task(id).last_status, TaskStatus::Stopped);
    EXPECT_THAT(world.task(id).stopped_reason, StartsWith("Scaling activity"));
}

TEST(StopTask, is_answered_at_once_and_keeps_the_first_reason) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    Task& task = *world.live().front();
    task.tags["team"] = "a";
    stop_task(world.state, task, "recycled", world.now);
    EXPECT_EQ(task.desired_status, TaskStatus::Stopped);
    EXPECT_EQ(task.last_status, TaskStatus::Deactivating);
    EXPECT_EQ(task.stop_code, "UserInitiated");
    EXPECT_EQ(task.stopping_at, world.now);
    EXPECT_TRUE(task.tags.empty()) << "StopTask removes the tags of the task";
    stop_task(world.state, task, "again", world.now);
    world.run_until([&] { return task.last_status == TaskStatus::Stopped; });
    stop_task(world.state, task, "too late", world.now);
    EXPECT_EQ(task.stopped_reason, "recycled");
}

TEST(StopTask, without_a_reason_says_that_the_user_did_it) {
    World world;
    world.start_service({.desired_count = 1});
    Task& task = *world.live().front();
    stop_task(world.state, task, "", world.now);
    EXPECT_EQ(task.stopped_reason, "Task stopped by user");
    EXPECT_EQ(task.last_status, TaskStatus::Running) << "without targets it still shows RUNNING in the answer";
}

TEST(StopTask, sends_the_signal_before_the_scheduler_has_deregistered_the_target) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    Task& task = *world.live().front();
    const Instant asked = world.now;
    stop_task(world.state, task, "", world.now);
    world.run_for(Millis{0});
    EXPECT_EQ(world.effect_at("stop", task.id), asked);
    EXPECT_EQ(task.last_status, TaskStatus::Stopping);
    EXPECT_EQ(world.target_of(task, "blue")->state, TargetState::Healthy) << "requests still go to it";
    world.run_for(Pace{}.decide_high);
    EXPECT_EQ(world.target_of(task, "blue")->state, TargetState::Draining);
    world.run_for(seconds{5} - Pace{}.decide_high);
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_NE(world.target_of(task, "blue"), nullptr) << "the target drains on although the task is gone";
    world.run_for(seconds{26});
    EXPECT_EQ(world.target_of(task, "blue"), nullptr);
}

TEST(StopTask, drains_first_in_the_other_reading) {
    World world(SchedulerOptions{.pace = {}, .stop_task_drains = true});
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    Task& task = *world.live().front();
    const Instant asked = world.now;
    stop_task(world.state, task, "", world.now);
    world.run_for(seconds{31});
    EXPECT_EQ(world.effect_at("stop", task.id), asked + seconds{30});
}

TEST(StopTask, of_a_task_that_was_not_launched_yet_never_launches_it) {
    World world;
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Provisioning) == 1; }));
    Task& task = *world.live().front();
    stop_task(world.state, task, "", world.now);
    world.run_for(seconds{1});
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_EQ(world.effect_at("launch", task.id), Instant{});
    EXPECT_FALSE(task.execution_stopped_at);
}

TEST(StopTask, is_replaced_by_a_task_of_the_same_revision_but_not_ahead_of_the_stop) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    Task& task = *world.live().front();
    stop_task(world.state, task, "", world.now);
    world.run_for(Millis{0});
    EXPECT_EQ(world.live().size(), 1U);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 2; }));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(StopTask, is_bounded_neither_by_minimum_healthy_percent_nor_by_protection) {
    World world;
    world.start_service({.desired_count = 2});
    for (Task* task : world.live()) {
        protect_task(world.state, *task, true, seconds{600}, world.now);
        stop_task(world.state, *task, "", world.now);
    }
    world.run_for(Millis{0});
    EXPECT_EQ(world.count(TaskStatus::Running), 0);
}

TEST(StopTask, of_a_healthy_task_is_no_failure_of_the_deployment) {
    World world;
    world.create({.desired_count = 1, .breaker = true});
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
        stop_task(world.state, *world.live().front(), "", world.now);
        world.run_for(seconds{1});
    }
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 0);
}

TEST(Counts, tasks_on_their_way_out_are_neither_running_nor_pending) {
    World world;
    world.target_group("blue", 300);
    world.start_service({.desired_count = 3, .target_groups = {"blue"}});
    world.scale(2);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 1; }));
    const auto counts = counts_by_deployment(world.state, world.service());
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts.begin()->second.running, 2);
    EXPECT_EQ(counts.begin()->second.pending, 0);
}

TEST(Targets, of_type_instance_are_the_instance_of_the_cluster_and_the_host_port) {
    World world;
    world.define("web", NetworkMode::Bridge);
    world.target_group("blue", 30, "instance");
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    const Task& task = *world.live().front();
    ASSERT_EQ(task.targets.size(), 1U);
    EXPECT_EQ(task.targets[0].target_id, "i-0123456789abcdef0");
    EXPECT_EQ(task.targets[0].port, task.containers[0].network_bindings[0].host_port);
}

TEST(Targets, of_type_ip_are_the_address_of_the_task_and_the_container_port) {
    World world;
    world.target_group("blue");
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    const Task& task = *world.live().front();
    ASSERT_EQ(task.targets.size(), 1U);
    EXPECT_EQ(task.targets[0].target_id, task.private_ip);
    EXPECT_EQ(task.targets[0].port, 8080);
}

TEST(Targets, a_task_registers_with_every_target_group_of_the_service) {
    World world;
    world.target_group("blue", 10);
    world.target_group("green", 40);
    world.start_service({.desired_count = 1, .target_groups = {"blue", "green"}});
    EXPECT_EQ(world.live().front()->targets.size(), 2U);
    EXPECT_EQ(world.told("registered 1 targets in (target-group " + World::arn_of_group("green") + ")"), 1);
    world.scale(0);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopping) == 1; }));
    const Task& task = *world.tasks(TaskStatus::Stopping).front();
    EXPECT_EQ(world.now, *task.stopping_at + seconds{40}) << "the longest delay counts";
    EXPECT_EQ(world.told("has begun draining connections on 1 tasks."), 1);
}

TEST(Targets, a_target_that_was_deregistered_by_hand_can_come_back) {
    World world;
    TargetGroup& group = world.target_group("blue", 60);
    register_target(group, "10.0.0.1", 80, world.now);
    EXPECT_EQ(group.targets[0].state, TargetState::Initial);
    EXPECT_EQ(group.targets[0].reason, "Elb.RegistrationInProgress");
    deregister_target(group, "10.0.0.1", 80, world.now);
    EXPECT_EQ(group.targets[0].draining_until, world.now + seconds{60});
    register_target(group, "10.0.0.1", 80, world.now);
    EXPECT_EQ(group.targets[0].state, TargetState::Initial);
    EXPECT_FALSE(group.targets[0].draining_until);
    deregister_target(group, "10.0.0.1", 80, world.now);
    world.run_for(seconds{60});
    EXPECT_TRUE(group.targets.empty());
}

} // namespace
} // namespace ecsr::local
