// Runs that somebody stops: Ctrl-C once and twice, `runs abort`, a person who says no, another process that takes over.
#include "tests/run/world.hpp"

#include <fmt/format.h>

namespace ecsr::testing {
namespace {

using recycle::Outcome;

std::string outcome_of(const Result<act::RunRecord>& record) {
    if (!record) { return "error: " + record.error().message; }
    return record->run.ending ? recycle::to_string(record->run.ending->outcome) : "unfinished";
}

FakeServiceOptions small(bool target_group) {
    FakeServiceOptions options;
    options.desired = 2;
    options.target_group = target_group;
    options.scalable_target = ScalableTarget{"service/prod/web", 1, 2, {}};
    return options;
}

int waits_of_an_undisturbed_run(bool target_group) {
    World world(small(target_group));
    int waits = 0;
    world.heard.at_wait = [&](const recycle::Run&, const recycle::Wait&) { ++waits; };
    EXPECT_EQ(outcome_of(world.recycle()), "done");
    return waits;
}

// A run with `act` called at its n-th wait.
Result<act::RunRecord> recycle_with(World& world, int n, const std::function<void()>& act) {
    int waits = 0;
    world.heard.at_wait = [&](const recycle::Run&, const recycle::Wait&) {
        if (++waits == n) { act(); }
    };
    auto record = world.recycle();
    world.heard.at_wait = nullptr;
    return record;
}

// Dies with the surge of its second batch in place.
Fault dies_at_second_surge(World& world, const aws::ServiceCall& call) {
    return call.operation == "UpdateService" && world.ecs.calls("UpdateService") == 3 ? Fault::CrashAfter : Fault::None;
}

class Interrupted : public ::testing::TestWithParam<bool> {};

TEST_P(Interrupted, OnceAtAnyWaitEndsInOrderAndRestores) {
    const int waits = waits_of_an_undisturbed_run(GetParam());
    for (int n = 1; n <= waits && !HasFailure(); ++n) {
        SCOPED_TRACE(fmt::format("wait {}", n));
        World world(small(GetParam()));
        const auto record = recycle_with(world, n, [&] { world.end_in_order.request_stop(); });
        ASSERT_TRUE(record.has_value()) << record.error().message;
        const auto& run = record->run;
        // What ECS was told already is seen through; a run with nothing left to do is done.
        EXPECT_TRUE(run.ending->outcome == Outcome::Stopped || run.replaced.size() == 2) << run.ending->reason;
        EXPECT_EQ(run::exit_code(run), run.ending->outcome == Outcome::Stopped ? 3 : 0);
        EXPECT_TRUE(run.restored);
        world.expect_restored();
        world.expect_unharmed(2);
    }
}

TEST_P(Interrupted, TwiceAtAnyWaitLeavesARunThatCanBeResumedAtOnce) {
    const int waits = waits_of_an_undisturbed_run(GetParam());
    for (int n = 1; n <= waits && !HasFailure(); ++n) {
        SCOPED_TRACE(fmt::format("wait {}", n));
        World world(small(GetParam()));
        const auto left = recycle_with(world, n, [&] {
            world.end_in_order.request_stop();
            world.leave_now.request_stop();
        });
        ASSERT_FALSE(left.has_value());
        EXPECT_EQ(left.error().kind, ErrorKind::Interrupted);
        EXPECT_NE(left.error().message.find("runs resume"), std::string::npos);

        world.end_in_order = {};
        world.leave_now = {};
        const auto resumed = run::Runner(world.parts()).resume(world.only_run(), false);
        ASSERT_EQ(outcome_of(resumed), "done");
        world.expect_all_replaced(resumed->run);
        world.expect_restored();
        world.expect_unharmed(2);
    }
}

TEST_P(Interrupted, ByRunsAbortInAnotherProcess) {
    World world(small(GetParam()));
    int waits = 0;
    world.heard.at_wait = [&](const recycle::Run& run, const recycle::Wait&) {
        if (++waits != 2) { return; }
        const auto aborted = run::Runner(world.parts()).abort(run.id.substr(0, 6), "the release goes out now", false);
        ASSERT_TRUE(aborted.has_value()) << aborted.error().message;
        ASSERT_TRUE(aborted->asked.has_value());
        EXPECT_EQ(aborted->asked->run_id, run.id);
    };
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "stopped");
    EXPECT_EQ(record->run.ending->reason, "the release goes out now");
    world.expect_restored();
    world.expect_unharmed(2);
}

TEST_P(Interrupted, ByAnAbortThatItsHolderDidNotLiveToSee) {
    World world(small(GetParam()));
    world.ecs.fail_with([&](std::int64_t, const aws::ServiceCall&) {
        return world.ecs.calls("UpdateService") == 1 ? Fault::CrashAfter : Fault::None;
    });
    EXPECT_THROW((void)world.recycle(), CrashNow);
    const auto aborted = run::Runner(world.parts()).abort(world.only_run(), "not today", false);
    ASSERT_TRUE(aborted.has_value() && aborted->asked.has_value()) << "its hold is not over yet";
    const auto resumed = world.resume_later(world.only_run());
    ASSERT_EQ(outcome_of(resumed), "stopped");
    EXPECT_EQ(resumed->run.ending->reason, "not today");
    EXPECT_TRUE(resumed->run.replaced.empty()) << "I5: a task was stopped after an abort was asked";
    world.expect_restored();
    world.expect_unharmed(2);
}

TEST_P(Interrupted, ByAnotherProcessThatTakesOver) {
    World world(small(GetParam()));
    int waits = 0;
    Result<act::RunRecord> second = fail(ErrorKind::Io, "never run");
    std::size_t changes_then = 0;
    world.heard.at_wait = [&](const recycle::Run&, const recycle::Wait&) {
        if (++waits != 3) { return; }
        second = run::Runner(world.parts()).start(world.spec, true);
        changes_then = world.heard.changes.size();
    };
    const auto first = world.recycle();
    ASSERT_FALSE(first.has_value());
    EXPECT_EQ(first.error().kind, ErrorKind::Locked);
    EXPECT_EQ(world.heard.changes.size(), changes_then) << "the first process changed something after it lost its hold";
    ASSERT_EQ(outcome_of(second), "done") << (second ? second->run.ending->reason : "");
    EXPECT_EQ(second->run.desired_before, 2) << "the surge of the first run was taken for the user's own setting";
    world.expect_restored();
    world.expect_unharmed(2);
}

INSTANTIATE_TEST_SUITE_P(Drains, Interrupted, ::testing::Bool(),
                         [](const auto& drain) { return drain.param ? "scale_in" : "stop_task"; });

TEST(HeldService, IsRefusedToAnotherRunWithTheHolderNamed) {
    World world;
    int waits = 0;
    world.heard.at_wait = [&](const recycle::Run& run, const recycle::Wait&) {
        if (++waits != 2) { return; }
        const auto second = run::Runner(world.parts()).start(world.spec, false);
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().kind, ErrorKind::Locked);
        EXPECT_NE(second.error().message.find("ann@example pid 8"), std::string::npos) << second.error().message;
        EXPECT_NE(second.error().message.find(run.id), std::string::npos);
        EXPECT_NE(second.error().message.find("--force"), std::string::npos);
        const auto resumed = run::Runner(world.parts()).resume(run.id, false);
        ASSERT_FALSE(resumed.has_value());
        EXPECT_EQ(resumed.error().kind, ErrorKind::Locked);
    };
    EXPECT_EQ(outcome_of(world.recycle()), "done");
    EXPECT_GE(waits, 2);
}

