#include "run/answer.hpp"
#include "run/exit_code.hpp"
#include "run/fault_injection.hpp"
#include "tests/support/fake_ecs.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::run {
namespace {

TEST(Answer, IsYesNoOrAWait) {
    for (const char* yes : {"", "y", "Y", " yes \n", "YES"}) {
        const auto answer = parse_answer(yes);
        ASSERT_TRUE(answer.has_value()) << yes;
        EXPECT_TRUE(answer->proceed);
        EXPECT_EQ(answer->wait, Millis(0));
    }
    for (const char* no : {"n", "No", " N"}) {
        const auto answer = parse_answer(no);
        ASSERT_TRUE(answer.has_value()) << no;
        EXPECT_FALSE(answer->proceed);
    }
    const auto wait = parse_answer("1m30s");
    ASSERT_TRUE(wait.has_value());
    EXPECT_TRUE(wait->proceed);
    EXPECT_EQ(wait->wait, std::chrono::seconds(90));
    for (const char* wrong : {"maybe", "30", "-5s", "yy"}) {
        const auto answer = parse_answer(wrong);
        ASSERT_FALSE(answer.has_value()) << wrong;
        EXPECT_EQ(answer.error().kind, ErrorKind::Usage);
    }
}

TEST(ExitCode, FollowsTheOutcomeUnlessItsCauseHasOneOfItsOwn) {
    using recycle::Outcome;
    recycle::Run run;
    const auto code = [&](Outcome outcome, std::optional<ErrorKind> cause) {
        run.ending = recycle::Ending{outcome, "why", cause};
        return exit_code(run);
    };
    EXPECT_EQ(code(Outcome::Done, {}), 0);
    EXPECT_EQ(code(Outcome::Failed, {}), 1);
    EXPECT_EQ(code(Outcome::Failed, ErrorKind::Remote), 1);
    EXPECT_EQ(code(Outcome::Failed, ErrorKind::Usage), 2);
    EXPECT_EQ(code(Outcome::Stopped, ErrorKind::Refused), 3);
    EXPECT_EQ(code(Outcome::Failed, ErrorKind::Locked), 4);
    EXPECT_EQ(code(Outcome::Failed, ErrorKind::Credentials), 5);
    EXPECT_EQ(code(Outcome::TimedOut, {}), 6);
    EXPECT_EQ(code(Outcome::RolledBack, {}), 7);
    run.restored = false;
    EXPECT_EQ(code(Outcome::Done, {}), 1) << "done, but something was left in place";
}

TEST(CrashPoint, NamesASideAndACall) {
    const auto before = parse_crash_point("before:3");
    ASSERT_TRUE(before.has_value());
    EXPECT_EQ(before->side, CrashPoint::Side::BeforeCall);
    EXPECT_EQ(before->call, 3);
    const auto after = parse_crash_point("after:12");
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->side, CrashPoint::Side::AfterCall);
    for (const char* wrong : {"", "3", "before", "before:", "before:0", "during:1", "after:x"}) {
        EXPECT_FALSE(parse_crash_point(wrong).has_value()) << wrong;
    }
}

TEST(CrashingCaller, CrashesAtItsPointAndNowhereElse) {
    testing::ManualClock clock;
    for (const auto side : {CrashPoint::Side::BeforeCall, CrashPoint::Side::AfterCall}) {
        testing::FakeEcs ecs(clock, {});
        int crashes = 0;
        std::int64_t calls_then = -1;
        CrashingCaller caller(ecs, {side, 2}, [&] {
            ++crashes;
            calls_then = ecs.counts().total;
        });
        aws::ServiceCall call;
        call.operation = "DescribeScalableTargets";
        call.body = "{}";
        for (int i = 0; i < 3; ++i) { EXPECT_TRUE(caller.call(call, {}).has_value()); }
        EXPECT_EQ(crashes, 1);
        EXPECT_EQ(calls_then, side == CrashPoint::Side::BeforeCall ? 1 : 2);
        EXPECT_EQ(caller.counts().total, 3);
    }
}

} // namespace
} // namespace ecsr::run
