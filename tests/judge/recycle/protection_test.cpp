// Protection that others set or remove while a run relies on its own.
#include "tests/judge/recycle/world.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace ecsr::recycle {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> new_tasks(const World& world) {
    std::vector<std::string> arns;
    for (const auto& [arn, task] : world.truth.tasks) {
        if (is_live(task) && std::ranges::find(world.original, arn) == world.original.end()) { arns.push_back(arn); }
    }
    return arns;
}

TEST(Protection, that_somebody_removed_is_set_again_before_tasks_are_scaled_in) {
    World world({}); // scale-in takes the newest that it may take
    bool removed = false;
    DriveHooks hooks;
    hooks.between_steps = [&](recycle::Run run) {
        if (!removed && run.phase == Phase::AwaitFresh && run.batch_number == 2) {
            removed = true;
            for (auto& [arn, protection] : world.truth.protection) { protection = {}; }
        }
        return run;
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    ASSERT_TRUE(removed);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done);
    EXPECT_EQ(ended.run.replaced.size(), 3U);
    EXPECT_THAT(ended.notes, Not(Contains(HasSubstr("instead of the chosen one"))));
    EXPECT_EQ(world.protected_count(), 0);
}

TEST(Protection, that_somebody_set_on_a_new_task_stays_when_the_run_ends_early) {
    World world({});
    std::string theirs;
    DriveHooks hooks;
    hooks.between_steps = [&](recycle::Run run) {
        if (run.phase != Phase::ReleaseVictims || !theirs.empty()) { return run; }
        theirs = new_tasks(world).front();
        world.truth.protection[theirs] = {true, world.now + 47h};
        return abort(std::move(run), "asked to stop");
    };
    hooks.before_action = [&](World& w, const Action& action, int) {
        // The victims of the first batch were never protected: the phase passes without a look.
        const auto* perform = std::get_if<Perform>(&action);
        const bool protects = perform != nullptr && std::holds_alternative<ProtectTasks>(perform->change);
        if (protects && theirs.empty()) { w.advance(w.now + 10ms); }
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    ASSERT_FALSE(theirs.empty());
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Stopped);
    EXPECT_TRUE(ended.run.restored);
    EXPECT_TRUE(world.truth.protection[theirs].enabled);
    EXPECT_EQ(world.protected_count(), 1);
    EXPECT_EQ(world.truth.service.desired_count, 3);
}

// All is ready to take one task, and ECS has started one more than was asked for, which is not healthy yet.
class Surplus : public testing::Test {
protected:
    Surplus() {
        run = begin("run-1", spec_for_tests(), world.now);
        world.truth.service.desired_count = 5;
        world.advance(world.now + 30s);
        run.drain = Drain::ScaleIn;
        run.cutoff = world.now - 1min;
        run.deadline = world.now + 1h;
        run.deployment_id = "ecs-svc/1";
        run.desired_theirs = run.desired_before = 4;
        run.desired_ours = 5;
        run.surge = run.batch_size = run.batch_number = 1;
        run.batch = {world.original[0]};
        run.phase = Phase::Lower;
        run.phase_since = world.now;
        run.fresh = new_tasks(world);
        for (const auto& arn : run.fresh) { run.healthy_since[arn] = world.now - 10s; }
    }

    Action next() {
        for (const auto& [arn, task] : world.truth.tasks) {
            if (arn == run.batch.front()) { continue; }
            run.protected_by_us[arn] = world.now + 1h;
            world.truth.protection[arn] = {true, world.now + 1h};
        }
        Snapshot snapshot;
        Look all = first_look(run.spec);
        all.list_tasks = all.protection = all.targets = true;
        world.fulfil(all, snapshot);
        return step(run, snapshot, world.now).action;
    }

    // The run is over, with two tasks on top that are not healthy yet, and one of its new ones healthy.
    Action back_out(int desired_theirs) {
        world.add_task(world.now);
        world.add_task(world.now);
        run.ending = Ending{Outcome::Failed, "over", {}};
        run.phase = Phase::BackOut;
        run.batch.clear();
        run.surge = 2;
        run.desired_theirs = desired_theirs;
        run.desired_ours = desired_theirs + 2;
        world.truth.service.desired_count = run.desired_ours;
        for (const auto& arn : world.original) {
            run.protected_by_us[arn] = world.now + 1h;
            world.truth.protection[arn] = {true, world.now + 1h};
        }
        Snapshot snapshot;
        world.fulfil({.service = true, .list_tasks = true, .protection = true}, snapshot);
        Action action = step(run, snapshot, world.now).action;
        if (const auto* wait = std::get_if<Wait>(&action)) { // where health makes a difference
            asked_for_health = true;
            EXPECT_TRUE(wait->look.targets);
            world.fulfil(wait->look, snapshot);
            action = step(run, snapshot, world.now).action;
        }
        return action;
    }

    bool asked_for_health = false;
    World world{{.desired = 4}};
    recycle::Run run;
};

TEST_F(Surplus, none_and_the_task_is_scaled_in) {
    const Action action = next();
    ASSERT_TRUE(std::holds_alternative<Perform>(action));
    EXPECT_EQ(std::get<SetDesiredCount>(std::get<Perform>(action).change).to, 4);
}

TEST_F(Surplus, that_does_not_serve_yet_goes_when_a_run_ends_and_new_tasks_that_serve_stay) {
    const Action action = back_out(5);
    ASSERT_TRUE(std::holds_alternative<Perform>(action));
    const auto* protect = std::get_if<ProtectTasks>(&std::get<Perform>(action).change);
    ASSERT_NE(protect, nullptr);
    EXPECT_TRUE(protect->enabled);
    EXPECT_EQ(protect->task_arns, run.fresh);
    EXPECT_TRUE(asked_for_health);
}

TEST_F(Surplus, takes_new_tasks_that_serve_too_where_there_are_not_enough_others) {
    const Action action = back_out(4);
    ASSERT_TRUE(std::holds_alternative<Perform>(action));
    EXPECT_TRUE(std::holds_alternative<SetDesiredCount>(std::get<Perform>(action).change));
    EXPECT_FALSE(asked_for_health);
}

TEST_F(Surplus, is_waited_for_as_long_as_ECS_could_take_it_besides) {
    world.add_task(world.now);
    EXPECT_TRUE(std::holds_alternative<Wait>(next()));
}

TEST_F(Surplus, that_is_healthy_may_go_as_well) {
    world.truth.service.desired_count = 6;
    world.advance(world.now + 30s);
    world.truth.service.desired_count = 5;
    for (const auto& arn : new_tasks(world)) { run.healthy_since[arn] = world.now - 10s; }
    run.fresh = new_tasks(world);
    EXPECT_TRUE(std::holds_alternative<Perform>(next()));
}

} // namespace
} // namespace ecsr::recycle
