// What the daemon does with one service: situations, and what follows from them.
#include "base/text.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "serve/step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* name = "default/eu-west-1/shop/cart";

Instant at(const std::string& text) {
    return parse_rfc3339(text).value();
}

// The policy of an entry with these lines.
config::Policy policy(const std::string& lines) {
    std::string text = "services:\n  - service: cart\n";
    for (const std::string& line : split(lines, '\n')) { text += "    " + line + "\n"; }
    auto loaded = config::load(text, {[](const std::string&) { return std::nullopt; }});
    EXPECT_TRUE(loaded.settings) << config::problems_text("policy", loaded.problems);
    return loaded.settings ? loaded.settings->rules.at(0).policy : config::Policy{};
}

const std::string nightly = "schedule: cron(0 3 * * ? *)";

Facts three_tasks_since(Instant created_at) {
    return {.is_active = true, .desired_count = 3, .no_task_before = created_at, .tasks_seen_at = {}};
}

struct Service {
    explicit Service(const std::string& lines, Instant begun)
        : rules(policy(lines)), facts(three_tasks_since(begun)), state(begin(rules, begun)) {}

    Action step_at(const std::string& time) {
        Decision decision = step(state, rules, facts, name, at(time));
        state = decision.state;
        return decision.action;
    }
    // Its run begins now, as the roster has it.
    void start(const std::string& time) {
        state.is_running = true;
        if (state.fire && !state.fire->run_at) { state.fire->run_at = at(time); }
        began_at = at(time);
    }
    void end(Trigger trigger, Ended how, const std::string& time) {
        state = ended(state, trigger, how, began_at, at(time));
        facts.tasks_seen_at.reset();
    }

    config::Policy rules;
    Facts facts;
    State state;
    Instant began_at{};
};

std::string told(const Action& action) {
    struct Words {
        std::string operator()(const Sleep& a) const {
            return a.until == never ? "sleep" : "sleep until " + to_rfc3339(a.until);
        }
        std::string operator()(const LookAtTasks&) const { return "look"; }
        std::string operator()(const Due& a) const {
            return std::string("due by ") + to_string(a.trigger) + (a.put_back ? ", put back" : "") +
                   (a.older_than ? ", older than " + format_duration(*a.older_than) : "");
        }
        std::string operator()(const LetPass& a) const { return "pass " + std::to_string(a.count) + ": " + a.why; }
    };
    return std::visit(Words{}, action);
}

// ---- the schedule ----

TEST(Step, AServiceIsDueAtItsFireAndNotBefore) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-01T10:00:00Z")), "sleep until 2026-03-02T03:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T02:59:59Z")), "sleep until 2026-03-02T03:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:00:00Z")), "due by schedule");
}

TEST(Step, AfterItsRunItWaitsForTheNextFire) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:05:00Z")), "sleep") << "while it runs";
    service.end(Trigger::Schedule, Ended::Done, "2026-03-02T03:10:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:10:00Z")), "sleep until 2026-03-03T03:00:00Z");
}

TEST(Step, ARunThatFailedIsNotRepeatedBeforeTheNextFire) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    service.end(Trigger::Schedule, Ended::Failed, "2026-03-02T03:10:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:10:00Z")), "sleep until 2026-03-03T03:00:00Z");
}

TEST(Step, JitterAndFlexibleWindowMoveAFireAndTheServiceKeepsItsPlace) {
    Service service("schedule: {expression: rate(1 day), jitter: 30m, flexible_window: 1h}",
                    at("2026-03-01T00:00:00Z"));
    const auto sleep = std::get<Sleep>(service.step_at("2026-03-01T00:00:00Z"));
    EXPECT_GT(sleep.until, at("2026-03-02T00:00:00Z"));
    EXPECT_LT(sleep.until, at("2026-03-02T01:30:00Z"));
    const auto again = std::get<Sleep>(service.step_at("2026-03-02T00:00:00Z"));
    EXPECT_EQ(again.until, sleep.until);
    EXPECT_EQ(told(service.step_at(to_rfc3339(sleep.until))), "due by schedule");
}

TEST(Step, AFireThatNobodyWasThereForIsLetPass) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-05T12:00:00Z")), "pass 4: nobody was there to keep it");
    EXPECT_EQ(told(service.step_at("2026-03-05T12:00:00Z")), "sleep until 2026-03-06T03:00:00Z");
}

TEST(Step, AFireThatIsSeenAMomentLateIsKept) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-02T03:00:59Z")), "due by schedule");
}

