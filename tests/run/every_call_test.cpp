// The same runs again and again, each time with another API call going wrong, or with the process dying at it.
#include "tests/run/world.hpp"

#include <fmt/format.h>
#include <functional>
#include <ostream>

namespace ecsr::testing {
namespace {

struct Kind {
    std::string name;
    FakeServiceOptions options;
    Strategy strategy = Strategy::Rolling;
};

void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.name;
}

ScalableTarget scalable() {
    return {"service/prod/web", 1, 2, {false, false, true}};
}

std::vector<Kind> kinds() {
    FakeServiceOptions plain;
    plain.desired = 2;
    plain.target_group = false;
    FakeServiceOptions scaled;
    scaled.desired = 2;
    scaled.scalable_target = scalable();
    return {{"scale_in", scaled}, {"stop_task", plain}, {"force_deployment", {}, Strategy::ForceDeployment}};
}

class EveryCall : public ::testing::TestWithParam<Kind> {
protected:
    static std::unique_ptr<World> make_world() {
        auto world = std::make_unique<World>(GetParam().options);
        world->spec.strategy = GetParam().strategy;
        return world;
    }

    static std::int64_t calls_of_an_undisturbed_run() {
        const auto world = make_world();
        const auto record = world->recycle();
        EXPECT_TRUE(record.has_value());
        return world->ecs.counts().total;
    }

    static void expect_laws(World& world, const recycle::Run& run) {
        ASSERT_TRUE(run.ending.has_value());
        EXPECT_EQ(run.ending->outcome, recycle::Outcome::Done) << run.ending->reason;
        EXPECT_TRUE(run.restored);
        world.expect_all_replaced(run);
        world.expect_restored();
        world.expect_unharmed(world.desired_before);
    }

    // One run with one fault at its n-th call. Calls before the run exists may end it with an error: nothing was
    // changed.
    static void expect_survived(std::int64_t n, Fault fault) {
        const auto world = make_world();
        world->ecs.fail_with(
            [&](std::int64_t call, const aws::ServiceCall&) { return call == n ? fault : Fault::None; });
        const auto record = world->recycle();
        if (record) {
            expect_laws(*world, record->run);
        } else {
            EXPECT_TRUE(world->heard.changes.empty()) << record.error().message;
            world->expect_restored();
        }
    }

    static void expect_survived_everywhere(Fault fault) {
        const std::int64_t calls = calls_of_an_undisturbed_run();
        for (std::int64_t n = 1; n <= calls && !HasFailure(); ++n) {
            SCOPED_TRACE(fmt::format("call {} of {}", n, calls));
            expect_survived(n, fault);
        }
    }

    // Dies at the n-th call; another process goes on.
    static void expect_resumable(std::int64_t n, Fault crash) {
        const auto world = make_world();
        world->ecs.fail_with(
            [&](std::int64_t call, const aws::ServiceCall&) { return call == n ? crash : Fault::None; });
        EXPECT_THROW(static_cast<void>(world->recycle()), CrashNow);
        const auto records = world->journal->list(10, "");
        ASSERT_TRUE(records.has_value());
        if (records->empty()) {
            EXPECT_TRUE(world->heard.changes.empty());
            return;
        }
        const auto journalled = records->front().calls.total;
        const auto record = world->resume_later(records->front().run.id);
        ASSERT_TRUE(record.has_value()) << record.error().message;
        expect_laws(*world, record->run);
        EXPECT_EQ(record->calls.total, journalled + world->ecs.counts().total - n);
        EXPECT_LE(journalled, n);
    }

    static void expect_resumable_everywhere(Fault crash) {
        const std::int64_t calls = calls_of_an_undisturbed_run();
        for (std::int64_t n = 1; n <= calls && !HasFailure(); ++n) {
            SCOPED_TRACE(fmt::format("call {} of {}", n, calls));
            expect_resumable(n, crash);
        }
    }
};

TEST_P(EveryCall, MayBeThrottled) {
    expect_survived_everywhere(Fault::Throttled);
}

TEST_P(EveryCall, MayFindNoConnection) {
    expect_survived_everywhere(Fault::NotSent);
}

TEST_P(EveryCall, MayBeAnsweredWithAServerError) {
    expect_survived_everywhere(Fault::ServerError);
}

TEST_P(EveryCall, MayBeCarriedOutWithItsAnswerLost) {
    expect_survived_everywhere(Fault::LostAnswer);
}

TEST_P(EveryCall, MayBePrecededByTheDeathOfTheProcess) {
    expect_resumable_everywhere(Fault::Crash);
}

TEST_P(EveryCall, MayBeFollowedByTheDeathOfTheProcess) {
    expect_resumable_everywhere(Fault::CrashAfter);
}

TEST_P(EveryCall, MayBeFollowedByAnAbortByAnotherProcessOnceThisOneIsDead) {
    const std::int64_t calls = calls_of_an_undisturbed_run();
    for (std::int64_t n = 1; n <= calls && !HasFailure(); ++n) {
        SCOPED_TRACE(fmt::format("call {} of {}", n, calls));
        const auto world = make_world();
        world->ecs.fail_with(
            [&](std::int64_t call, const aws::ServiceCall&) { return call == n ? Fault::CrashAfter : Fault::None; });
        EXPECT_THROW(static_cast<void>(world->recycle()), CrashNow);
        world->ecs.fail_with({});
        const auto records = world->journal->list(10, "");
        if (records->empty()) { continue; }
        world->clock.advance(std::chrono::seconds(60));
        const auto stops_before = world->ecs.calls("StopTask");
        const auto aborted = run::Runner(world->parts()).abort(records->front().run.id, "enough", false);
        ASSERT_TRUE(aborted.has_value()) << aborted.error().message;
        EXPECT_FALSE(aborted->asked.has_value());
        ASSERT_TRUE(aborted->record.has_value());
        EXPECT_TRUE(aborted->record->run.restored);
        EXPECT_EQ(world->ecs.calls("StopTask"), stops_before) << "invariant I5";
        world->expect_restored();
        world->expect_unharmed(world->desired_before);
    }
}

TEST_P(EveryCall, ThirdOneMayFailForEver) {
    for (const Fault fault : {Fault::Throttled, Fault::ServerError}) {
        for (std::int64_t offset = 0; offset < 3; ++offset) {
            SCOPED_TRACE(fmt::format("offset {}", offset));
            const auto world = make_world();
            world->ecs.fail_with([&](std::int64_t call, const aws::ServiceCall&) {
                return call > 12 && call % 3 == offset ? fault : Fault::None;
            });
            const auto record = world->recycle();
            ASSERT_TRUE(record.has_value()) << record.error().message;
            EXPECT_TRUE(record->run.restored);
            world->expect_restored();
            world->expect_unharmed(world->desired_before);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Runs, EveryCall, ::testing::ValuesIn(kinds()),
                         [](const auto& kind) { return kind.param.name; });

} // namespace
} // namespace ecsr::testing
