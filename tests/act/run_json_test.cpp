#include "act/run_described.hpp"
#include "act/run_json.hpp"
#include "base/json_mapper.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::act {
namespace {

using namespace ecsr::recycle;
using ecsr::testing::fixed_epoch;

Instant at(int milliseconds) {
    return fixed_epoch + Millis(milliseconds);
}

RunSpec spec_without_defaults() {
    RunSpec spec;
    spec.cluster = "prod";
    spec.service = "web \"quoted\" \xC3\xBC";
    spec.strategy = Strategy::ForceDeployment;
    spec.drain = Drain::StopTask;
    spec.batch = {25, true};
    spec.surge = Amount{2, false};
    spec.max_unavailable = {1, false};
    spec.wait = Millis(90'500);
    spec.order = Order::Az;
    spec.older_than = Seconds(7200);
    spec.tasks = {"a", "b"};
    spec.healthy_for = Millis(0);
    spec.alarms = {"latency"};
    spec.timeout = std::chrono::hours(1);
    spec.on_error = OnError::Pause;
    spec.ask = true;
    spec.wait_for_protection = true;
    spec.started_by = "age";
    spec.reason = "leak";
    spec.seed = 0xFFFFFFFFFFFFFFFFULL;
    return spec;
}

void fill_world(Run& run) {
    run.desired_before = 3;
    run.desired_theirs = 4;
    run.desired_ours = 5;
    run.superseded.desired = {{6, at(14)}, {5, at(15)}};
    run.desired_written_at = at(4);
    run.superseded.desired_by_others = 7;
    run.superseded.desired_by_others_at = at(16);
    run.superseded.scaling_at = at(17);
    run.scaling_before = ScalableTarget{"service/prod/web", 1, 3, {false, true, true}};
    run.scaling_ours = ScalableTarget{"service/prod/web", 1, 4, {true, true, true}};
    run.protected_by_us = {{"t1", at(5)}, {"t2", at(6)}};
    run.protection_told = {{"t1", at(15)}};
    run.deployment_id = "ecs-svc/1";
}

void fill_batches(Run& run) {
    run.drain = Drain::ScaleIn;
    run.healthy_for = Millis(10'000);
    run.remaining = {"t3"};
    run.batch = {"t2"};
    run.batch_size = 1;
    run.surge = 2;
    run.batch_number = 3;
    run.batches_total = 4;
    run.fresh = {"n1"};
    run.healthy_since = {{"n1", at(7)}};
    run.replaced = {{"t1", "n0", 1, at(8), at(9), at(10)}, {"t0", "", 1, at(11), {}, at(12)}};
    run.skipped = {{"t9", "protected"}};
    run.taken_as_replacement = {"n0"};
    run.batch_began_at = at(13);
    run.next_batch_at = at(14);
    run.failed_starts = 1;
    run.lower_attempts = 2;
    run.learned.start = Millis(20'123);
    run.learned.start_slack = Millis(202);
    run.learned.going = Millis(5'001);
    run.looks.count = 7;
    run.looks.since = at(14);
    run.looks.asked_at = at(15);
    run.next_step_at = at(21);
}

Run run_without_defaults() {
    recycle::Run run;
    run.id = "0123456789";
    run.spec = spec_without_defaults();
    run.started_at = at(1);
    run.cutoff = at(2);
    run.deadline = at(3);
    run.phase = Phase::AwaitSurplusGone;
    run.phase_since = at(16);
    fill_world(run);
    fill_batches(run);
    run.pending = SetScaling{*run.scaling_before, *run.scaling_ours};
    run.pending_at = at(17);
    run.pending_from = at(17);
    run.trouble = {2, at(18), at(19), "Rate exceeded", true};
    run.approved_next = true;
    run.abort_requested = true;
    run.abort_reason = "interrupted";
    run.paused = true;
    run.ending = Ending{Outcome::RolledBack, "why", ErrorKind::Credentials};
    run.restored = false;
    run.drained = false;
    run.service_gone = true;
    run.healthy_before = 3;
    run.lowest_healthy = 2;
    run.ended_at = at(20);
    return run;
}

std::map<std::string, std::string> members(const auto& object) {
    std::map<std::string, std::string> texts;
    described::for_each_member<json::SnakeCase>(object, [&](const std::string& name, const auto& member) {
        texts[name] = json::to_json<json::SnakeCase>(member);
    });
    return texts;
}

TEST(RunJson, KeepsEveryMember) {
    const recycle::Run run = run_without_defaults();
    const auto read = run_from_json(run_to_json(run));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(members(*read), members(run));
    EXPECT_EQ(members(read->spec), members(run.spec));
    // A member that this test leaves at its default would not be tested.
    const auto defaults = members(recycle::Run{});
    for (const auto& [name, text] : members(run)) { EXPECT_NE(text, defaults.at(name)) << name; }
    const auto spec_defaults = members(RunSpec{});
    for (const auto& [name, text] : members(run.spec)) { EXPECT_NE(text, spec_defaults.at(name)) << name; }
}

TEST(RunJson, KeepsARunOfDefaults) {
    recycle::Run run;
    run.id = "1";
    const auto read = run_from_json(run_to_json(run));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(members(*read), members(run));
}

TEST(RunJson, KeepsEveryKindOfChange) {
    const std::vector<Change> changes = {
        SetDesiredCount{3, 4}, ProtectTasks{{"a", "b"}, false, std::chrono::minutes(45)}, StopTask{"a", "leak"},
        ForceNewDeployment{}, SetScaling{{"r", 1, 2, {}}, {"r", 1, 3, {true, false, false}}}};
    for (const Change& change : changes) {
        recycle::Run run;
        run.id = "1";
        run.pending = change;
        const auto read = run_from_json(run_to_json(run));
        ASSERT_TRUE(read.has_value()) << read.error().message;
        ASSERT_TRUE(read->pending.has_value());
        EXPECT_EQ(read->pending->index(), change.index());
        EXPECT_EQ(json::to_json<json::SnakeCase>(*read->pending), json::to_json<json::SnakeCase>(change));
    }
}

TEST(RunJson, KeepsEveryPhaseAndOutcome) {
    for (int phase = 0; phase <= static_cast<int>(Phase::Ended); ++phase) {
        recycle::Run run;
        run.id = "1";
        run.phase = static_cast<Phase>(phase);
        const auto read = run_from_json(run_to_json(run));
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(read->phase, run.phase) << to_string(run.phase);
    }
}

TEST(RunJson, RefusesWhatItCannotKnow) {
    EXPECT_EQ(run_from_json(R"({"version": 2, "run": {"id": "1"}})").error().message,
              "written by a newer ecs-recycler (run format 2, this one knows 1)");
    EXPECT_NE(
        run_from_json(R"({"version": 1, "run": {"id": "1", "phase": "sing"}})").error().message.find("$.run.phase"),
        std::string::npos);
    for (const char* wrong : {"", "[]", "{}", R"({"version": 1})", R"({"version": 1, "run": {"id": 7}})"}) {
        const auto read = run_from_json(wrong);
        ASSERT_FALSE(read.has_value()) << wrong;
        EXPECT_EQ(read.error().kind, ErrorKind::Io);
    }
}

TEST(RunJson, KeepsCallsAndFacts) {
    const aws::CallCounts calls{7, {{"ListTasks", 3}, {"StopTask", 4}}};
    const auto read = calls_from_json(calls_to_json(calls));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->total, 7);
    EXPECT_EQ(read->by_operation, calls.by_operation);
    const std::map<std::string, std::string> facts = {{"a b", "\"\n"}, {"", ""}};
    EXPECT_EQ(facts_from_json(facts_to_json(facts)).value(), facts);
}

} // namespace
} // namespace ecsr::act
