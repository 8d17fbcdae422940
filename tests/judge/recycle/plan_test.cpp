#include "tests/judge/recycle/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Plan plan_of(World& world, const RunSpec& spec) {
    Snapshot snapshot;
    world.fulfil(first_look(spec), snapshot);
    return plan(spec, snapshot, world.now);
}

std::vector<std::string> refusal_codes(const Plan& plan) {
    std::vector<std::string> codes;
    for (const Refusal& refusal : plan.refusals) { codes.push_back(refusal.code); }
    return codes;
}

struct Situation {
    const char* name;
    std::function<void(World&, RunSpec&)> make;
    const char* refusal;
};

class PlanRefuses : public testing::TestWithParam<Situation> {};

TEST_P(PlanRefuses, with_a_reason_and_what_to_do_instead) {
    World world({});
    RunSpec spec = spec_for_tests();
    GetParam().make(world, spec);
    const Plan plan = plan_of(world, spec);
    ASSERT_THAT(refusal_codes(plan), Contains(GetParam().refusal));
    EXPECT_FALSE(plan.refusals.front().message.empty());
    EXPECT_FALSE(plan.refusals.front().instead.empty());
    const Ended ended = drive(world, spec);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped);
    EXPECT_EQ(ended.run.ending->cause, ErrorKind::Refused);
    EXPECT_THAT(world.log, IsEmpty()) << "a refused run changes nothing";
}

INSTANTIATE_TEST_SUITE_P(
    Situations, PlanRefuses,
    testing::Values(
        Situation{"daemon", [](World& w, RunSpec&) { w.truth.service.scheduling_strategy = "DAEMON"; }, "daemon"},
        Situation{"external", [](World& w, RunSpec&) { w.truth.service.deployment_controller = "EXTERNAL"; },
                  "external"},
        Situation{"code_deploy", [](World& w, RunSpec&) { w.truth.service.deployment_controller = "CODE_DEPLOY"; },
                  "code-deploy"},
        Situation{"draining", [](World& w, RunSpec&) { w.truth.service.status = "DRAINING"; }, "not-active"},
        Situation{"missing", [](World& w, RunSpec&) { w.truth.service_missing = true; }, "not-active"},
        Situation{"desired_zero", [](World& w, RunSpec&) { w.truth.service.desired_count = 0; }, "desired-zero"},
        Situation{"deployment", [](World& w, RunSpec&) { w.start_deployment(); }, "deployment-in-flight"},
        Situation{"alarm",
                  [](World& w, RunSpec& s) {
                      w.truth.alarms = {{"errors", "ALARM"}};
                      s.alarms = {"errors"};
                  },
                  "alarm"},
        Situation{"unhealthy", [](World& w, RunSpec&) { w.truth.service.desired_count = 4; }, "not-healthy"},
        Situation{"no_tasks_at_all", [](World& w, RunSpec&) { w.truth.tasks.clear(); }, "not-healthy"},
        Situation{"surplus", [](World& w, RunSpec&) { w.add_task(w.now); }, "surplus"},
        Situation{"batch_zero", [](World&, RunSpec& s) { s.batch = {0, false}; }, "bad-batch"},
        Situation{"no_surge", [](World&, RunSpec& s) { s.surge = Amount{0, false}; }, "no-headroom"},
        Situation{"unknown_task", [](World&, RunSpec& s) { s.tasks = {"nope"}; }, "unknown-task"},
        Situation{"no_room_for_a_deployment",
                  [](World& w, RunSpec& s) {
                      s.strategy = Strategy::ForceDeployment;
                      w.truth.service.maximum_percent = 100;
                  },
                  "no-headroom"}),
    [](const auto& param) { return param.param.name; });

TEST(Plan, orders_and_batches) {
    World world({.desired = 5});
    RunSpec spec = spec_for_tests();
    spec.batch = {2, false};
    spec.order = Order::Newest;
    const Plan plan = plan_of(world, spec);
    ASSERT_EQ(plan.tasks.size(), 5U);
    EXPECT_EQ(plan.tasks[0].task_arn, world.original[4]);
    EXPECT_EQ(plan.tasks[4].batch, 3);
    EXPECT_THAT(plan.permissions, Contains("ecs:UpdateTaskProtection"));
    EXPECT_THAT(plan.permissions, Contains("elasticloadbalancing:DescribeTargetHealth"));
}

TEST(Plan, a_batch_and_what_is_added_for_it_are_no_larger_than_what_there_is_to_replace) {
    for (const Drain drain : {Drain::StopTask, Drain::ScaleIn}) {
        World world({.desired = 3});
        RunSpec spec = spec_for_tests();
        spec.drain = drain;
        spec.batch = {50, false};
        const Plan all = plan_of(world, spec);
        EXPECT_EQ(all.batch, 3);
        EXPECT_EQ(all.surge, 3);
        EXPECT_THAT(all.refusals, IsEmpty());
        spec.tasks = {world.original[1]};
        const Plan one = plan_of(world, spec);
        EXPECT_EQ(one.batch, 1);
        EXPECT_EQ(one.surge, 1);
        spec.surge = Amount{2, false};
        EXPECT_EQ(plan_of(world, spec).surge, 2) << "what the user asks for is added";
        const Ended ended = drive(world, spec);
        EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    }
}

TEST(Plan, a_large_batch_raises_the_desired_count_by_the_tasks_there_are) {
    World world({.desired = 3});
    RunSpec spec = spec_for_tests();
    spec.drain = Drain::StopTask;
    spec.batch = {50, false};
    EXPECT_EQ(drive(world, spec).run.ending->outcome, Outcome::Done);
    EXPECT_THAT(world.log, Contains(HasSubstr("6")));
    EXPECT_THAT(world.log, testing::Not(Contains(HasSubstr("53"))));
}

TEST(Plan, by_zone_takes_from_the_fullest_zone) {
    World world({.desired = 4});
    for (std::size_t i = 0; i < 4; ++i) { world.task(world.original[i]).availability_zone = i == 3 ? "b" : "a"; }
    RunSpec spec = spec_for_tests();
    spec.order = Order::Az;
    const Plan plan = plan_of(world, spec);
    EXPECT_EQ(plan.tasks[0].availability_zone, "a");
    EXPECT_EQ(plan.tasks[1].availability_zone, "a");
}

TEST(Plan, a_random_order_replays_from_its_seed) {
    World world({.desired = 8});
    RunSpec spec = spec_for_tests();
    spec.order = Order::Random;
    const auto order = [&](std::uint64_t seed) {
        spec.seed = seed;
        std::vector<std::string> arns;
        for (const PlannedTask& task : plan_of(world, spec).tasks) { arns.push_back(task.task_arn); }
        return arns;
    };
    EXPECT_EQ(order(1), order(1));
    EXPECT_NE(order(1), order(2));
}

TEST(Plan, selects_by_age_and_by_name) {
    World world({});
    RunSpec spec = spec_for_tests();
    spec.older_than = 59min;
    EXPECT_EQ(plan_of(world, spec).tasks.size(), 2U);
    spec.older_than.reset();
    spec.tasks = {world.original[1]};
    ASSERT_EQ(plan_of(world, spec).tasks.size(), 1U);
    EXPECT_EQ(plan_of(world, spec).tasks[0].reason, "named");
}

TEST(Plan, nothing_old_enough_is_done_without_a_change) {
    World world({});
    RunSpec spec = spec_for_tests();
    spec.older_than = 24h;
    const Ended ended = drive(world, spec);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("no task"));
    EXPECT_THAT(world.log, IsEmpty());
}

} // namespace
} // namespace ecsr::recycle
