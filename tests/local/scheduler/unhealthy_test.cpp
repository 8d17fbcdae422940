// What counts as healthy, the grace period, and how unhealthy tasks are replaced (ECS behaviour B2, B5, D1-D4).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::StartsWith;

// A task definition whose "app" has a health check that turns HEALTHY after 10 s.
void define_checked(World& world) {
    world.define("web").containers[0].health_check = HealthCheck{};
    world.behaviours["app"].health = {{Millis{10'000}, Health::Healthy}};
}

TEST(Healthy, without_checks_and_targets_a_task_is_after_running_for_40_seconds) {
    World world;
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Instant running = world.now;
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.now, running + seconds{40});
}

TEST(Healthy, with_a_container_check_a_task_is_when_the_check_says_so) {
    World world;
    define_checked(world);
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Instant running = world.now;
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_GE(world.now, running + seconds{10});
    EXPECT_LE(world.now, running + seconds{11});
}

TEST(Healthy, with_a_target_group_a_task_is_when_its_target_is) {
    World world;
    world.target_group("blue");
    world.behaviours["app"].target = {{Millis{7000}, TargetState::Healthy}};
    world.create({.desired_count = 1, .target_groups = {"blue"}});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Instant running = world.now;
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_GE(world.now, running + seconds{7});
    EXPECT_LE(world.now, running + seconds{8});
}

TEST(Healthy, with_both_a_task_is_when_both_say_so) {
    World world;
    define_checked(world);
    world.target_group("blue");
    world.behaviours["app"].target = {{Millis{20'000}, TargetState::Healthy}};
    world.create({.desired_count = 1, .target_groups = {"blue"}});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Instant running = world.now;
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_GE(world.now, running + seconds{20});
}

TEST(Healthy, in_one_of_two_target_groups_is_not_enough) {
    World world;
    world.target_group("blue");
    world.target_group("green");
    world.behaviours["app"].target = {};
    world.create({.desired_count = 1, .target_groups = {"blue", "green"}});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Task& task = *world.live().front();
    world.report_target(*world.target_of(task, "blue"), "blue", TargetState::Healthy);
    EXPECT_FALSE(world.run_until_steady(minutes{2}));
    world.report_target(*world.target_of(task, "green"), "green", TargetState::Healthy);
    EXPECT_TRUE(world.run_until_steady(minutes{2}));
}

Task checked_task(std::vector<std::pair<bool, std::optional<Health>>> containers) {
    Task task;
    for (const auto& [essential, health] : containers) {
        Container container;
        container.essential = essential;
        container.has_health_check = health.has_value();
        container.health = health.value_or(Health::Unknown);
        task.containers.push_back(container);
    }
    return task;
}

TEST(TaskHealth, is_taken_over_the_essential_containers_with_a_check) {
    using enum Health;
    EXPECT_EQ(task_health(checked_task({{true, std::nullopt}})), Unknown) << "no check, no verdict";
    EXPECT_EQ(task_health(checked_task({{true, Healthy}, {true, std::nullopt}})), Healthy);
    EXPECT_EQ(task_health(checked_task({{true, Healthy}, {true, Unknown}})), Unknown);
    EXPECT_EQ(task_health(checked_task({{true, Unknown}, {true, Unhealthy}})), Unhealthy);
    EXPECT_EQ(task_health(checked_task({{true, Healthy}, {false, Unhealthy}})), Healthy);
    EXPECT_EQ(task_health(checked_task({{false, Healthy}})), Unknown);
}

TEST(Unhealthy, its_replacement_starts_first_and_it_goes_when_that_one_is_healthy) {
    World world;
    world.target_group("blue", 5);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    const std::string sick = world.live().front()->id;
    const int port = world.task(sick).targets[0].port;
    world.report_target(*world.target_of(world.task(sick), "blue"), "blue", TargetState::Unhealthy,
                        "Health checks failed with these codes: [503]");
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 3; }));
    const std::string group = "(target-group " + World::arn_of_group("blue") + ")";
    EXPECT_THAT(world.messages(),
                Contains("(service web) (task " + sick + ") (port " + std::to_string(port) + ") is unhealthy in " +
                         group + " due to (reason Health checks failed with these codes: [503])."));
    EXPECT_EQ(world.told(". Amazon ECS replaced 1 tasks due to an unhealthy status."), 1);
    ASSERT_TRUE(world.run_until([&] { return world.task(sick).desired_status == TaskStatus::Stopped; }));
    EXPECT_EQ(world.count(TaskStatus::Running), 2) << "the replacement runs before the unhealthy one is stopped";
    EXPECT_EQ(world.task(sick).stop_code, "ServiceSchedulerInitiated");
    EXPECT_EQ(world.task(sick).stopped_reason, "Task failed ELB health checks in " + group);
    EXPECT_EQ(world.told("has stopped 1 running tasks: (task " + sick + ")."), 1);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.live().size(), 2U);
}

TEST(Unhealthy, instance_targets_are_told_with_their_instance) {
    World world;
    world.define("web", NetworkMode::Bridge);
    world.target_group("blue", 5, "instance");
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    Target& target = world.state.target_groups.at(World::arn_of_group("blue")).targets.front();
    const std::string port = std::to_string(target.port);
    world.report_target(target, "blue", TargetState::Unhealthy, "Health checks failed");
    world.run_for(seconds{1});
    EXPECT_THAT(world.messages(), Contains("(service web) (instance i-0123456789abcdef0) (port " + port +
                                           ") is unhealthy in (target-group " + World::arn_of_group("blue") +
                                           ") due to (reason Health checks failed)."));
}

TEST(Unhealthy, a_failed_container_check_is_told_and_is_the_reason_of_the_stop) {
    World world;
    define_checked(world);
    world.start_service({.desired_count = 1});
    const std::string sick = world.live().front()->id;
    world.report_health(world.task(sick), Health::Unhealthy);
    ASSERT_TRUE(world.run_until([&] { return world.task(sick).last_status == TaskStatus::Stopped; }));
    EXPECT_EQ(world.task(sick).stopped_reason, "Task failed container health checks");
    EXPECT_THAT(world.messages(),
                Contains("(service web) (task " + sick + ") failed container health checks.").Times(1));
}

TEST(Unhealthy, a_task_that_recovers_meanwhile_stays_and_a_surplus_task_goes) {
    World world;
    define_checked(world);
    world.start_service({.desired_count = 3});
    Task& sick = *world.live().front();
    world.report_health(sick, Health::Unhealthy);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 4; }));
    world.report_health(sick, Health::Healthy);
    world.run_for(seconds{5});
    EXPECT_EQ(world.live().size(), 3U);
    EXPECT_EQ(world.told("stopped 1 pending tasks.") + world.told("has stopped 1 running tasks"), 1);
    EXPECT_EQ(sick.desired_status, TaskStatus::Running);
}

