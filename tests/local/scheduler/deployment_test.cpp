// Rolling deployments: arithmetic, records, order of things (ECS behaviour B1, B3, B4).
#include "local/scheduler/health.hpp"
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The extremes that a service went through.
struct Extremes {
    int fewest_healthy = 1'000'000;
    int most_live = 0;
    int most_not_stopped = 0;
};

int healthy_tasks(World& world) {
    int healthy = 0;
    const auto live = world.live();
    const TargetIndex targets(world.state, live);
    for (const Task* task : live) {
        const HealthRules rules{Millis{40'000}, Seconds{0}, !world.service().load_balancers.empty()};
        if (judge(*task, targets, rules, world.now).verdict == Verdict::Good) { ++healthy; }
    }
    return healthy;
}

void watch(World& world, Extremes& extremes) {
    world.after_each_step = [&world, &extremes] {
        int not_stopped = 0;
        for (const auto& [id, task] : world.state.tasks) {
            if (task.last_status != TaskStatus::Stopped) { ++not_stopped; }
        }
        extremes.fewest_healthy = std::min(extremes.fewest_healthy, healthy_tasks(world));
        extremes.most_live = std::max(extremes.most_live, static_cast<int>(world.live().size()));
        extremes.most_not_stopped = std::max(extremes.most_not_stopped, not_stopped);
    };
}

struct Percents {
    int desired, minimum, maximum, fewest_healthy, most_live;
};

class DeploymentArithmetic : public ::testing::TestWithParam<Percents> {};

TEST_P(DeploymentArithmetic, stays_between_minimum_and_maximum_and_uses_both) {
    const Percents& p = GetParam();
    World world;
    world.start_service(
        {.desired_count = p.desired, .minimum_healthy_percent = p.minimum, .maximum_percent = p.maximum});
    world.define("web");
    Extremes extremes;
    watch(world, extremes);
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.size() == 1; }));
    EXPECT_EQ(extremes.fewest_healthy, p.fewest_healthy);
    EXPECT_EQ(extremes.most_live, p.most_live);
    EXPECT_EQ(world.tasks_of("web:2").size(), static_cast<std::size_t>(p.desired));
    EXPECT_EQ(world.tasks_of("web:1").size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(percents, DeploymentArithmetic,
                         ::testing::Values(Percents{4, 100, 200, 4, 8}, // start 4, then stop 4
                                           Percents{4, 50, 100, 2, 4},  // stop 2, then start 2
                                           Percents{4, 50, 150, 2, 6},  // both at once
                                           Percents{1, 100, 200, 1, 2}, //
                                           Percents{1, 0, 100, 0, 1},   //
                                           Percents{2, 75, 150, 2, 3},  // the minimum rounds up: start before stop
                                           Percents{3, 60, 125, 2, 3},  // the maximum rounds down: stop before start
                                           Percents{10, 90, 110, 9, 11}),
                         [](const auto& each) {
                             return std::to_string(each.param.desired) + "_tasks_" +
                                    std::to_string(each.param.minimum) + "_to_" + std::to_string(each.param.maximum);
                         });

TEST(Deployment, without_headroom_in_either_direction_says_so_and_changes_nothing) {
    World world;
    world.start_service({.desired_count = 3, .minimum_healthy_percent = 100, .maximum_percent = 125});
    world.define("web");
    world.deploy("web:2");
    world.run_for(minutes{60});
    EXPECT_EQ(world.tasks_of("web:1").size(), 3U);
    EXPECT_EQ(world.tasks_of("web:2").size(), 0U);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::InProgress);
    const std::string text =
        "(service web) was unable to stop or start tasks during a deployment because of the service "
        "deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try "
        "again.";
    EXPECT_THAT(world.messages(), Contains(text).Times(1));
    ServiceUpdate change;
    change.deployment_configuration = world.service().deployment_configuration;
    change.deployment_configuration->maximum_percent = 200;
    world.update(change);
    EXPECT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 3U);
}

TEST(Deployment, the_headroom_event_is_not_told_while_old_tasks_are_still_stopping) {
    World world;
    world.behaviours["app"].stops_after = Millis{25'000};
    world.start_service({.desired_count = 2, .minimum_healthy_percent = 50, .maximum_percent = 100});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.told("was unable to"), 0);
}