TEST(Step, CaughtUpOnceHoweverManyWereMissed) {
    Service service(nightly + "\nmissed_fires: catch_up", at("2026-03-01T10:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-05T12:00:00Z")), "due by schedule");
    service.start("2026-03-05T12:00:00Z");
    service.end(Trigger::Schedule, Ended::Done, "2026-03-05T12:10:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-05T12:10:00Z")), "sleep until 2026-03-06T03:00:00Z");
}

TEST(Step, AFireDuringItsOwnRunIsLetPassAndSaysWhy) {
    Service service("schedule: rate(10 minutes)", at("2026-03-01T00:00:00Z"));
    service.step_at("2026-03-01T00:10:00Z");
    service.start("2026-03-01T00:10:00Z");
    service.end(Trigger::Schedule, Ended::Done, "2026-03-01T00:25:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T00:25:00Z")), "pass 1: its last run was still under way");
    EXPECT_EQ(told(service.step_at("2026-03-01T00:25:00Z")), "sleep until 2026-03-01T00:30:00Z");
}

// ---- windows ----

TEST(Step, AFireOutsideTheWindowsIsLetPassOrKeptForLater) {
    const std::string days = "schedule: cron(0 12 * * ? *)\nwindows: 01:00-05:00";
    Service skips(days, at("2026-03-01T00:00:00Z"));
    EXPECT_THAT(told(skips.step_at("2026-03-01T12:00:00Z")), HasSubstr("pass 1: outside 01:00-05:00"));
    Service waits(days + "\nmissed_fires: catch_up", at("2026-03-01T00:00:00Z"));
    EXPECT_EQ(told(waits.step_at("2026-03-01T12:00:00Z")), "sleep until 2026-03-02T01:00:00Z");
    EXPECT_EQ(told(waits.step_at("2026-03-02T01:00:00Z")), "due by schedule");
}

TEST(Step, ABlackoutHoldsEverythingBack) {
    Service service(nightly + "\nblackouts: 2026-12-24..2026-12-26\nmissed_fires: catch_up",
                    at("2026-12-23T10:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-12-24T03:00:00Z")), "sleep until 2026-12-25T03:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-12-26T03:00:00Z")), "sleep until 2026-12-27T00:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-12-27T00:00:00Z")), "due by schedule");
}

TEST(Step, ADueServiceIsSteppedAgainWhenItsWindowCloses) {
    Service service(nightly + "\nwindows: 02:00-04:00", at("2026-03-01T10:00:00Z"));
    EXPECT_EQ(std::get<Due>(service.step_at("2026-03-02T03:00:00Z")).until, at("2026-03-02T04:00:00Z"));
    EXPECT_THAT(told(service.step_at("2026-03-02T04:00:00Z")), HasSubstr("pass 1: outside"));
}

// ---- runs that cannot begin ----

TEST(Step, AFireWhoseRunCannotBeginIsTriedAgainForAWhile) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    service.end(Trigger::Schedule, Ended::Blocked, "2026-03-02T03:00:05Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:00:05Z")), "sleep until 2026-03-02T03:01:05Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:01:05Z")), "due by schedule");
    service.start("2026-03-02T03:01:05Z");
    service.end(Trigger::Schedule, Ended::Blocked, "2026-03-02T03:01:06Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:01:06Z")), "sleep until 2026-03-02T03:03:06Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T04:00:00Z")), "pass 1: its run could not begin in 1h");
    EXPECT_EQ(told(service.step_at("2026-03-02T04:00:00Z")), "sleep until 2026-03-03T03:00:00Z");
}

TEST(Step, AServiceThatIsScaledToNothingOrDeletedIsLeftAlone) {
    Service service(nightly + "\nmax_age: 1h", at("2026-03-01T10:00:00Z"));
    service.facts.desired_count = 0;
    EXPECT_EQ(told(service.step_at("2026-03-01T12:00:00Z")), "sleep until 2026-03-02T03:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:00:00Z")), "pass 1: the desired count is 0");
    service.facts = three_tasks_since(at("2026-03-01T10:00:00Z"));
    service.facts.is_active = false;
    EXPECT_EQ(told(service.step_at("2026-03-03T03:00:00Z")), "pass 1: the service is not ACTIVE");
}

// ---- a restart ----

TEST(Step, AnInterruptedRunIsGoneOnWithForWhatItHadNotReplaced) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    service.end(Trigger::Schedule, Ended::Interrupted, "2026-03-02T03:20:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T05:00:00Z")), "due by schedule, older than 2h");
}

