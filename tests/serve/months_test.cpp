// Months of the daemon's work on virtual time: the real discovery, roster and runner against a local ECS, with restarts
// between. It must begin a run exactly when it should, and never drift.
#include "act/journal.hpp"
#include "act/watch_memory.hpp"
#include "aws/session.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "local/virtual/virtual_ecs.hpp"
#include "local/virtual/virtual_transport.hpp"
#include "serve/discovery.hpp"
#include "serve/roster.hpp"
#include "serve/turn.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace ecsr::serve {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using ::testing::ElementsAreArray;

Instant at(const std::string& text) {
    return parse_rfc3339(text).value();
}

struct Begun {
    Instant when{};
    Instant oldest_task{};
    std::string outcome;
};

aws::SessionOptions options() {
    aws::SessionOptions keys;
    keys.region = "eu-west-1";
    keys.endpoint_url = "http://ecs.local";
    keys.access_key_id = "AKIDEXAMPLE";
    keys.secret_access_key = "not-checked";
    return keys;
}

// A daemon in one thread: runs are made where they stand, and time goes on while they last.
class Months {
public:
    Months(const std::string& yaml, Instant start) : ecs_({.seed = 7, .start = start, .scheduler = {}}) {
        auto loaded = config::load(yaml, {[](const std::string&) { return std::nullopt; }});
        EXPECT_TRUE(loaded.settings) << config::problems_text("r.yaml", loaded.problems);
        settings_ = std::make_shared<const config::Settings>(std::move(*loaded.settings));
        auto session = aws::Session::create(transport_, ecs_, Random(1), aws::empty_environment(), options());
        EXPECT_TRUE(session) << session.error().message;
        place_ = {settings_->accounts.at(0), "eu-west-1", std::shared_ptr<aws::Caller>(std::move(*session))};
        stage("CreateCluster", R"({"clusterName": "shop"})");
        restart();
    }

    void create_service(const std::string& name, int tasks) {
        stage("RegisterTaskDefinition", R"({"family": ")" + name + R"(", "containerDefinitions": [{"name": "app",
            "image": "app", "memory": 64, "essential": true,
            "healthCheck": {"command": ["CMD-SHELL", "exit 0"], "interval": 300}}]})");
        stage("CreateService", R"({"cluster": "shop", "serviceName": ")" + name + R"(", "taskDefinition": ")" + name +
                                   R"(", "desiredCount": )" + std::to_string(tasks) + "}");
    }

    // Another process with the same journal.
    void restart() {
        if (roster_) { EXPECT_TRUE(memory_->remember(roster_->take_changes())); }
        roster_ = std::make_unique<Roster>(RosterLimits{.max_parallel = 1, .stagger = {}});
        roster_->recall(memory_->recall().value());
        sweep_at_ = ecs_.now();
    }

    // Nobody drives.
    void down(Millis span) { ecs_.go_on(span); }

    void work_until(Instant end) {
        Policies policies(settings_);
        while (ecs_.now() < end) {
            if (ecs_.now() >= sweep_at_) { sweep(policies); }
            for (const Command& command : roster_->advance(ecs_.now())) {
                std::visit([this](const auto& each) { carry_out(each); }, command);
            }
            ecs_.sleep_until(std::min({roster_->next_wake(), sweep_at_, end}), {});
        }
    }

    std::map<std::string, std::vector<Begun>> begun;
    std::map<std::string, std::size_t> passed;
    int looks = 0;

private:
    void stage(const char* operation, const std::string& body) {
        const auto answer = ecs_.ecs(operation, body);
        EXPECT_TRUE(answer) << answer.error().message;
    }

    void sweep(Policies& policies) {
        auto found = discover(place_, policies, {});
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_TRUE(found->warnings.empty());
        roster_->found(place_.account.name, place_.region, std::move(found->services), ecs_.now());
        sweep_at_ = ecs_.now() + 6h;
    }

    void carry_out(const StartRun& command) {
        EXPECT_TRUE(memory_->remember(roster_->take_changes()));
        Begun& run = begun[command.id.name].emplace_back();
        run.when = ecs_.now();
        run.oldest_task = oldest_task(place_, command.id, ecs_.now(), {}).value().value();
        const TurnOver over = take_turn(command, place_,
                                        {.clock = ecs_,
                                         .journal = *journal_,
                                         .random = Random(++seed_),
                                         .who = "daemon",
                                         .process = {},
                                         .interrupts = {},
                                         .notifier = {},
                                         .read_only = false});
        run.outcome = over.outcome;
        roster_->run_ended(over.id, over.trigger, over.how, over.left_unfinished, over.began_at, over.ended_at);
    }

    void carry_out(const LookAt& command) {
        ++looks;
        roster_->tasks_seen(command.id, oldest_task(place_, command.id, ecs_.now(), {}).value(), ecs_.now());
    }

    void carry_out(const FirePassed& command) { passed[command.id.name] += command.passed.count; }

    local::VirtualEcs ecs_;
    local::VirtualTransport transport_{ecs_, {}, Random(3)};
    std::unique_ptr<act::Journal> journal_ = act::open_journal(":memory:").value();
    std::unique_ptr<act::WatchMemory> memory_ = act::open_watch_memory(":memory:").value();
    std::shared_ptr<const config::Settings> settings_;
    Place place_;
    std::unique_ptr<Roster> roster_;
    Instant sweep_at_{};
    std::uint64_t seed_ = 0;
};

