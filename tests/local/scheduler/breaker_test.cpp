// The circuit breaker (ECS behaviour B6) and throttled restarts (B8).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A steady service "web:1" with a breaker, and a revision 2 that behaves badly from now on.
void deploy_bad_revision(World& world, ServicePlan plan, const Behaviour& bad) {
    plan.breaker = true;
    world.start_service(plan);
    TaskDefinition& definition = world.define("web");
    definition.containers[0].image = "bad";
    world.behaviours["bad"] = bad;
    world.deploy("web:2");
}

Behaviour unpullable() {
    Behaviour behaviour;
    behaviour.cannot_be_pulled = true;
    return behaviour;
}

Behaviour crashing(Millis after) {
    Behaviour behaviour;
    behaviour.exits_after = after;
    return behaviour;
}

TEST(CircuitBreaker, rolls_back_to_the_last_completed_deployment_under_its_old_id) {
    World world;
    deploy_bad_revision(world, {.desired_count = 2, .rollback = true}, crashing(Millis{1000}));
    const std::string bad = world.service().deployments[0].id;
    const std::string good = world.service().deployments[1].id;
    const auto before = static_cast<std::ptrdiff_t>(world.messages().size());
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().id == good; }));

    const auto& deployments = world.service().deployments;
    EXPECT_EQ(deployments[0].status, DeploymentStatus::Primary);
    EXPECT_EQ(deployments[0].rollout_state, RolloutState::InProgress);
    EXPECT_EQ(deployments[0].rollout_state_reason,
              "ECS deployment circuit breaker: rolling back to deploymentId " + good + ".");
    ASSERT_EQ(deployments.size(), 2U);
    EXPECT_EQ(deployments[1].id, bad);
    EXPECT_EQ(deployments[1].status, DeploymentStatus::Active);
    EXPECT_EQ(deployments[1].rollout_state, RolloutState::Failed);
    EXPECT_EQ(deployments[1].rollout_state_reason, "ECS deployment circuit breaker: tasks failed to start.");
    EXPECT_GE(deployments[1].failed_tasks, 3);
    EXPECT_EQ(*world.told_at("rolling back to deployment " + good + "."),
              *world.told_at("(deployment " + bad + ") deployment failed: tasks failed to start.") + Millis{1});

    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
    EXPECT_EQ(world.live().size(), 2U);
    ASSERT_EQ(world.service().deployments.size(), 1U);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Completed);
    auto texts = world.messages();
    texts.erase(texts.begin(), texts.begin() + before);
    std::erase_if(texts, [](const std::string& text) { return text.find("has started") != std::string::npos; });
    EXPECT_THAT(texts, ::testing::AllOf(Contains("(service web) (deployment " + good + ") deployment completed."),
                                        Contains("(service web) has reached a steady state.")));
}

TEST(CircuitBreaker, stops_what_the_failed_deployment_has_left) {
    World world;
    Behaviour slow = crashing(Millis{1000});
    deploy_bad_revision(world, {.desired_count = 2, .rollback = true}, slow);
    const std::string good = world.service().deployments[1].id;
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().id == good; }));
    world.run_for(seconds{2});
    EXPECT_EQ(world.live().size(), 2U);
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(CircuitBreaker, without_rollback_leaves_the_deployment_failed_and_starts_nothing_more) {
    World world;
    deploy_bad_revision(world, {.desired_count = 1}, crashing(Millis{1000}));
    const std::string bad = world.service().deployments[0].id;
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: tasks failed to start.") == 1; }));
    const auto launched = world.effects.size();
    world.run_for(minutes{30});
    EXPECT_EQ(world.effects.size(), launched);
    EXPECT_EQ(world.service().deployments.front().id, bad);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Failed);
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U) << "the old revision keeps serving";
    EXPECT_EQ(world.told("rolling back"), 0);
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 3);
}

TEST(CircuitBreaker, a_service_that_stalls_behind_a_failed_deployment_is_kept_and_scaled_in_its_old_revision) {
    World world;
    deploy_bad_revision(world, {.desired_count = 2}, crashing(Millis{1000}));
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: tasks failed to start.") == 1; }));
    world.report(ContainerExited{world.tasks_of("web:1").front()->id, "app", 1, ""});
    world.run_for(seconds{10});
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
    world.scale(4);
    world.run_for(minutes{2});
    EXPECT_EQ(world.tasks_of("web:1").size(), 4U);
    world.scale(1);
    world.run_for(seconds{10});
    EXPECT_EQ(world.live().size(), 1U);
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U);
}

