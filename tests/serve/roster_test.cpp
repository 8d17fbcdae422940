// Whose turn it is: places, stagger, restarts, changes of the configuration.
#include "config/load.hpp"
#include "serve/roster.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Instant midnight = parse_rfc3339("2026-03-01T00:00:00Z").value();

std::shared_ptr<const config::Policy> policy(const std::string& line) {
    auto loaded = config::load("services:\n  - service: cart\n    " + line + "\n",
                               {[](const std::string&) { return std::nullopt; }});
    return std::make_shared<const config::Policy>(loaded.settings.value().rules.at(0).policy);
}

const auto hourly = policy("schedule: rate(1 hour)");

Found found(const std::string& name, const std::shared_ptr<const config::Policy>& rules) {
    return {.id = {"prod", "eu-west-1", "shop", name},
            .key = "1/eu-west-1/shop/" + name,
            .policy = rules,
            .facts = {.is_active = true, .desired_count = 2, .no_task_before = midnight, .tasks_seen_at = {}}};
}

struct Watching {
    explicit Watching(RosterLimits limits) : roster(limits) {}

    void find(std::vector<Found> services) { roster.found("prod", "eu-west-1", std::move(services), now); }

    // Names of the services whose run begins.
    std::vector<std::string> advance(Millis span = {}) {
        now += span;
        std::vector<std::string> names;
        for (const Command& command : roster.advance(now)) {
            if (const auto* start = std::get_if<StartRun>(&command)) {
                names.push_back(start->id.name);
                started.push_back(*start);
            }
            if (const auto* look = std::get_if<LookAt>(&command)) { looks.push_back(look->id.name); }
            if (const auto* passed = std::get_if<FirePassed>(&command)) { fires_passed += passed->passed.count; }
        }
        return names;
    }

    void end(const std::string& name, Ended how = Ended::Done, const std::string& unfinished = "") {
        const auto start = std::ranges::find(started, name, [](const StartRun& run) { return run.id.name; });
        roster.run_ended(start->id, start->due.trigger, how, unfinished, start->began_at, now);
        started.erase(start);
    }

    Roster roster;
    Instant now = midnight;
    std::vector<StartRun> started;
    std::vector<std::string> looks;
    std::size_t fires_passed = 0;
};

TEST(Roster, NoMoreRunsAtATimeThanAllowedAndTheOthersFollow) {
    Watching watching({.max_parallel = 2, .stagger = {}});
    watching.find({found("a", hourly), found("b", hourly), found("c", hourly)});
    EXPECT_THAT(watching.advance(), IsEmpty());
    EXPECT_THAT(watching.advance(1h), ElementsAre("a", "b"));
    EXPECT_EQ(watching.roster.waiting(), 1U);
    EXPECT_THAT(watching.advance(1min), IsEmpty());
    watching.end("a");
    EXPECT_THAT(watching.advance(), ElementsAre("c"));
    EXPECT_EQ(watching.roster.running(), 2);
    EXPECT_EQ(watching.fires_passed, 0U) << "a service that waits for its turn has missed nothing";
}

TEST(Roster, RunsBeginApart) {
    Watching watching({.max_parallel = 10, .stagger = 5min});
    watching.find({found("a", hourly), found("b", hourly), found("c", hourly)});
    watching.advance();
    EXPECT_THAT(watching.advance(1h), ElementsAre("a"));
    EXPECT_EQ(watching.roster.next_wake(), watching.now + 5min);
    EXPECT_THAT(watching.advance(4min), IsEmpty());
    EXPECT_THAT(watching.advance(1min), ElementsAre("b"));
    EXPECT_THAT(watching.advance(5min), ElementsAre("c"));
}

TEST(Roster, ItSleepsUntilTheNextServiceIsDue) {
    Watching watching({});
    watching.find({found("a", hourly), found("b", policy("schedule: rate(30 minutes)"))});
    watching.advance();
    EXPECT_EQ(watching.roster.next_wake(), midnight + 30min);
}

TEST(Roster, TasksAreLookedAtOnceAndOnlyWhenOneMayBeTooOld) {
    Watching watching({});
    watching.find({found("a", policy("max_age: 6h"))});
    watching.advance(5h);
    EXPECT_THAT(watching.looks, IsEmpty());
    watching.advance(1h);
    watching.advance(1min);
    EXPECT_THAT(watching.looks, ElementsAre("a"));
    watching.roster.tasks_seen({"prod", "eu-west-1", "shop", "a"}, midnight + 2h, watching.now);
    EXPECT_THAT(watching.advance(), IsEmpty());
    EXPECT_EQ(watching.roster.next_wake(), midnight + 8h);
}