TEST(Unhealthy, at_the_maximum_they_are_stopped_one_at_a_time_and_then_replaced) {
    World world;
    define_checked(world);
    world.start_service({.desired_count = 3, .minimum_healthy_percent = 50, .maximum_percent = 100});
    for (Task* task : world.live()) { world.report_health(*task, Health::Unhealthy); }
    std::size_t fewest = 3;
    world.after_each_step = [&] { fewest = std::min(fewest, world.live().size()); };
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 1; }));
    EXPECT_EQ(world.count(TaskStatus::Running), 2);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.count(TaskStatus::Stopped), 3);
    EXPECT_EQ(fewest, 2U) << "never two at once";
}

TEST(Unhealthy, when_the_replacement_turns_unhealthy_too_one_of_both_goes) {
    World world;
    define_checked(world);
    world.start_service({.desired_count = 1});
    Task& sick = *world.live().front();
    world.behaviours["app"].health = {{Millis{1000}, Health::Unhealthy}};
    world.report_health(sick, Health::Unhealthy);
    ASSERT_TRUE(world.run_until([&] { return sick.desired_status == TaskStatus::Stopped; }, minutes{1}));
    EXPECT_EQ(world.live().size(), 1U);
}

TEST(GracePeriod, hides_an_unhealthy_verdict_until_it_ends) {
    World world;
    define_checked(world);
    world.behaviours["app"].health = {{Millis{5000}, Health::Unhealthy}};
    world.create({.desired_count = 1, .grace = Seconds{120}});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }));
    const Instant running = world.now;
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 2; }));
    EXPECT_EQ(world.now, running + seconds{120});
}