TEST(CircuitBreaker, an_unhealthy_old_task_behind_a_failed_deployment_is_replaced_in_its_own_revision) {
    World world;
    world.define("web").containers[0].health_check = HealthCheck{};
    world.behaviours["app"].health = {{Millis{5000}, Health::Healthy}};
    deploy_bad_revision(world, {.desired_count = 2}, crashing(Millis{1000}));
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: tasks failed to start.") == 1; }));
    const std::string sick = world.tasks_of("web:1").front()->id;
    world.report_health(world.task(sick), Health::Unhealthy);
    world.run_for(minutes{1});
    EXPECT_EQ(world.task(sick).stopped_reason, "Task failed container health checks");
    EXPECT_EQ(world.tasks_of("web:1").size(), 2U);
}

TEST(CircuitBreaker, of_the_first_deployment_has_nothing_to_go_back_to) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 1, .breaker = true, .rollback = true});
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: tasks failed to start.") == 1; }));
    world.run_for(minutes{10});
    EXPECT_EQ(world.service().deployments.size(), 1U);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Failed);
    EXPECT_EQ(world.told("rolling back"), 0);
    EXPECT_EQ(world.live().size(), 0U);
}

TEST(CircuitBreaker, a_new_deployment_after_a_failed_one_starts_afresh) {
    World world;
    deploy_bad_revision(world, {.desired_count = 1}, crashing(Millis{1000}));
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed: tasks failed to start.") == 1; }));
    world.define("web");
    world.deploy("web:3");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:3").size(), 1U);
    EXPECT_EQ(world.service().deployments.size(), 1U);
}

TEST(CircuitBreaker, counts_tasks_that_fail_their_target_health_checks) {
    World world;
    world.target_group("blue", 5);
    world.start_service({.desired_count = 1, .target_groups = {"blue"}, .breaker = true, .rollback = true});
    world.behaviours["app"].target = {{Millis{60'000}, TargetState::Unhealthy}};
    world.define("web");
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until([&] { return world.told("rolling back to deployment") == 1; }));
    EXPECT_EQ(world.tasks_of("web:2", TaskStatus::Stopped).size() +
                  world.tasks_of("web:2", TaskStatus::Deactivating).size(),
              3U);
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U);
}

TEST(CircuitBreaker, a_healthy_task_sets_the_count_back_to_0) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 1, .breaker = true});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().failed_tasks == 2; }));
    world.behaviours["app"] = Behaviour{};
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 0);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Completed);
}

TEST(CircuitBreaker, does_not_watch_a_deployment_that_has_completed) {
    World world;
    world.start_service({.desired_count = 1, .breaker = true, .rollback = true});
    world.behaviours["app"] = crashing(Millis{1000});
    stop_task(world.state, *world.live().front(), "", world.now);
    world.run_for(minutes{3});
    EXPECT_GT(world.service().deployments.front().failed_tasks, 3);
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::Completed);
}

TEST(CircuitBreaker, follows_the_latest_desired_count) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 20, .breaker = true});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 20; }));
    world.scale(1);
    ASSERT_TRUE(world.run_until([&] { return world.told("deployment failed") == 1; }));
    EXPECT_LT(world.service().deployments.front().failed_tasks, 10);
}

TEST(CircuitBreaker, off_means_that_a_broken_rollout_never_ends) {
    World world;
    world.start_service({.desired_count = 1});
    world.define("web").containers[0].image = "bad";
    world.behaviours["bad"] = crashing(Millis{1000});
    world.deploy("web:2");
    world.run_for(minutes{30});
    EXPECT_EQ(world.service().deployments.front().rollout_state, RolloutState::InProgress);
    EXPECT_GT(world.service().deployments.front().failed_tasks, 20);
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U);
}

std::vector<seconds> gaps_between_launches(World& world, std::size_t count) {
    world.run_until([&] { return world.effects.size() > count; }, std::chrono::hours{6});
    std::vector<seconds> gaps;
    for (std::size_t i = 1; i < world.effects.size(); ++i) {
        gaps.push_back(std::chrono::round<seconds>(world.effects[i].at - world.effects[i - 1].at));
    }
    return gaps;
}

TEST(ThrottledRestarts, grow_to_27_minutes_when_tasks_never_run) {
    World world;
    world.behaviours["app"] = unpullable();
    world.create({.desired_count = 1});
    const auto gaps = gaps_between_launches(world, 8); // a second to fail is part of each
    EXPECT_THAT(gaps, ElementsAre(seconds{31}, seconds{31}, seconds{301}, seconds{301}, seconds{601}, seconds{901},
                                  seconds{1621}, seconds{1621}));
    EXPECT_THAT(world.messages(), Contains("(service web) is unable to consistently start tasks successfully."));
}

TEST(ThrottledRestarts, are_told_with_the_third_failure_in_a_row) {
    World world;
    world.behaviours["app"] = unpullable();
    world.create({.desired_count = 1});
    ASSERT_TRUE(
        world.run_until([&] { return world.told("is unable to consistently start tasks successfully.") == 1; }));
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 3);
    world.run_for(std::chrono::hours{4});
    EXPECT_EQ(world.told("is unable to consistently"), 1);
}

