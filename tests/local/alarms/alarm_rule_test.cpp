// Composite alarms (CloudWatch API Reference, PutCompositeAlarm; User Guide, "Combining alarms").
#include "local/alarms/alarm_rule.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AlarmRules : public ::testing::Test {
protected:
    AlarmRules() {
        put("on", AlarmState::Alarm);
        put("off", AlarmState::Ok);
        put("blind", AlarmState::InsufficientData);
    }

    Alarm& put(const std::string& name, AlarmState value, const std::string& rule = "") {
        Alarm alarm;
        alarm.name = name;
        alarm.rule = rule;
        alarm.state = value;
        return put_alarm(state, alarm, now);
    }
    bool holds(const std::string& rule) {
        const auto outcome = evaluate_rule(rule, state);
        EXPECT_TRUE(outcome) << rule << ": " << outcome.error().message;
        return outcome && outcome->holds;
    }
    std::string problem(const std::string& rule) {
        const auto outcome = evaluate_rule(rule, state);
        return outcome ? "" : outcome.error().message;
    }

    State state;
    Instant now = ecsr::testing::fixed_epoch;
};

TEST_F(AlarmRules, AskForTheStatesOfAlarms) {
    EXPECT_TRUE(holds("ALARM(on)"));
    EXPECT_FALSE(holds("OK(on)"));
    EXPECT_TRUE(holds("OK ( \"off\" )"));
    EXPECT_TRUE(holds("INSUFFICIENT_DATA(blind)"));
    EXPECT_TRUE(holds("ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:on)"));
    EXPECT_FALSE(holds("ALARM(gone)"));
    EXPECT_TRUE(holds("TRUE"));
    EXPECT_FALSE(holds("FALSE"));
}

TEST_F(AlarmRules, CombineThem) {
    EXPECT_TRUE(holds("ALARM(on) AND NOT ALARM(off)"));
    EXPECT_TRUE(holds("TRUE OR FALSE AND FALSE"));
    EXPECT_FALSE(holds("(TRUE OR FALSE) AND FALSE"));
    EXPECT_FALSE(holds("NOT TRUE OR FALSE"));
    EXPECT_FALSE(holds("NOT (TRUE OR FALSE)"));
    EXPECT_TRUE(holds("NOT NOT TRUE"));
    EXPECT_THAT(evaluate_rule("ALARM(on) OR (OK(\"off\") AND ALARM(on))", state)->names, ElementsAre("on", "off"));
}

TEST_F(AlarmRules, SayWhereTheyCannotBeRead) {
    EXPECT_EQ(problem("ALARM(on) XOR OK(off)"),
              "AlarmRule cannot be read at character 11: there must be AND, OR or the end.");
    EXPECT_THAT(problem(""), HasSubstr("at character 1: there must be ALARM, OK"));
    EXPECT_THAT(problem("ALARM on"), HasSubstr("at character 7: there must be \"(\""));
    EXPECT_THAT(problem("ALARM(\"on)"), HasSubstr("the name of an alarm"));
    EXPECT_THAT(problem("(TRUE"), HasSubstr("at character 6: there must be \")\""));
    EXPECT_THAT(problem(std::string(5'000, '(')), HasSubstr("less nesting"));
    EXPECT_THAT(problem("ALARMS(on)"), HasSubstr("at character 1"));
}

TEST_F(AlarmRules, MoveTheirAlarmAndTellWhichOneDidIt) {
    Alarm& both = put("both", AlarmState::Ok, "ALARM(on) AND ALARM(off)");
    Alarm& top = put("top", AlarmState::Ok, "ALARM(both)");
    EXPECT_FALSE(evaluate_composite_alarms(state, now));
    now = parse_rfc3339("2026-11-24T20:47:35.671Z").value();
    find_alarm(state, "off")->state = AlarmState::Alarm;
    find_alarm(state, "off")->transitioned_at = now;
    EXPECT_TRUE(evaluate_composite_alarms(state, now));
    EXPECT_EQ(both.state, AlarmState::Alarm);
    EXPECT_EQ(both.reason, "arn:aws:cloudwatch:us-east-1:000000000000:alarm:off transitioned to ALARM at Tuesday 24 "
                           "November, 2026 20:47:35 UTC");
    EXPECT_EQ(both.reason_data, R"({"triggeringAlarms":[{"arn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:off",)"
                                R"("state":{"value":"ALARM","timestamp":"2026-11-24T20:47:35.671+0000"}}]})");
    EXPECT_EQ(top.state, AlarmState::Alarm) << "made of an alarm that is made of others";
    EXPECT_TRUE(state.alarms.history.back().of_composite);
}

TEST_F(AlarmRules, AreEvaluatedWhenTheyArePut) {
    Alarm& alarm = put("new", AlarmState::InsufficientData, "ALARM(on)");
    evaluate_new_rule(state, alarm, true, now);
    EXPECT_EQ(alarm.state, AlarmState::Alarm);
    EXPECT_EQ(alarm.reason, alarm.arn + " was created and its alarm rule evaluates to ALARM");
}

} // namespace
} // namespace ecsr::local