TEST(Roster, ALookThatFailedIsMadeAgainAMinuteLater) {
    Watching watching({});
    watching.find({found("a", policy("max_age: 6h"))});
    watching.advance(6h);
    watching.roster.look_failed({"prod", "eu-west-1", "shop", "a"}, watching.now);
    watching.advance(59s);
    EXPECT_THAT(watching.looks, SizeIs(1));
    watching.advance(1s);
    EXPECT_THAT(watching.looks, SizeIs(2));
}

TEST(Roster, ARestartNeitherForgetsNorRepeatsAFire) {
    Watching before({});
    before.find({found("a", hourly)});
    before.advance();
    before.advance(1h);
    before.roster.take_changes();
    before.end("a");
    const auto remembered = before.roster.take_changes();
    ASSERT_THAT(remembered, SizeIs(1));

    Watching after({});
    after.now = before.now + 30s;
    after.roster.recall(remembered);
    after.find({found("a", hourly)});
    EXPECT_THAT(after.advance(), IsEmpty()) << "the fire was done with";
    EXPECT_EQ(after.roster.next_wake(), midnight + 2h) << "and the rate counts on from where it did";
}

TEST(Roster, AProcessThatDiesLeavesAFireThatIsGoneOnWith) {
    Watching before({});
    before.find({found("a", hourly)});
    before.advance();
    before.advance(1h);
    const auto remembered = before.roster.take_changes();

    Watching after({});
    after.now = before.now + 10min;
    after.roster.recall(remembered);
    after.roster.recall_unfinished("1/eu-west-1/shop/a", "ab12", after.now + 20s);
    after.find({found("a", hourly)});
    EXPECT_THAT(after.advance(), IsEmpty()) << "its hold is not over";
    EXPECT_THAT(after.advance(20s), ElementsAre("a"));
    EXPECT_EQ(after.started.front().unfinished_run, "ab12");
    after.end("a");
    EXPECT_THAT(after.advance(), IsEmpty());
    EXPECT_EQ(after.roster.next_wake(), midnight + 2h);
}

TEST(Roster, WhatIsNoLongerFoundIsForgottenWhenItsRunIsOver) {
    Watching watching({});
    watching.find({found("a", hourly), found("b", hourly)});
    watching.advance();
    watching.advance(1h);
    watching.find({});
    EXPECT_EQ(watching.roster.size(), 1U);
    watching.end("a");
    EXPECT_EQ(watching.roster.size(), 0U);
    EXPECT_EQ(watching.roster.next_wake(), never);
}

TEST(Roster, AServiceThatIsFoundAgainGoesOnWhereItWas) {
    Watching watching({});
    watching.find({found("a", hourly)});
    watching.advance(10min);
    watching.find({});
    watching.find({found("a", hourly)});
    watching.advance();
    EXPECT_EQ(watching.roster.next_wake(), midnight + 1h);
}

TEST(Roster, AnotherScheduleCountsFromNow) {
    Watching watching({});
    watching.find({found("a", hourly)});
    watching.advance(50min);
    watching.find({found("a", policy("schedule: rate(20 minutes)"))});
    watching.advance();
    EXPECT_EQ(watching.roster.next_wake(), midnight + 70min);
    EXPECT_EQ(watching.fires_passed, 0U);
}

TEST(Roster, WhatWasLeftUnfinishedIsTakenUpAgain) {
    Watching watching({});
    watching.find({found("a", hourly)});
    watching.advance();
    watching.advance(1h);
    watching.end("a", Ended::Failed, "ab12");
    EXPECT_THAT(watching.advance(), IsEmpty());
    EXPECT_THAT(watching.advance(1min), ElementsAre("a"));
    EXPECT_EQ(watching.started.front().due.trigger, Trigger::Resume);
    watching.end("a", Ended::Blocked, "ab12");
    EXPECT_THAT(watching.advance(59s), IsEmpty());
}

TEST(Roster, NothingBeginsWhileItDrains) {
    Watching watching({});
    watching.find({found("a", hourly), found("b", policy("max_age: 30m"))});
    watching.advance();
    watching.roster.drain();
    EXPECT_THAT(watching.advance(2h), IsEmpty());
    EXPECT_THAT(watching.looks, IsEmpty());
}

} // namespace
} // namespace ecsr::serve