// At 02:30 in Berlin, which is 01:30 in UTC in winter and 00:30 in summer; the clocks skip it on 29 March 2026.
std::vector<Instant> nights_in_berlin(Instant first_day, int count) {
    std::vector<Instant> nights;
    const Instant change = at("2026-03-29T01:00:00Z");
    for (int i = 0; i < count; ++i) {
        const Instant day = first_day + days(i);
        if (day != at("2026-03-29T00:00:00Z")) { nights.push_back(day + (day < change ? 90min : 30min)); }
    }
    return nights;
}

std::vector<Instant> whens(const std::vector<Begun>& runs) {
    std::vector<Instant> times;
    for (const Begun& run : runs) {
        EXPECT_EQ(run.outcome, "done");
        times.push_back(run.when);
    }
    return times;
}

TEST(Months, EveryNightByTheClockOfTheZoneForThreeMonths) {
    Months months("services:\n  - service: cart\n    cluster: shop\n    timezone: Europe/Berlin\n"
                  "    schedule: cron(30 2 * * ? *)\n",
                  at("2026-02-01T12:00:00Z"));
    months.create_service("cart", 2);
    for (int week = 1; week <= 13; ++week) {
        months.work_until(at("2026-02-01T12:00:00Z") + days(7 * week));
        months.restart(); // at noon, every week: that must change nothing
    }
    EXPECT_THAT(whens(months.begun["cart"]), ElementsAreArray(nights_in_berlin(at("2026-02-02T00:00:00Z"), 91)));
    EXPECT_EQ(months.passed["cart"], 0U);
    EXPECT_EQ(months.looks, 0) << "a schedule needs no look at the tasks";
}

TEST(Months, ARateCountsFromItsBeginningHoweverLongRunsAndRestartsTake) {
    const Instant start = at("2026-02-01T12:00:00Z");
    Months months("services:\n  - service: cart\n    cluster: shop\n    schedule: rate(36 hours)\n", start);
    months.create_service("cart", 3);
    std::vector<Instant> expected;
    for (Instant fire = start + 36h; fire < start + days(60); fire += 36h) { expected.push_back(fire); }
    for (int i = 1; i <= 12; ++i) {
        months.work_until(start + days(5 * i));
        months.restart();
    }
    EXPECT_THAT(whens(months.begun["cart"]), ElementsAreArray(expected));
}

TEST(Months, WhatWasMissedWhileItWasDownIsMadeGoodOnceOrLetPass) {
    const Instant start = at("2026-02-01T12:00:00Z");
    Months months("services:\n  - service: skips\n    cluster: shop\n    schedule: cron(0 3 * * ? *)\n"
                  "  - service: catches-up\n    cluster: shop\n    schedule: cron(0 4 * * ? *)\n"
                  "    missed_fires: catch_up\n    windows: 03:00-06:00\n",
                  start);
    months.create_service("skips", 1);
    months.create_service("catches-up", 1);
    months.work_until(start + days(3));
    months.restart();
    months.down(days(4)); // back at noon: outside the window
    months.restart();
    months.work_until(start + days(10));
    EXPECT_EQ(months.begun["skips"].size(), 6U);
    EXPECT_EQ(months.passed["skips"], 4U);
    const auto caught_up = whens(months.begun["catches-up"]);
    ASSERT_EQ(caught_up.size(), 7U);
    EXPECT_EQ(caught_up[3], at("2026-02-09T03:00:00Z")) << "as soon as its window opens";
    EXPECT_EQ(caught_up[4], at("2026-02-09T04:00:00Z"));
}

TEST(Months, ATaskIsReplacedTheMomentItIsTooOld) {
    const Instant start = at("2026-02-01T12:00:00Z");
    Months months("services:\n  - service: cart\n    cluster: shop\n    max_age: 3d\n", start);
    months.create_service("cart", 2);
    months.work_until(start + days(60));
    ASSERT_GE(months.begun["cart"].size(), 19U);
    for (const Begun& run : months.begun["cart"]) {
        EXPECT_EQ(run.outcome, "done");
        EXPECT_GE(run.when - run.oldest_task, days(3));
        EXPECT_LT(run.when - run.oldest_task, days(3) + 10s) << to_rfc3339(run.when);
    }
    EXPECT_LE(months.looks, 3 * static_cast<int>(months.begun["cart"].size())) << "tasks are read only when needed";
}

} // namespace
} // namespace ecsr::serve