TEST(HeldService, StaysHeldThroughALongWait) {
    World world;
    world.spec.wait = std::chrono::minutes(20);
    bool checked = false;
    std::unique_ptr<run::Runner> second;
    world.heard.at_wait = [&](const recycle::Run&, const recycle::Wait& wait) {
        checked = checked || wait.until - world.clock.now() > std::chrono::minutes(10);
    };
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "done");
    EXPECT_TRUE(checked);
    for (const Millis slept : world.clock.sleeps()) { EXPECT_LE(slept, Millis(5000)); }
}

struct Dead : ::testing::Test {
    // A run dies in the middle of its second batch.
    void SetUp() override {
        world.ecs.fail_with(
            [&](std::int64_t, const aws::ServiceCall& call) { return dies_at_second_surge(world, call); });
        EXPECT_THROW(static_cast<void>(world.recycle()), CrashNow);
        world.ecs.fail_with({});
        dead_run = world.only_run();
        ASSERT_NE(world.ecs.desired(), 3) << "the test needs a run that dies with its surge in place";
    }

    Result<act::RunRecord> start(run::AskUnfinished ask, bool force = false) {
        auto parts = world.parts();
        parts.ask_unfinished = std::move(ask);
        return run::Runner(std::move(parts)).start(world.spec, force);
    }

