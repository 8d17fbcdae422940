// Whatever happens in whatever order: what the scheduler does by itself stays within its limits, and it comes to rest.
#include "local/scheduler/health.hpp"
#include "local/scheduler/percent.hpp"
#include "tests/local/scheduler/world.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Compares each step of the world with the one before.
class Watcher {
public:
    explicit Watcher(World& world) : world_(world) { look(); }

    void look() {
        const std::set<std::string> healthy = healthy_now();
        const Service& service = world_.service();
        const int wanted = wanted_tasks(service);
        bool scaled_in = false;
        bool started = false;
        for (const auto& [id, task] : world_.state.tasks) {
            started = started || !known_.contains(id);
            const bool stopped_now = known_.contains(id) && known_.at(id) == TaskStatus::Running &&
                                     task.desired_status == TaskStatus::Stopped;
            const bool by_scaling = stopped_now && task.stopped_reason.starts_with("Scaling activity");
            scaled_in = scaled_in || (by_scaling && healthy_.contains(id));
            if (by_scaling) { EXPECT_FALSE(is_protected(task, world_.now)) << "a protected task was scaled in"; }
        }
        if (scaled_in) {
            EXPECT_GE(static_cast<int>(healthy.size()), min_healthy_tasks(wanted, service.deployment_configuration));
        }
        if (started) {
            EXPECT_LE(static_cast<int>(world_.live().size()), max_tasks(wanted, service.deployment_configuration));
        }
        known_.clear();
        for (const auto& [id, task] : world_.state.tasks) { known_[id] = task.desired_status; }
        healthy_ = healthy;
    }

private:
    std::set<std::string> healthy_now() {
        std::set<std::string> ids;
        const auto live = world_.live();
        const TargetIndex targets(world_.state, live);
        const HealthRules rules{Millis{40'000}, world_.service().health_check_grace_period, true};
        for (const Task* task : live) {
            if (judge(*task, targets, rules, world_.now).verdict == Verdict::Good) { ids.insert(task->id); }
        }
        return ids;
    }

    World& world_;
    std::map<std::string, TaskStatus> known_; // desired status by id
    std::set<std::string> healthy_;
};

Task* any_task(World& world, Random& chance) {
    const auto live = world.live();
    if (live.empty()) { return nullptr; }
    return live[static_cast<std::size_t>(chance.between(0, static_cast<std::int64_t>(live.size()) - 1))];
}

void exit_or_stop(World& world, Task& task, bool exit) {
    if (exit && task.last_status == TaskStatus::Running) {
        world.report(ContainerExited{task.id, "app", 137, "OutOfMemoryError: Container killed due to memory usage"});
    } else {
        stop_task(world.state, task, "", world.now);
    }
}

void set_percentages(World& world, int minimum, int maximum) {
    ServiceUpdate change;
    change.deployment_configuration = world.service().deployment_configuration;
    change.deployment_configuration->minimum_healthy_percent = minimum;
    change.deployment_configuration->maximum_percent = maximum;
    world.update(change);
}

void something_happens(World& world, Random& chance) {
    Task* task = any_task(world, chance);
    switch (chance.between(0, 8)) {
    case 0: return world.scale(static_cast<int>(chance.between(0, 8)));
    case 1: return world.force_deployment();
    case 2: return world.deploy(chance.unit() < 0.5 ? "web:1" : "web:2");
    case 3: {
        const int minimum = static_cast<int>(chance.between(0, 100));
        return set_percentages(world, minimum, static_cast<int>(chance.between(120, 250)));
    }
    case 4: world.behaviours["app"].starts_after = Millis{chance.between(0, 20'000)}; return;
    case 5:
        if (task != nullptr) { exit_or_stop(world, *task, chance.unit() < 0.5); }
        return;
    case 6:
        if (task != nullptr) { protect_task(world.state, *task, true, Seconds{chance.between(10, 600)}, world.now); }
        return;
    default:
        Target* target = task == nullptr ? nullptr : world.target_of(*task, "blue");
        if (target != nullptr && target->state != TargetState::Draining) {
            world.report_target(*target, "blue", chance.unit() < 0.6 ? TargetState::Unhealthy : TargetState::Healthy,
                                "x");
        }
    }
}

std::string describe(World& world) {
    const Service& service = world.service();
    const DeploymentConfiguration& configuration = service.deployment_configuration;
    std::string text = "desired " + std::to_string(service.desired_count) + ", " +
                       std::to_string(configuration.minimum_healthy_percent) + " to " +
                       std::to_string(configuration.maximum_percent) + " percent\n";
    for (const Deployment& deployment : service.deployments) {
        text += deployment.id + " " + to_string(deployment.status) + " " + to_string(deployment.rollout_state) + "\n";
    }
    for (const auto& [id, task] : world.state.tasks) {
        if (task.last_status == TaskStatus::Stopped) { continue; }
        const Target* target = world.target_of(task, "blue");
        text += task.started_by + " " + to_string(task.last_status) + " " +
                (target == nullptr ? "unregistered" : to_string(target->state)) + "\n";
    }
    return text + world.messages().back();
}

class Chaos : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Chaos, stays_within_the_limits_and_ends_at_rest) {
    World world({}, GetParam());
    Random chance(GetParam() * 1000);
    world.target_group("blue", static_cast<int>(chance.between(0, 40)));
    world.define("web");
    world.define("web");
    world.start_service(
        {.desired_count = 4, .target_groups = {"blue"}, .breaker = chance.unit() < 0.5, .rollback = true});
    Watcher watcher(world);
    world.after_each_step = [&] { watcher.look(); };
    for (int i = 0; i < 60; ++i) {
        something_happens(world, chance);
        world.run_for(Millis{chance.between(0, 30'000)});
        ASSERT_FALSE(HasFailure()) << "after " << i << " happenings";
    }
    if (world.service().deployments.front().rollout_state == RolloutState::Failed) { world.force_deployment(); }
    set_percentages(world, 100, 200); // others may leave no headroom
    world.behaviours["app"].starts_after = Millis{1000};
    for (Task* task : world.live()) {
        Target* target = world.target_of(*task, "blue");
        if (target != nullptr) { world.report_target(*target, "blue", TargetState::Healthy); }
    }
    ASSERT_TRUE(world.run_until_steady(hours{1})) << "it never came to rest:\n" << describe(world);
    world.run_for(minutes{2});
    const auto live = world.live();
    EXPECT_EQ(static_cast<int>(live.size()), world.service().desired_count);
    EXPECT_EQ(world.state.target_groups.begin()->second.targets.size(), live.size());
    for (const Task* task : live) { EXPECT_EQ(task->started_by, world.service().deployments.front().id); }
}

INSTANTIATE_TEST_SUITE_P(seeds, Chaos, ::testing::Range<std::uint64_t>(1, 41));

} // namespace
} // namespace ecsr::local
