// Task scale-in protection (ECS behaviour B13).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;

void protect(World& world, Task& task, Seconds span = minutes{60}) {
    ASSERT_EQ(protect_task(world.state, task, true, span, world.now), "");
}

TEST(Protection, steers_scale_in_to_exactly_the_unprotected_tasks) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        World world({}, seed);
        world.start_service({.desired_count = 6});
        std::set<std::string> victims;
        for (Task* task : world.live()) {
            if (victims.size() < 2) {
                victims.insert(task->id);
            } else {
                protect(world, *task);
            }
        }
        world.scale(4);
        ASSERT_TRUE(world.run_until([&] { return world.live().size() == 4; }));
        for (const Task* task : world.live()) { EXPECT_FALSE(victims.contains(task->id)); }
    }
}

TEST(Protection, that_blocks_scale_in_is_told_with_the_number_of_protected_tasks) {
    World world;
    world.start_service({.desired_count = 3});
    for (Task* task : world.live()) { protect(world, *task); }
    world.scale(1);
    world.run_for(seconds{30});
    EXPECT_EQ(world.live().size(), 3U);
    const std::string set = world.service().deployments.front().id;
    const std::string because = "was unable to scale in due to (reason 3 tasks under protection)";
    EXPECT_THAT(world.messages(), Contains("(service web, taskSet " + set + ") " + because));
    EXPECT_THAT(world.messages(),
                Contains("(service web) was unable to reach steady state because (taskSet " + set + ") " + because));
    EXPECT_FALSE(world.service().steady_since);
    EXPECT_EQ(world.told("tasks under protection"), 2) << "told once, not with every decision";
}

TEST(Protection, ends_when_it_expires) {
    World world;
    world.start_service({.desired_count = 2});
    for (Task* task : world.live()) { protect(world, *task, minutes{5}); }
    const Instant end = world.now + minutes{5};
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 1; }));
    EXPECT_EQ(world.now, end);
}

TEST(Protection, ends_when_it_is_cleared) {
    World world;
    world.start_service({.desired_count = 2});
    for (Task* task : world.live()) { protect(world, *task); }
    world.scale(1);
    world.run_for(seconds{10});
    ASSERT_EQ(world.live().size(), 2U);
    Task& victim = *world.live().front();
    EXPECT_EQ(protect_task(world.state, victim, false, seconds{0}, world.now), "");
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 1; }, seconds{2}));
    EXPECT_EQ(victim.desired_status, TaskStatus::Stopped);
}

TEST(Protection, keeps_old_tasks_alive_through_a_deployment_until_it_ends) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    Task& kept = *world.live().front();
    protect(world, kept, minutes{20});
    const Instant end = world.now + minutes{20};
    world.deploy("web:2");
    world.run_for(minutes{10});
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U);
    EXPECT_EQ(kept.last_status, TaskStatus::Running);
    EXPECT_EQ(world.service().deployments.size(), 2U);
    EXPECT_EQ(world.told("(reason 1 tasks under protection)"), 2);
    EXPECT_EQ(world.told("was unable to stop or start tasks"), 0);

    EXPECT_EQ(protect_task(world.state, kept, true, minutes{60}, world.now), "DEPLOYMENT_BLOCKED");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_GE(world.now, end);
    EXPECT_LT(world.now, end + seconds{5});
    EXPECT_EQ(world.service().deployments.size(), 1U);
}

TEST(Protection, is_refused_for_tasks_that_belong_to_no_service_or_are_stopping) {
    World world;
    world.start_service({.desired_count = 1});
    Task standalone;
    standalone.id = "00000000000000000000000000000001";
    standalone.cluster = "prod";
    EXPECT_EQ(protect_task(world.state, standalone, true, minutes{1}, world.now), "TASK_NOT_VALID");
    Task& task = *world.live().front();
    stop_task(world.state, task, "", world.now);
    EXPECT_EQ(protect_task(world.state, task, true, minutes{1}, world.now), "TASK_NOT_VALID");
}

TEST(Protection, is_no_shield_for_an_unhealthy_task) {
    World world;
    world.target_group("blue", 5);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    Task& task = *world.live().front();
    protect(world, task);
    world.report_target(*world.target_of(task, "blue"), "blue", TargetState::Unhealthy, "Request timed out");
    ASSERT_TRUE(world.run_until([&] { return task.last_status == TaskStatus::Stopped; }, minutes{1}));
}

TEST(Protection, does_not_outlive_the_service) {
    World world;
    world.start_service({.desired_count = 2});
    for (Task* task : world.live()) { protect(world, *task); }
    ASSERT_TRUE(delete_service(world.state, world.service(), true, world.now));
    EXPECT_TRUE(world.run_until([&] { return world.service().status == ServiceStatus::Inactive; }, minutes{1}));
}

} // namespace
} // namespace ecsr::local
