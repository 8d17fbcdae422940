// What a process that died leaves to the next one, and tasks that die in between.
#include "tests/judge/recycle/world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::recycle {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// ECS behaviour A4, B13.
TEST(Recycle, a_task_that_dies_just_before_it_is_protected_needs_no_protection) {
    World world({});
    std::string dead;
    DriveHooks hooks;
    hooks.fail_change = [&](const Change& change, int) -> std::optional<Error> {
        const auto* protect = std::get_if<ProtectTasks>(&change);
        if (protect == nullptr || !protect->enabled || !dead.empty()) { return std::nullopt; }
        dead = protect->task_arns.front();
        world.stop(dead, "EssentialContainerExited");
        return Error{ErrorKind::NotFound, "TASK_NOT_VALID", "TASK_NOT_VALID", 200, true};
    };
    const Ended ended = drive(world, spec_for_tests(), hooks);
    EXPECT_FALSE(dead.empty());
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Done) << ended.run.ending->reason;
    EXPECT_EQ(world.protected_count(), 0);
    EXPECT_EQ(world.truth.service.desired_count, 3);
}

TEST(Recycle, resumed_it_has_the_time_that_was_left) {
    World world({.fresh_tasks_crash = true});
    RunSpec spec = spec_for_tests();
    spec.on_error = OnError::Pause;
    const Ended ended = drive(world, spec);
    EXPECT_EQ(resume(ended.run, world.now + Seconds(60)).run.deadline, ended.run.deadline);
    const recycle::Run longer = prolong(ended.run, Seconds(90), world.now);
    EXPECT_EQ(longer.deadline, world.now + Seconds(90));
    EXPECT_EQ(resume(longer, world.now).run.deadline, longer.deadline);
}

// A process died over a call that protects a task; what is found may be its work or somebody else's.
struct FoundProtected : ::testing::Test {
    FoundProtected() {
        run = begin("r", spec_for_tests(), world.now);
        run.phase = Phase::ProtectOthers;
        run.cutoff = world.now;
        run.desired_theirs = run.desired_ours = 3;
        run.pending = ProtectTasks{{world.original.front()}, true, std::chrono::minutes(200)};
        run.pending_at = world.now;
    }

    recycle::Run resumed(Instant now, Instant expiry) {
        world.now = now;
        world.truth.protection[world.original.front()] = {true, expiry};
        Decision decision = resume(run, now);
        Snapshot snapshot;
        world.now += Seconds(1);
        world.fulfil(std::get<Wait>(decision.action).look, snapshot);
        decision = step(std::move(decision.run), snapshot, world.now);
        for (const Note& note : decision.notes) { notes.push_back(note.text); }
        return std::move(decision.run);
    }

    World world{{}};
    recycle::Run run;
    std::vector<std::string> notes;
};

TEST_F(FoundProtected, by_the_process_that_died_is_ours) {
    const Instant asked = world.now;
    const recycle::Run after = resumed(asked + Seconds(100), asked + Seconds(2) + std::chrono::minutes(200));
    EXPECT_TRUE(after.protected_by_us.contains(world.original.front()));
}

TEST_F(FoundProtected, by_somebody_since_is_theirs_and_stays) {
    const Instant asked = world.now;
    const recycle::Run after = resumed(asked + Seconds(100), asked + Seconds(90) + std::chrono::minutes(2880));
    EXPECT_FALSE(after.protected_by_us.contains(world.original.front()));
    EXPECT_THAT(notes, Contains(HasSubstr("this run does not know by whom: it stays so")));
}

TEST_F(FoundProtected, is_ours_however_often_processes_die) {
    const Instant asked = world.now;
    run = resume(run, asked + std::chrono::minutes(30)).run;
    const recycle::Run after = resumed(asked + std::chrono::minutes(60), asked + std::chrono::minutes(200));
    EXPECT_TRUE(after.protected_by_us.contains(world.original.front()));
}

// ---- patience over many steps ----

// Each step of a state machine is a process of its own, and too short to lose patience by itself.
TEST(Recycle, in_steps_it_gives_up_on_new_tasks_that_keep_dying) {
    World world({.fresh_tasks_crash = true});
    DriveHooks in_steps;
    in_steps.leaves_longer_waits = Millis(100);
    const Ended ended = drive(world, spec_for_tests(), in_steps);
    EXPECT_EQ(ended.run.ending->outcome, Outcome::Failed);
    EXPECT_THAT(ended.run.ending->reason, HasSubstr("3 new tasks in a row ended before they were healthy"));
    EXPECT_LT(*ended.run.ended_at - ended.run.started_at, std::chrono::minutes(10));
    EXPECT_TRUE(ended.run.restored);
    EXPECT_EQ(world.truth.service.desired_count, 3);
}

struct Impatient : ::testing::Test {
    Impatient() {
        run = begin("r", spec_for_tests(), now);
        run.phase = Phase::AwaitFresh;
        run.restored = false;
        run.failed_starts = 2;
        run.next_step_at = now + Seconds(10);
        run.trouble = {6, now - std::chrono::minutes(4), now + Seconds(10), "HTTP 503", true};
    }

    const Instant now{Millis(1'700'000'000'000)};
    recycle::Run run;
};

TEST_F(Impatient, AStepInTimeGoesOnCounting) {
    const Instant next = now + Seconds(40);
    recycle::Run resumed = resume(run, next).run;
    EXPECT_EQ(resumed.failed_starts, 2);
    EXPECT_EQ(resumed.phase_since, run.phase_since);
    EXPECT_EQ(resumed.trouble.count, 6);
    const Error error{ErrorKind::Remote, "HTTP 503", "503", 503, false};
    EXPECT_FALSE(trouble(resumed, error, next).ending.has_value());
    EXPECT_TRUE(trouble(resumed, error, now + std::chrono::minutes(2)).ending.has_value());
}

TEST_F(Impatient, ARunThatWasLeftAloneCountsAnew) {
    const Instant late = now + std::chrono::minutes(5);
    const recycle::Run resumed = resume(run, late).run;
    EXPECT_EQ(resumed.failed_starts, 0);
    EXPECT_EQ(resumed.phase_since, late);
    EXPECT_EQ(resumed.trouble.count, 0);
    EXPECT_FALSE(resumed.trouble.since.has_value());
}

TEST_F(Impatient, ARunThatPausedCountsAnewHoweverSoonItIsResumed) {
    run.paused = true;
    run.ending = Ending{Outcome::Failed, "3 new tasks in a row ended before they were healthy", {}};
    run.phase = Phase::Ended;
    const recycle::Run resumed = resume(run, now + Seconds(11)).run;
    EXPECT_EQ(resumed.failed_starts, 0);
    EXPECT_EQ(resumed.trouble.count, 0);
    EXPECT_EQ(resumed.phase, Phase::BetweenBatches);
}

} // namespace
} // namespace ecsr::recycle