TEST(Deployment, a_stopping_task_leaves_its_place_at_once) {
    World world;
    world.behaviours["app"].stops_after = Millis{60'000};
    world.start_service({.desired_count = 1, .minimum_healthy_percent = 0, .maximum_percent = 100});
    world.define("web");
    Extremes extremes;
    watch(world, extremes);
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 1; }));
    EXPECT_EQ(world.count(TaskStatus::Stopping), 1);
    EXPECT_EQ(extremes.most_not_stopped, 2);
}

TEST(Deployment, a_stopping_task_keeps_its_place_in_the_other_reading) {
    World world(SchedulerOptions{.pace = {}, .stopping_uses_headroom = true});
    world.behaviours["app"].stops_after = Millis{60'000};
    world.start_service({.desired_count = 1, .minimum_healthy_percent = 0, .maximum_percent = 100});
    world.define("web");
    Extremes extremes;
    watch(world, extremes);
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 1U);
    EXPECT_EQ(extremes.most_not_stopped, 1);
}

TEST(Deployment, the_answer_shows_a_new_primary_with_desired_0_and_the_former_one_as_it_was) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    const std::string old_id = world.service().deployments.front().id;
    world.deploy("web:2");
    const auto& deployments = world.service().deployments;
    ASSERT_EQ(deployments.size(), 2U);
    EXPECT_EQ(deployments[0].status, DeploymentStatus::Primary);
    EXPECT_EQ(deployments[0].desired_count, 0);
    EXPECT_EQ(deployments[0].rollout_state, RolloutState::InProgress);
    EXPECT_EQ(deployments[0].rollout_state_reason, "ECS deployment " + deployments[0].id + " in progress.");
    EXPECT_EQ(deployments[1].id, old_id);
    EXPECT_EQ(deployments[1].status, DeploymentStatus::Active);
    EXPECT_EQ(deployments[1].desired_count, 2);
    EXPECT_EQ(deployments[1].rollout_state, RolloutState::Completed);
    EXPECT_EQ(world.service().desired_count, 2);
    world.run_for(seconds{1});
    EXPECT_EQ(deployments[0].desired_count, 2);
}

TEST(Deployment, completes_when_the_old_tasks_are_stopped_and_is_steady_a_millisecond_later) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    world.define("web");
    world.deploy("web:2");
    const std::string id = world.service().deployments.front().id;
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.size() == 1; }));
    const Deployment& deployment = world.service().deployments.front();
    EXPECT_EQ(deployment.id, id);
    EXPECT_EQ(deployment.rollout_state, RolloutState::Completed);
    EXPECT_EQ(deployment.rollout_state_reason, "ECS deployment " + id + " completed.");
    EXPECT_EQ(world.count(TaskStatus::Stopped), 2);
    const auto& events = world.service().events;
    EXPECT_EQ(events[0].message, "(service web) has reached a steady state.");
    EXPECT_EQ(events[1].message, "(service web) (deployment " + id + ") deployment completed.");
    EXPECT_EQ(events[0].created_at, events[1].created_at + Millis{1});
}

TEST(Deployment, tells_its_story_in_the_order_of_a_real_one) {
    World world;
    world.target_group("blue", 30);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    const std::string group = "(target-group " + World::arn_of_group("blue") + ")";
    world.define("web");
    const auto before = static_cast<std::ptrdiff_t>(world.messages().size());
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until_steady());
    auto texts = world.messages();
    texts.erase(texts.begin(), texts.begin() + before);
    EXPECT_THAT(texts,
                ElementsAre(AllOf(StartsWith("(service web) has started 2 tasks: (task "), HasSubstr(") (task ")),
                            "(service web) registered 2 targets in " + group,
                            StartsWith("(service web) has stopped 2 running tasks: (task "),
                            "(service web) deregistered 2 targets in " + group,
                            "(service web) has begun draining connections on 2 tasks.",
                            HasSubstr(") deployment completed."), "(service web) has reached a steady state."));
}

TEST(Deployment, a_forced_one_replaces_every_task_by_the_same_revision) {
    World world;
    world.start_service({.desired_count = 3});
    std::set<std::string> old;
    for (const Task* task : world.live()) { old.insert(task->id); }
    world.force_deployment();
    EXPECT_EQ(world.service().deployments.size(), 2U);
    ASSERT_TRUE(world.run_until_steady());
    for (const Task* task : world.live()) { EXPECT_FALSE(old.contains(task->id)); }
    EXPECT_EQ(world.tasks_of("web:1").size(), 3U);
}

TEST(Deployment, none_starts_when_nothing_changes) {
    World world;
    world.start_service({.desired_count = 2});
    world.deploy("web:1");
    world.scale(3);
    EXPECT_EQ(world.service().deployments.size(), 1U);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Completed);
}