TEST(ThrottledRestarts, tasks_that_fail_together_are_one_round) {
    World world;
    world.behaviours["app"] = unpullable();
    world.create({.desired_count = 5});
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Stopped) == 5; }));
    EXPECT_EQ(world.service().deployments.front().start_failures, 1);
    EXPECT_EQ(world.service().deployments.front().failed_tasks, 5);
    const Instant failed = world.now;
    ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Provisioning) == 5; }));
    EXPECT_LE(world.now - failed, seconds{30});
}

TEST(ThrottledRestarts, end_when_a_task_runs) {
    World world;
    world.behaviours["app"] = unpullable();
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().start_failures == 3; }));
    world.behaviours["app"] = Behaviour{};
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.service().deployments.front().start_failures, 0);
}

TEST(ThrottledRestarts, end_at_once_with_a_new_task_definition) {
    World world;
    world.behaviours["app"] = unpullable();
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().start_failures == 4; }));
    world.behaviours["app"] = Behaviour{};
    world.define("web");
    world.deploy("web:2");
    EXPECT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 1; }, seconds{3}));
}

TEST(ThrottledRestarts, and_the_breaker_end_a_deployment_that_cannot_be_pulled) {
    World world;
    deploy_bad_revision(world, {.desired_count = 1, .rollback = true}, unpullable());
    const Instant started = world.now;
    ASSERT_TRUE(world.run_until([&] { return world.told("rolling back to deployment") == 1; }));
    EXPECT_GT(world.now - started, seconds{60});
    EXPECT_LT(world.now - started, seconds{75});
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:1").size(), 1U);
}

// Launches of tasks that run for a second each, a decision and a launch apart when nothing slows them down.
TEST(CrashLoops, slow_down_to_a_restart_in_50_seconds) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 1});
    const auto gaps = gaps_between_launches(world, 6);
    EXPECT_LE(gaps[0], seconds{3});
    EXPECT_THAT(std::vector<seconds>(gaps.begin() + 1, gaps.begin() + 6),
                ElementsAre(seconds{12}, seconds{22}, seconds{42}, seconds{52}, seconds{52}));
    EXPECT_EQ(world.told("is unable to consistently start tasks successfully."), 0) << "they do start";
}

TEST(CrashLoops, include_tasks_that_end_in_the_moment_of_their_start) {
    World world;
    world.behaviours["app"] = crashing(Millis{0});
    world.create({.desired_count = 1});
    const auto gaps = gaps_between_launches(world, 3);
    EXPECT_LE(gaps[0], seconds{2});
    EXPECT_THAT(std::vector<seconds>(gaps.begin() + 1, gaps.begin() + 3), ElementsAre(seconds{11}, seconds{21}));
    EXPECT_EQ(world.service().deployments.front().start_failures, 0);
}

TEST(CrashLoops, are_forgotten_once_a_task_is_healthy) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().crash_rounds == 4; }));
    world.behaviours["app"] = Behaviour{};
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.service().deployments.front().crash_rounds, 0);
    world.report(ContainerExited{world.live().front()->id, "app", 137, ""});
    EXPECT_TRUE(world.run_until([&] { return world.count(TaskStatus::Running) == 1; }, seconds{3}))
        << "a healthy task that dies is replaced at once";
}

TEST(CrashLoops, of_one_revision_do_not_slow_down_another) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    world.create({.desired_count = 1});
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().crash_rounds == 5; }));
    world.behaviours["app"] = Behaviour{};
    world.define("web");
    world.deploy("web:2");
    EXPECT_TRUE(world.run_until([&] { return world.tasks_of("web:2").size() == 1; }, seconds{3}));
}

TEST(CircuitBreaker, can_open_at_a_fixed_count_that_no_healthy_task_sets_back) {
    World world;
    world.behaviours["app"] = crashing(Millis{1000});
    Service& service = world.create({.desired_count = 1, .breaker = true});
    service.deployment_configuration.breaker_threshold_type = "COUNT";
    service.deployment_configuration.breaker_threshold_value = 5;
    service.deployment_configuration.breaker_reset_on_healthy_task = false;
    const auto count = [&] { return world.service().service_deployments.front().failure_count; };
    ASSERT_TRUE(world.run_until([&] { return count() == 4; }));
    EXPECT_EQ(world.told("deployment failed"), 0);
    world.behaviours["app"] = crashing(minutes{2});
    world.behaviours["app"].exits_after = minutes{2};
    world.scale(2); // one of the two becomes healthy while the other one is too young to complete the deployment
    ASSERT_TRUE(world.run_until([&] { return world.service().deployments.front().failed_tasks == 0; }));
    EXPECT_EQ(count(), 4);
}

} // namespace
} // namespace ecsr::local