TEST(GracePeriod, does_not_hide_a_healthy_verdict) {
    World world;
    define_checked(world);
    world.create({.desired_count = 1, .grace = Seconds{600}});
    EXPECT_TRUE(world.run_until_steady(seconds{15}));
}

TEST(GracePeriod, is_of_no_help_to_a_service_that_runs_more_tasks_than_desired) {
    World world; // roadmap#2714: desired 1, grace 600 s, the replacement is unhealthy within its own grace period
    define_checked(world);
    world.start_service({.desired_count = 1, .grace = Seconds{600}});
    world.run_for(minutes{20});
    Task& old = *world.live().front();
    world.behaviours["app"].health = {{Millis{5000}, Health::Unhealthy}};
    world.report_health(old, Health::Unhealthy);
    ASSERT_TRUE(world.run_until([&] { return old.desired_status == TaskStatus::Stopped; }, minutes{1}));
    EXPECT_EQ(world.live().size(), 1U);
    world.run_for(minutes{5});
    EXPECT_EQ(world.live().size(), 1U) << "alone again, the grace period protects it";
}

TEST(Dead, a_task_that_exits_is_replaced_at_once_the_first_time) {
    World world;
    world.behaviours["app"].exits_after = Millis{2000};
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 1; }));
    EXPECT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }, seconds{2}));
    world.run_for(minutes{10});
    EXPECT_EQ(world.told("is unable to consistently start tasks successfully."), 0);
}

TEST(Dead, a_task_killed_for_its_memory_leaves_the_balancer_at_once_and_comes_back) {
    World world;
    world.target_group("blue", 300);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    Task& killed = *world.live().front();
    world.report(ContainerExited{killed.id, "app", 137, "OutOfMemoryError: Container killed due to memory usage"});
    world.run_for(seconds{1});
    EXPECT_EQ(killed.last_status, TaskStatus::Stopped) << "there is nothing left to drain";
    EXPECT_EQ(world.target_of(killed, "blue")->state, TargetState::Draining);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.live().size(), 2U);
}

TEST(Targets, verdicts_about_draining_or_unknown_targets_are_ignored) {
    World world;
    world.target_group("blue", 60);
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    Task& task = *world.live().front();
    Target target = *world.target_of(task, "blue");
    world.scale(0);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 1; }));
    world.report_target(target, "blue", TargetState::Healthy);
    EXPECT_EQ(world.target_of(task, "blue")->state, TargetState::Draining);
    target.port = 1;
    world.report_target(target, "blue", TargetState::Healthy);
    world.report_target(target, "unknown", TargetState::Healthy);
    world.run_for(minutes{2});
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
}

TEST(Targets, a_task_whose_target_was_deregistered_by_hand_waits) {
    World world;
    TargetGroup& group = world.target_group("blue", 1);
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    const Task& task = *world.live().front();
    deregister_target(group, task.private_ip, 8080, world.now);
    world.run_for(minutes{5});
    EXPECT_EQ(task.last_status, TaskStatus::Running) << "neither healthy nor unhealthy";
}

} // namespace
} // namespace ecsr::local