    World world;
    std::string dead_run;
};

TEST_F(Dead, HoldsTheServiceUntilItsTimeIsOver) {
    const auto at_once = start({});
    ASSERT_FALSE(at_once.has_value());
    EXPECT_EQ(at_once.error().kind, ErrorKind::Locked);
    EXPECT_NE(at_once.error().message.find("is held by run"), std::string::npos) << at_once.error().message;
    world.clock.advance(std::chrono::seconds(31));
    const auto later = start({});
    ASSERT_FALSE(later.has_value());
    EXPECT_EQ(later.error().kind, ErrorKind::Locked);
    EXPECT_NE(later.error().message.find("runs resume " + dead_run), std::string::npos) << later.error().message;
}

TEST_F(Dead, IsFoundByTheSpecOfItsService) {
    const auto found = run::Runner(world.parts()).find_unfinished(world.spec);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->run.id, dead_run);
    ASSERT_EQ(outcome_of(world.resume_later(dead_run)), "done");
    const auto none = run::Runner(world.parts()).find_unfinished(world.spec);
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
}

TEST_F(Dead, MayBeResumedInsteadOfANewRun) {
    world.clock.advance(std::chrono::seconds(31));
    const auto record = start([](const act::RunRecord&) { return run::Unfinished::Resume; });
    ASSERT_EQ(outcome_of(record), "done");
    EXPECT_EQ(record->run.id, dead_run);
    world.expect_all_replaced(record->run);
    world.expect_restored();
}

TEST_F(Dead, MayBeRestoredBeforeANewRun) {
    world.clock.advance(std::chrono::seconds(31));
    const auto record = start([](const act::RunRecord&) { return run::Unfinished::Restore; });
    ASSERT_EQ(outcome_of(record), "done");
    EXPECT_NE(record->run.id, dead_run);
    EXPECT_EQ(record->run.desired_before, 3);
    world.expect_restored();
    const auto before = world.journal->load(dead_run);
    EXPECT_EQ(before->run.ending->outcome, Outcome::Stopped);
    EXPECT_TRUE(before->run.restored);
}

TEST_F(Dead, IsPutBackFirstWhenANewRunIsForced) {
    const auto record = start({}, true);
    ASSERT_EQ(outcome_of(record), "done");
    EXPECT_EQ(record->run.desired_before, 3);
    world.expect_restored();
}

TEST_F(Dead, LeavesNothingToDoWhenItsServiceWasDeleted) {
    world.ecs.delete_service();
    const auto record = world.resume_later(dead_run);
    ASSERT_EQ(outcome_of(record), "failed");
    EXPECT_TRUE(record->run.restored);
    EXPECT_NE(record->run.ending->reason.find("deleted"), std::string::npos);
}

