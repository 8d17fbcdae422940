// What alarms do when they change their state (ECS behaviour F4; CloudWatch User Guide, "Alarm actions").
#include "local/alarms/evaluate_alarms.hpp"
#include "local/alarms/json_messages.hpp"
#include "local/alarms/transition.hpp"
#include "local/messages/topics.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

namespace json = boost::json;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

const std::string policy = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:"
                           "policyName/out";

class AlarmTransitions : public ::testing::Test {
protected:
    AlarmTransitions() {
        topic = topic_arn(state.identity, "alerts");
        state.messaging.topics[topic] = {"alerts", topic, {}, {}};
        state.identity.account_id = "123456789012";
        Alarm wanted;
        wanted.name = "errors";
        wanted.description = "too many";
        wanted.metric = AlarmMetric{"app", "Errors", {{"Service", "web"}}, Seconds{60}, "SampleCount", ""};
        wanted.comparison = "GreaterThanOrEqualToThreshold";
        wanted.threshold = 1;
        wanted.treat_missing_data = "notBreaching";
        wanted.alarm_actions = {topic};
        alarm = &put_alarm(state, wanted, now);
    }

    void evaluate_after(Millis span) {
        now += span;
        evaluate_alarms(state, metrics, now);
    }
    void put(double value) { metrics.put({"app", "Errors", {{"Service", "web"}}}, "None", now, of_value(value), now); }
    std::vector<std::string> summaries(const std::string& type) {
        std::vector<std::string> texts;
        for (const auto& item : state.alarms.history) {
            if (item.type == type) { texts.push_back(item.summary); }
        }
        return texts;
    }

    State state;
    MetricStore metrics;
    Instant now = std::chrono::floor<minutes>(ecsr::testing::fixed_epoch);
    std::string topic;
    Alarm* alarm = nullptr;
};

TEST_F(AlarmTransitions, AnAlarmFollowsItsMetric) {
    EXPECT_EQ(alarm->state, AlarmState::InsufficientData);
    EXPECT_EQ(alarm->reason, "Unchecked: Initial alarm creation");
    evaluate_after(minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::Ok);
    put(3);
    evaluate_after(minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::Alarm);
    EXPECT_EQ(alarm->transitioned_at, now);
    EXPECT_THAT(alarm->reason, StartsWith("Threshold Crossed: 1 datapoint [1.0 ("));
    const Instant fired_at = now;
    evaluate_after(minutes(2));
    EXPECT_EQ(alarm->updated_at, fired_at) << "nothing has changed: the datapoint is still in the evaluation range";
    evaluate_after(minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::Ok);
    EXPECT_THAT(summaries("StateUpdate"),
                ElementsAre("Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM",
                            "Alarm updated from ALARM to OK"));
}

TEST_F(AlarmTransitions, AStateThatWasSetLastsUntilTheNextEvaluation) {
    change_state(state, *alarm, {AlarmState::Alarm, "a drill", "", {}}, now);
    EXPECT_EQ(alarm->reason, "a drill");
    EXPECT_EQ(state.messaging.messages.size(), 1U);
    change_state(state, *alarm, {AlarmState::Alarm, "still", "", {}}, now);
    EXPECT_EQ(alarm->reason, "still");
    EXPECT_EQ(state.messaging.messages.size(), 1U) << "actions belong to changes of the state";
    evaluate_after(minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::Ok);
}

