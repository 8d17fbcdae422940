// Runs in a world that does not stand still: alarms, deployments, people and autoscalers, broken new tasks, deletion.
#include "tests/run/world.hpp"

#include <fmt/format.h>

namespace ecsr::testing {
namespace {

using recycle::Outcome;

struct Disturbed : ::testing::Test {
    // Calls `disturb` once, when the run has replaced `tasks` tasks and waits.
    void after(std::size_t tasks, std::function<void(World&)> disturb) {
        world->heard.at_wait = [this, tasks, disturb = std::move(disturb)](const recycle::Run& run,
                                                                           const recycle::Wait&) {
            if (disturbed || run.replaced.size() < tasks) { return; }
            disturbed = true;
            disturb(*world);
        };
    }

    recycle::Run recycle() const {
        const auto record = world->recycle();
        EXPECT_TRUE(record.has_value()) << record.error().message;
        if (!record) { return {}; }
        EXPECT_TRUE(record->run.ending.has_value());
        return record->run;
    }

    void expect(const recycle::Run& run, Outcome outcome, int exit_code) const {
        ASSERT_TRUE(run.ending.has_value());
        EXPECT_EQ(run.ending->outcome, outcome) << run.ending->reason;
        EXPECT_EQ(run::exit_code(run), exit_code);
        EXPECT_TRUE(run.restored);
        world->expect_restored();
        world->expect_unharmed(world->desired_before);
    }