TEST(DeadRun, IsResumedThoughItsFirstLookFailsInTheMiddle) {
    for (std::int64_t n = 1; n <= 8; ++n) {
        World other;
        other.ecs.fail_with(
            [&](std::int64_t, const aws::ServiceCall& call) { return dies_at_second_surge(other, call); });
        EXPECT_THROW(static_cast<void>(other.recycle()), CrashNow);
        other.clock.advance(std::chrono::seconds(60));
        const auto before = other.ecs.counts().total;
        other.ecs.fail_with([&](std::int64_t call, const aws::ServiceCall&) {
            return call == before + n ? Fault::Throttled : Fault::None;
        });
        const auto record = run::Runner(other.parts()).resume(other.only_run(), false);
        ASSERT_EQ(outcome_of(record), "done");
        other.expect_all_replaced(record->run);
        other.expect_restored();
        other.expect_unharmed(3);
    }
}

TEST(DeadRun, IsPutBackThoughItIsInterruptedInItsFirstLook) {
    for (std::int64_t n = 1; n <= 8; ++n) {
        SCOPED_TRACE(fmt::format("call {}", n));
        World world;
        world.spec.drain = Drain::ScaleIn;
        bool dead = false;
        world.ecs.fail_with([&](std::int64_t, const aws::ServiceCall& call) {
            const bool unprotects =
                call.operation == "UpdateTaskProtection" && call.body.find("false") != std::string::npos;
            dead = dead || (unprotects && world.heard.phases.back() == "restore-protection");
            return dead ? Fault::Crash : Fault::None;
        });
        EXPECT_THROW(static_cast<void>(world.recycle()), CrashNow);
        ASSERT_TRUE(dead);
        world.clock.advance(Seconds(60));
        const auto before = world.ecs.counts().total;
        world.ecs.fail_with([&](std::int64_t call, const aws::ServiceCall&) {
            if (call == before + n) { world.end_in_order.request_stop(); }
            return Fault::None;
        });
        const auto record = run::Runner(world.parts()).resume(world.only_run(), false);
        ASSERT_TRUE(record.has_value()) << record.error().message;
        EXPECT_TRUE(record->run.restored);
        world.expect_restored();
    }
}

TEST_F(Dead, IsPutBackByAMachineThatResumesItAfterItsTime) {
    world.ecs.fail_with({});
    world.clock.advance(world.spec.timeout);
    const auto record = run::Runner(world.parts()).resume(dead_run, false);
    ASSERT_EQ(outcome_of(record), "timed_out");
    world.expect_restored();
}

TEST_F(Dead, IsFinishedByAPersonWhoResumesItAfterItsTime) {
    world.ecs.fail_with({});
    world.clock.advance(world.spec.timeout);
    auto parts = world.parts();
    parts.renews_deadline = true;
    const auto record = run::Runner(std::move(parts)).resume(dead_run, false);
    ASSERT_EQ(outcome_of(record), "done");
    world.expect_all_replaced(record->run);
}

TEST_F(Dead, GetsTheTimeThatIsAskedForWhenItIsResumed) {
    world.ecs.fail_with({});
    world.clock.advance(std::chrono::seconds(60));
    const auto record = run::Runner(world.parts()).resume(dead_run, false, Seconds(20));
    ASSERT_EQ(outcome_of(record), "timed_out");
    EXPECT_EQ(record->run.ending->reason, "the run took longer than 20s");
    world.expect_restored();
}

