// What targets are told (ECS behaviour C2, F6).
#include "local/logs/log_store.hpp"
#include "local/messages/topics.hpp"
#include "local/rules/json_dispatch.hpp"
#include "local/rules/tell_rules.hpp"
#include "local/scheduler/announcements.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

namespace json = boost::json;

class RuleTargets : public ::testing::Test {
protected:
    RuleTargets() {
        const std::string topic = topic_arn(state.identity, "t");
        state.messaging.topics[topic] = {"t", topic, {}, {}};
        Rule& rule = state.rules.by_name["r"];
        rule.name = "r";
        rule.arn = "arn:aws:events:us-east-1:000000000000:rule/r";
        rule.pattern = R"({"source":["shop"]})";
        target = &rule.targets["1"];
        target->id = "1";
        target->arn = topic;
    }

    std::string told(const char* event) {
        dispatch(state, json::parse(event).as_object(), now);
        if (state.messaging.messages.empty()) { return "nothing"; }
        return state.messaging.messages.back().text;
    }

    State state;
    Instant now = ecsr::testing::fixed_epoch;
    RuleTarget* target;
};

constexpr const char* order = R"({"source":"shop","detail-type":"Order","detail":{"id":"o-1","items":[{"n":2}],)"
                              R"("note":"say \"hi\""}})";

TEST_F(RuleTargets, TheWholeEventByDefault) {
    EXPECT_EQ(told(order), order);
}

TEST_F(RuleTargets, OnlyWhatMatchesAndOnlyWhileEnabled) {
    EXPECT_EQ(told(R"({"source":"other"})"), "nothing");
    state.rules.by_name["r"].enabled = false;
    EXPECT_EQ(told(order), "nothing");
}

TEST_F(RuleTargets, APartOrAConstant) {
    target->input_path = "$.detail.items[0]";
    EXPECT_EQ(told(order), R"({"n":2})");
    target->input_path.clear();
    target->input = R"({"fixed":1})";
    EXPECT_EQ(told(order), R"({"fixed":1})");
}

TEST_F(RuleTargets, ATransformerFillsItsTemplate) {
    target->input_paths = {{"id", "$.detail.id"},
                           {"note", "$.detail.note"},
                           {"n", "$.detail.items[0].n"},
                           {"type", "$['detail-type']"},
                           {"none", "$.detail.none"}};
    target->input_template = R"("<type> <id>: <n>, <note>, <none>, <unknown>, <aws.events.rule-name>")";
    EXPECT_EQ(told(order), R"("Order o-1: 2, say \"hi\", , <unknown>, r")");
    target->input_template = R"({"id": <id>, "n": <n>, "text": "id=<id>", "rule": <aws.events.rule-arn>})";
    EXPECT_EQ(told(order), R"({"id": "o-1", "n": 2, "text": "id=o-1", )"
                           R"("rule": "arn:aws:events:us-east-1:000000000000:rule/r"})");
    target->input_template = "<aws.events.event.json>";
    EXPECT_EQ(told(order), order);
}

TEST_F(RuleTargets, LogGroupsGetAnEventInAStreamOfTheRule) {
    target->arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/x:*";
    EXPECT_EQ(told(order), "nothing"); // the group is not there
    LogGroup& group = create_log_group(state, "/aws/events/x", now);
    told(order);
    ASSERT_EQ(log_events(state, group, "r").size(), 1U);
    EXPECT_EQ(log_events(state, group, "r")[0].message, order);
    target->input = R"({"timestamp":1000,"message":"m"})";
    told(order);
    EXPECT_EQ(log_events(state, group, "r")[0].message, "m");
    EXPECT_EQ(log_events(state, group, "r")[0].at, Instant(Seconds(1)));
}

TEST(Announcements, NothingIsSaidWhereNobodyListens) {
    State state;
    announce(state, Task{}, Instant{});
    EXPECT_TRUE(state.rules.announced.empty());
}

TEST_F(RuleTargets, ATaskIsToldAsEcsTellsIt) {
    state.rules.by_name["r"].pattern = R"({"source":["aws.ecs"]})";
    Task task;
    task.id = "0123456789abcdef0123456789abcdef";
    task.cluster = "c";
    task.group = "service:s";
    task.last_status = task.desired_status = TaskStatus::Stopped;
    task.stopped_at = now;
    task.containers.emplace_back().exit_code = 137;
    task.containers[0].reason = "OutOfMemoryError: Container killed due to memory usage";
    announce(state, task, now);
    tell_rules(state);
    ASSERT_FALSE(state.messaging.messages.empty());
    const auto event = json::parse(state.messaging.messages.back().text).as_object();
    EXPECT_EQ(event.at("detail-type"), "ECS Task State Change");
    EXPECT_EQ(event.at("time"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(event.at("resources").at(0), json::value("arn:aws:ecs:us-east-1:000000000000:task/c/" + task.id));
    const auto& detail = event.at("detail").as_object();
    EXPECT_EQ(detail.at("lastStatus"), "STOPPED");
    EXPECT_EQ(detail.at("stoppedAt"), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(detail.at("containers").at(0).at("exitCode"), 137);
    EXPECT_FALSE(detail.contains("healthStatus"));
}

} // namespace
} // namespace ecsr::local