TEST_F(AlarmTransitions, TopicsGetCloudWatchsOwnMessage) {
    change_state(state, *alarm, {AlarmState::Alarm, "why", "", {}}, now);
    ASSERT_EQ(state.messaging.messages.size(), 1U);
    const Message& message = state.messaging.messages.front();
    EXPECT_EQ(message.topic_arn, topic);
    EXPECT_EQ(message.subject, R"(ALARM: "errors" in US East (N. Virginia))");
    std::string time = to_rfc3339(now);
    time.replace(time.size() - 1, 1, ".000+0000");
    EXPECT_EQ(message.text, R"({"AlarmName":"errors","AlarmDescription":"too many","AWSAccountId":"123456789012",)"
                            R"("AlarmConfigurationUpdatedTimestamp":")" +
                                time +
                                R"(","NewStateValue":"ALARM","NewStateReason":"why",)"
                                R"("StateChangeTime":")" +
                                time +
                                R"x(","Region":"US East (N. Virginia)",)x"
                                R"("AlarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors",)"
                                R"("OldStateValue":"INSUFFICIENT_DATA","OKActions":[],"AlarmActions":[")" +
                                topic +
                                R"("],"InsufficientDataActions":[],"Trigger":{"MetricName":"Errors","Namespace":"app",)"
                                R"("StatisticType":"Statistic","Statistic":"SAMPLE_COUNT","Unit":null,)"
                                R"("Dimensions":[{"value":"web","name":"Service"}],"Period":60,"EvaluationPeriods":1,)"
                                R"("ComparisonOperator":"GreaterThanOrEqualToThreshold","Threshold":1.0,)"
                                R"("TreatMissingData":"notBreaching","EvaluateLowSampleCountPercentile":""}})");
}

TEST_F(AlarmTransitions, ALongNameIsCutInTheSubject) {
    alarm->name = std::string(200, 'n');
    const std::string subject = notification_subject(state.identity, *alarm);
    EXPECT_EQ(subject.size(), 100U);
    EXPECT_THAT(subject, EndsWith(R"(nnn..." in US East (N. Virginia))"));
}

TEST_F(AlarmTransitions, TheHistoryHoldsBothStatesAndWhatWasPublished) {
    change_state(state, *alarm, {AlarmState::Alarm, "why", R"({"version":"1.0","threshold":2.0})", 4}, now);
    ASSERT_EQ(state.alarms.history.size(), 3U);
    EXPECT_EQ(state.alarms.history[0].summary, R"(Alarm "errors" created)");
    EXPECT_EQ(state.alarms.history[1].data,
              R"({"version":"1.0","oldState":{"stateValue":"INSUFFICIENT_DATA",)"
              R"("stateReason":"Unchecked: Initial alarm creation"},"newState":{"stateValue":"ALARM",)"
              R"("stateReason":"why","stateReasonData":{"version":"1.0","threshold":2.0}}})");
    EXPECT_EQ(state.alarms.history[2].summary, "Successfully executed action " + topic);
    const auto data = json::parse(state.alarms.history[2].data);
    EXPECT_EQ(data.at("actionState"), "Succeeded");
    EXPECT_EQ(data.at("notificationResource").as_string(), topic);
    const auto published = json::parse(data.at("publishedMessage").as_string());
    EXPECT_EQ(published.at("default").as_string(), state.messaging.messages.front().text);
}

TEST_F(AlarmTransitions, ActionsThatCannotBeDoneAreToldInTheHistory) {
    alarm->alarm_actions = {topic_arn(state.identity, "nobody"), "arn:aws:automate:us-east-1:ec2:stop",
                            "arn:aws:lambda:us-east-1:000000000000:function:f"};
    change_state(state, *alarm, {AlarmState::Alarm, "why", "", {}}, now);
    EXPECT_THAT(summaries("Action"),
                ElementsAre(StartsWith("Failed to execute action " + alarm->alarm_actions[0] + ". Received error: \""),
                            "Failed to execute action arn:aws:automate:us-east-1:ec2:stop. Received error: \"The local "
                            "ECS does not execute actions of this kind.\"",
                            StartsWith("Failed to execute action arn:aws:lambda:")));
    EXPECT_TRUE(state.messaging.messages.empty());
}

TEST_F(AlarmTransitions, NothingIsDoneWhileActionsAreSwitchedOff) {
    alarm->actions_enabled = false;
    alarm->alarm_actions.push_back(policy);
    change_state(state, *alarm, {AlarmState::Alarm, "why", "", {}}, now);
    EXPECT_EQ(summaries("StateUpdate").size(), 1U);
    EXPECT_TRUE(summaries("Action").empty());
    EXPECT_TRUE(state.messaging.messages.empty());
    EXPECT_TRUE(state.alarms.scaling_actions.empty());
}

TEST_F(AlarmTransitions, EachStateHasActionsOfItsOwn) {
    alarm->alarm_actions.clear();
    alarm->insufficient_data_actions = {topic};
    change_state(state, *alarm, {AlarmState::Ok, "fine", "", {}}, now);
    EXPECT_TRUE(state.messaging.messages.empty());
    change_state(state, *alarm, {AlarmState::InsufficientData, "gone", "", {}}, now);
    ASSERT_EQ(state.messaging.messages.size(), 1U);
    EXPECT_THAT(state.messaging.messages.front().subject, StartsWith("INSUFFICIENT_DATA: "));
}

TEST_F(AlarmTransitions, ScalingPoliciesAreToldEachMinuteOfAnAlarm) {
    // "The only exception is Auto Scaling actions: the alarm continues to invoke the action once per minute."
    alarm->metric->statistic = "Sum";
    alarm->alarm_actions = {policy};
    for (const double value : {4.0, 5.0, 0.0}) {
        put(value);
        evaluate_after(minutes(1));
    }
    const auto& asked = state.alarms.scaling_actions;
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].policy_arn, policy);
    EXPECT_EQ(asked[0].alarm_name, "errors");
    EXPECT_EQ(asked[0].threshold, 1);
    EXPECT_EQ(asked[0].value, 4);
    EXPECT_EQ(asked[1].value, 5);
    EXPECT_EQ(asked[1].at - asked[0].at, minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::Ok);
    EXPECT_THAT(summaries("Action"), ElementsAre("Successfully executed action " + policy));
}