TEST(Unanswered, OneInterruptLeavesARunThatIsPutBackWhenItIsResumed) {
    World world;
    bool interrupted = false;
    world.heard.at_wait = [&](const recycle::Run& run, const recycle::Wait&) {
        if (run.phase != recycle::Phase::AwaitFresh || interrupted) { return; }
        interrupted = true;
        world.ecs.fail_with([](std::int64_t, const aws::ServiceCall&) { return Fault::NotSent; });
        world.end_in_order.request_stop();
    };
    const auto left = world.recycle();
    ASSERT_FALSE(left.has_value());
    EXPECT_EQ(left.error().kind, ErrorKind::Interrupted);
    EXPECT_NE(left.error().message.find("AWS does not answer, so nothing can be put back now; run "), std::string::npos)
        << left.error().message;
    world.heard.at_wait = {};
    world.end_in_order = {};
    world.ecs.fail_with({});
    const auto resumed = run::Runner(world.parts()).resume(world.only_run(), false);
    ASSERT_EQ(outcome_of(resumed), "stopped"); // as it was asked to end
    EXPECT_TRUE(resumed->run.restored);
    world.expect_restored();
}

TEST(EndedRun, CannotBeResumedOrAborted) {
    World world;
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "done");
    const auto resumed = run::Runner(world.parts()).resume(record->run.id, false);
    ASSERT_FALSE(resumed.has_value());
    EXPECT_EQ(resumed.error().kind, ErrorKind::Usage);
    const auto aborted = run::Runner(world.parts()).abort(record->run.id, "no", false);
    ASSERT_FALSE(aborted.has_value());
    EXPECT_EQ(aborted.error().kind, ErrorKind::Usage);
    const auto unknown = run::Runner(world.parts()).resume("nosuchrun", false);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().kind, ErrorKind::NotFound);
}

// ---- --ask ----

struct Asked : ::testing::Test {
    Asked() { world.spec.ask = true; }

    void answer(std::vector<std::optional<std::string>> answers) {
        world.ask = [this, answers = std::move(answers)](const std::string& question,
                                                         std::stop_token) -> std::optional<std::string> {
            questions.push_back(question);
            return answers.at(questions.size() - 1);
        };
    }

    World world;
    std::vector<std::string> questions;
};

TEST_F(Asked, GoesOnAfterEveryYes) {
    answer({"", "Y", " yes "});
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "done");
    ASSERT_EQ(questions.size(), 3U);
    EXPECT_EQ(questions[1], "Proceed with batch 2 of 3 (1 task)? [Y/n/<wait duration>]");
    world.expect_restored();
}

TEST_F(Asked, StopsAfterNoAndRestores) {
    answer({"y", "n"});
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "stopped");
    EXPECT_EQ(run::exit_code(record->run), 3);
    EXPECT_EQ(record->run.replaced.size(), 1U);
    world.expect_restored();
}

TEST_F(Asked, WaitsAsLongAsItIsTold) {
    answer({"y", "10m", "y"});
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "done");
    EXPECT_GE(*record->run.ended_at - record->run.started_at, std::chrono::minutes(10));
}

TEST_F(Asked, AsksAgainAfterAnAnswerThatIsNone) {
    answer({"perhaps", "y", "y", "y"});
    ASSERT_EQ(outcome_of(world.recycle()), "done");
    ASSERT_EQ(questions.size(), 4U);
    EXPECT_NE(questions[1].find("'perhaps' is no answer"), std::string::npos) << questions[1];
}

TEST_F(Asked, TakesTheEndOfTheInputForNo) {
    answer({std::nullopt});
    const auto record = world.recycle();
    ASSERT_EQ(outcome_of(record), "stopped");
    EXPECT_EQ(record->run.ending->reason, "nobody answers --ask: there is no terminal, or its input has ended");
    world.expect_restored();
}

TEST_F(Asked, StopsWhenInterruptedAtTheQuestion) {
    world.ask = [&](const std::string&, std::stop_token stop) -> std::optional<std::string> {
        world.end_in_order.request_stop();
        EXPECT_TRUE(stop.stop_requested());
        return std::nullopt;
    };
    ASSERT_EQ(outcome_of(world.recycle()), "stopped");
    world.expect_restored();
}

} // namespace
} // namespace ecsr::testing