TEST(Step, AnInterruptedRunStaysEvenWhenALaterFireIsMissed) {
    Service service(nightly, at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    service.end(Trigger::Schedule, Ended::Interrupted, "2026-03-02T03:20:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-03T09:00:00Z")), "pass 1: nobody was there to keep it");
    EXPECT_EQ(told(service.step_at("2026-03-03T09:00:00Z")), "due by schedule, older than 1d6h");
}

TEST(Step, AnUnfinishedRunComesFirstAndFinishesItsFire) {
    Service service(nightly + "\nmax_age: 1h", at("2026-03-01T10:00:00Z"));
    service.step_at("2026-03-02T03:00:00Z");
    service.start("2026-03-02T03:00:00Z");
    // A new process.
    service.state.is_running = false;
    service.state.unfinished_run = "ab12";
    service.state.unfinished_free_at = at("2026-03-02T03:10:30Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:10:00Z")), "sleep until 2026-03-02T03:10:30Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:10:30Z")), "due by resume");
    service.state.is_running = true;
    service.facts.no_task_before = at("2026-03-02T03:30:00Z");
    service.end(Trigger::Resume, Ended::Done, "2026-03-02T03:30:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-02T03:30:00Z")), "sleep until 2026-03-02T04:30:00Z");
}

TEST(Step, OutsideTheWindowsAnUnfinishedRunIsPutBack) {
    Service service(nightly + "\nwindows: 02:00-04:00", at("2026-03-01T10:00:00Z"));
    service.state.unfinished_run = "ab12";
    EXPECT_EQ(told(service.step_at("2026-03-02T05:00:00Z")), "due by resume, put back");
}

// ---- the age of tasks ----

TEST(Step, TasksAreNotLookedAtBeforeOneCanBeTooOld) {
    Service service("max_age: 6h", at("2026-03-01T00:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-01T01:00:00Z")), "sleep until 2026-03-01T06:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:00:00Z")), "look");
}

TEST(Step, WhenTheOldestTaskIsTooOldItIsReplaced) {
    Service service("max_age: 6h", at("2026-03-01T00:00:00Z"));
    service.facts.tasks_seen_at = at("2026-03-01T06:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:00:00Z")), "due by age, older than 5h24m");
}

TEST(Step, AYoungerTaskThanTheDeploymentPutsTheNextLookOff) {
    Service service("max_age: 6h", at("2026-03-01T00:00:00Z"));
    service.facts.tasks_seen_at = at("2026-03-01T06:00:00Z");
    service.facts.no_task_before = at("2026-03-01T04:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:00:00Z")), "sleep until 2026-03-01T10:00:00Z");
}

TEST(Step, AnAgeRunThatLeftAnOldTaskIsNotRepeatedAtOnce) {
    Service service("max_age: 6h", at("2026-03-01T00:00:00Z"));
    service.facts.tasks_seen_at = at("2026-03-01T06:00:00Z");
    service.step_at("2026-03-01T06:00:00Z");
    service.start("2026-03-01T06:00:00Z");
    service.end(Trigger::Age, Ended::Done, "2026-03-01T06:10:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:10:00Z")), "look");
    service.facts.tasks_seen_at = at("2026-03-01T06:10:00Z"); // still as old: somebody protects it
    EXPECT_EQ(told(service.step_at("2026-03-01T06:10:00Z")), "sleep until 2026-03-01T06:15:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:16:00Z")), "look") << "the first look is stale";
}

TEST(Step, AgeWaitsForTheWindowWithoutAsking) {
    Service service("max_age: 6h\nwindows: 20:00-22:00", at("2026-03-01T00:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-01T06:00:00Z")), "sleep until 2026-03-01T20:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T20:00:00Z")), "look");
}

TEST(Step, WithForceDeploymentEveryTaskGoes) {
    Service service("max_age: 6h\nstrategy: force-deployment", at("2026-03-01T00:00:00Z"));
    service.facts.tasks_seen_at = at("2026-03-01T06:00:00Z");
    EXPECT_EQ(told(service.step_at("2026-03-01T06:00:00Z")), "due by age");
}

TEST(Step, ADisabledServiceIsLeftAlone) {
    Service service("enabled: false\nmax_age: 1h\n" + nightly, at("2026-03-01T00:00:00Z"));
    EXPECT_EQ(told(service.step_at("2026-03-09T03:00:00Z")), "sleep");
}

} // namespace
} // namespace ecsr::serve