TEST(Deployment, a_second_one_takes_over_stops_what_was_pending_and_drains_all_older_tasks) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    world.define("web");
    Extremes extremes;
    watch(world, extremes);
    world.behaviours["app"].starts_after = Millis{20'000};
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Pending) == 2; }));
    world.deploy("web:3");
    const auto& deployments = world.service().deployments;
    ASSERT_EQ(deployments.size(), 3U);
    EXPECT_EQ(deployments[0].task_definition, task_definition_arn(world.state.identity, "web", 3));
    EXPECT_EQ(deployments[1].task_definition, task_definition_arn(world.state.identity, "web", 2));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_THAT(world.messages(), Contains("(service web) stopped 2 pending tasks."));
    EXPECT_EQ(world.tasks_of("web:3").size(), 2U);
    EXPECT_EQ(world.service().deployments.size(), 1U);
    EXPECT_EQ(extremes.fewest_healthy, 2);
    EXPECT_EQ(extremes.most_live, 4);
}

TEST(Deployment, a_superseded_one_with_running_tasks_stays_active_until_they_are_gone) {
    World world;
    world.behaviours["app"].stops_after = Millis{20'000};
    world.start_service({.desired_count = 2});
    world.define("web");
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 2; }));
    world.deploy("web:3");
    world.run_for(seconds{10});
    ASSERT_EQ(world.service().deployments.size(), 3U);
    EXPECT_EQ(world.tasks_of("web:2", TaskStatus::Stopping).size(), 2U);
    EXPECT_EQ(world.service().deployments[1].status, DeploymentStatus::Active);
    world.run_for(seconds{15});
    EXPECT_EQ(world.service().deployments.size(), 2U) << "it never completed, so nothing will go back to it";
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:3").size(), 2U);
}

TEST(Deployment, an_old_task_that_dies_meanwhile_is_replaced_by_its_own_revision) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 2; }));
    const std::string dead = world.tasks_of("web:1").front()->id;
    world.report(ContainerExited{dead, "app", 1, ""});
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:1").size() == 2; }, seconds{10}));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
}

TEST(Deployment, a_new_task_that_dies_does_not_bring_the_old_revision_back) {
    World world;
    world.target_group("blue", 300);
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Deactivating) == 2; }));
    world.report(ContainerExited{world.tasks_of("web:2").front()->id, "app", 1, ""});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.size() == 1; }));
    EXPECT_EQ(world.tasks_of("web:1", TaskStatus::Stopped).size(), 2U);
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
}

TEST(Deployment, scaling_out_meanwhile_grows_both_revisions) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2", TaskStatus::Pending).size() == 2; }));
    world.scale(4);
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:1").size() == 4; }, seconds{10}));
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 4U);
}

TEST(Deployment, scaling_in_meanwhile_ends_with_the_new_count) {
    World world;
    world.start_service({.desired_count = 4});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 4; }));
    world.scale(2);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
    EXPECT_EQ(world.live().size(), 2U);
}

TEST(Deployment, of_a_service_without_tasks_completes_at_once) {
    World world;
    world.start_service({.desired_count = 0});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until_steady(seconds{5}));
    EXPECT_EQ(world.service().deployments.size(), 1U);
}

TEST(Deployment, new_tasks_register_with_the_new_target_group_and_old_ones_stay_in_the_old) {
    World world;
    world.target_group("blue", 5);
    world.target_group("green", 5);
    world.start_service({.desired_count = 1, .target_groups = {"blue"}});
    ServiceUpdate change;
    change.load_balancers = std::vector{ServiceLoadBalancer{World::arn_of_group("green"), "app", 8080}};
    world.update(change);
    ASSERT_EQ(world.service().deployments.size(), 2U);
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 2; }));
    EXPECT_EQ(world.state.target_groups.at(World::arn_of_group("blue")).targets.size(), 1U);
    EXPECT_EQ(world.state.target_groups.at(World::arn_of_group("green")).targets.size(), 1U);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_TRUE(world.state.target_groups.at(World::arn_of_group("blue")).targets.empty());
}

TEST(Deployment, a_restarted_plane_goes_on_from_the_same_state) {
    World world;
    world.start_service({.desired_count = 2});
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.tasks_of("web:2", TaskStatus::Pending).size() == 2; }));
    world.scheduler = Scheduler(SchedulerOptions{}); // all memory is in the state
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 2U);
}

} // namespace
} // namespace ecsr::local