    std::unique_ptr<World> world = std::make_unique<World>();
    bool disturbed = false;
};

TEST_F(Disturbed, ByAnAlarmStopsBeforeTheNextTask) {
    world->ecs.set_alarm("latency", "OK");
    world->spec.alarms = {"latency"};
    after(1, [](World& w) { w.ecs.set_alarm("latency", "ALARM"); });
    const auto run = recycle();
    expect(run, Outcome::Stopped, 3);
    EXPECT_EQ(run.replaced.size(), 1U);
    EXPECT_NE(run.ending->reason.find("latency"), std::string::npos);
}

TEST_F(Disturbed, BySomebodysDeploymentStopsAndLeavesItAlone) {
    after(1, [](World& w) { w.ecs.begin_deployment(); });
    const auto run = recycle();
    ASSERT_EQ(run.ending->outcome, Outcome::Stopped) << run.ending->reason;
    EXPECT_EQ(world->ecs.calls("StopTask"), 0);
    world->ecs.settle(std::chrono::minutes(5));
    EXPECT_EQ(world->ecs.desired(), 3);
    EXPECT_TRUE(world->ecs.protected_tasks().empty());
    EXPECT_GE(world->ecs.lowest_healthy(), 3);
}

TEST_F(Disturbed, ByADeadlineTimesOutRestored) {
    world->spec.timeout = std::chrono::seconds(60);
    const auto run = recycle();
    expect(run, Outcome::TimedOut, 6);
}

TEST_F(Disturbed, ByNewTasksThatNeverGetHealthyFailsRestored) {
    world->ecs.new_tasks_never_healthy(true);
    const auto run = recycle();
    expect(run, Outcome::Failed, 1);
    EXPECT_TRUE(run.replaced.empty());
}

TEST_F(Disturbed, ByItsDeletionEndsAtOnce) {
    after(1, [](World& w) { w.ecs.delete_service(); });
    const auto run = recycle();
    EXPECT_EQ(run.ending->outcome, Outcome::Failed);
    EXPECT_EQ(run::exit_code(run), 1);
    EXPECT_NE(run.ending->reason.find("deleted"), std::string::npos) << run.ending->reason;
}

TEST_F(Disturbed, ByAPersonWhoScalesOutKeepsWhatTheySet) {
    after(1, [](World& w) { w.ecs.set_desired(5); });
    world->desired_before = 5;
    const auto run = recycle();
    EXPECT_EQ(run.ending->outcome, Outcome::Done) << run.ending->reason;
    EXPECT_EQ(run.replaced.size(), 3U);
    world->expect_restored();
    EXPECT_GE(world->ecs.lowest_healthy(), 3);
}

TEST_F(Disturbed, ByProtectionOfOthersSkipsTheirTaskAndKeepsIt) {
    world->ecs.protect(world->old_tasks[1], std::chrono::hours(24));
    world->protected_by_others = {world->old_tasks[1]};
    const auto run = recycle();
    EXPECT_EQ(run.ending->outcome, Outcome::Done) << run.ending->reason;
    EXPECT_EQ(run.replaced.size(), 2U);
    ASSERT_EQ(run.skipped.size(), 1U);
    EXPECT_EQ(run.skipped[0].task_arn, world->old_tasks[1]);
    world->expect_restored();
    world->expect_unharmed(3);
}

TEST_F(Disturbed, ByARollbackExitsWithSeven) {
    world->spec.strategy = Strategy::ForceDeployment;
    int waits = 0;
    world->heard.at_wait = [&](const recycle::Run& run, const recycle::Wait&) {
        if (run.phase == recycle::Phase::AwaitDeployment && ++waits == 2) { world->ecs.roll_back(); }
    };
    const auto run = recycle();
    EXPECT_EQ(run.ending->outcome, Outcome::RolledBack) << run.ending->reason;
    EXPECT_EQ(run::exit_code(run), 7);
}

TEST_F(Disturbed, ByAFailureMayPauseAndBeResumed) {
    world->spec.on_error = OnError::Pause;
    world->ecs.new_tasks_never_healthy(true);
    const auto paused = recycle();
    EXPECT_TRUE(paused.paused);
    EXPECT_EQ(world->ecs.desired(), 4) << "a paused run leaves everything as it is";
    world->ecs.new_tasks_never_healthy(false);
    const auto resumed = run::Runner(world->parts()).abort(paused.id, "enough", false);
    ASSERT_TRUE(resumed.has_value() && resumed->record) << resumed.error().message;
    EXPECT_TRUE(resumed->record->run.restored);
    EXPECT_EQ(world->ecs.desired(), 3);
}

TEST_F(Disturbed, NotAtAllWithManyTasksAndBatches) {
    FakeServiceOptions options;
    options.desired = 110;
    world = std::make_unique<World>(options);
    world->spec.batch = Amount{50, true};
    const auto run = recycle();
    expect(run, Outcome::Done, 0);
    EXPECT_EQ(run.replaced.size(), 110U);
    world->expect_all_replaced(run);
}

TEST_F(Disturbed, ByARefusalOfItsPreflightChangesNothing) {
    world->ecs.begin_deployment();
    const auto run = recycle();
    EXPECT_EQ(run.ending->outcome, Outcome::Stopped);
    EXPECT_EQ(run::exit_code(run), 3);
    EXPECT_TRUE(world->heard.changes.empty());
    const auto again = run::Runner(world->parts()).find_unfinished(world->spec);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->has_value()) << "a refused run leaves nothing to finish";
}

TEST_F(Disturbed, ByALaterRefusalOfPermissionsEndsWithFive) {
    after(1, [](World& w) {
        w.ecs.fail_with([](std::int64_t, const aws::ServiceCall& call) {
            return call.operation == "UpdateService" ? Fault::Denied : Fault::None;
        });
    });
    const auto record = world->recycle();
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(run::exit_code(record->run), 5);
    // Nobody could put back the desired count, if it was raised: the run says so and can be taken up again.
    if (!record->run.restored) {
        world->ecs.fail_with({});
        const auto resumed = run::Runner(world->parts()).resume(record->run.id, false);
        ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
        EXPECT_TRUE(resumed->run.restored);
    }
    world->expect_restored();
}

TEST(UnknownService, IsNotFoundAndLeavesNoRun) {
    World world;
    world.spec.service = "wbe";
    const auto record = world.recycle();
    ASSERT_FALSE(record.has_value());
    EXPECT_EQ(record.error().kind, ErrorKind::NotFound);
    EXPECT_TRUE(world.journal->list(10, "")->empty());
}

TEST(Story, TellsEveryChangeWithItsIntentItsReasonAndItsOutcome) {
    World world;
    const auto record = world.recycle();
    ASSERT_TRUE(record.has_value());
    const auto story = world.journal->entries(record->run.id);
    ASSERT_TRUE(story.has_value());
    std::vector<std::string> intents;
    for (std::size_t i = 0; i < story->size(); ++i) {
        EXPECT_EQ((*story)[i].seq, static_cast<std::int64_t>(i) + 1);
        if ((*story)[i].kind != act::EntryKind::Intent) { continue; }
        intents.push_back((*story)[i].text.substr(0, (*story)[i].text.find(':')));
        ASSERT_LT(i + 1, story->size());
        EXPECT_EQ((*story)[i + 1].kind, act::EntryKind::Outcome);
        EXPECT_EQ((*story)[i + 1].text, intents.back() + ": done");
    }
    EXPECT_EQ(intents, world.heard.changes);
    EXPECT_EQ(story->front().kind, act::EntryKind::Started);
    EXPECT_EQ(story->back().kind, act::EntryKind::Ended);
    EXPECT_EQ(record->calls.total, world.ecs.counts().total);
    EXPECT_EQ(record->calls.by_operation, world.ecs.counts().by_operation);
}

} // namespace
} // namespace ecsr::testing