TEST_F(AlarmTransitions, RulesAreToldWhereThereAreAny) {
    change_state(state, *alarm, {AlarmState::Ok, "fine", "", {}}, now);
    EXPECT_TRUE(state.rules.announced.empty());
    state.rules.by_name["all"].name = "all";
    change_state(state, *alarm, {AlarmState::Alarm, "why", R"({"version":"1.0"})", {}}, now);
    ASSERT_EQ(state.rules.announced.size(), 1U);
    const auto& event = std::get<WrittenEvent>(state.rules.announced.front().what);
    EXPECT_EQ(event.source, "aws.cloudwatch");
    EXPECT_EQ(event.detail_type, "CloudWatch Alarm State Change");
    EXPECT_EQ(event.resource, alarm->arn);
    const auto detail = json::parse(event.detail);
    EXPECT_EQ(detail.at("alarmName"), "errors");
    EXPECT_EQ(detail.at("state").at("value"), "ALARM");
    EXPECT_EQ(detail.at("state").at("reasonData"), R"({"version":"1.0"})") << "a text in an event";
    EXPECT_EQ(detail.at("previousState").at("reason"), "fine");
    const auto& metric = detail.at("configuration").at("metrics").at(0);
    EXPECT_EQ(metric.at("metricStat").at("metric").at("dimensions").at("Service"), "web");
    EXPECT_EQ(metric.at("metricStat").at("stat"), "SampleCount");
}

TEST_F(AlarmTransitions, AnExpressionThatCannotBeEvaluatedSaysSo) {
    alarm->metric.reset();
    alarm->queries = {{"e1", {}, "nowhere", "", "", true, {}}};
    change_state(state, *alarm, {AlarmState::Ok, "fine", "", {}}, now);
    evaluate_after(minutes(1));
    EXPECT_EQ(alarm->state, AlarmState::InsufficientData);
    EXPECT_EQ(alarm->reason, "Error in expression 'e1': there is no metric 'nowhere'");
}

TEST_F(AlarmTransitions, WithoutAnAlarmNothingHappens) {
    delete_alarm(state, "errors", now);
    EXPECT_FALSE(evaluate_alarms(state, metrics, now));
    EXPECT_EQ(summaries("ConfigurationUpdate").back(), R"(Alarm "errors" deleted)");
}

} // namespace
} // namespace ecsr::local
