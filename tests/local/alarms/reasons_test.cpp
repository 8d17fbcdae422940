// StateReason and StateReasonData, letter for letter as CloudWatch gave them to others: DescribeAlarms, its
// notifications, and the events of the User Guide ("Alarm events and EventBridge").
#include "local/alarms/reasons.hpp"
#include "local/state/json_line.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

Alarm alarm_over(int periods, std::optional<int> to_alarm, const std::string& missing = "") {
    Alarm alarm;
    alarm.metric = AlarmMetric{"app", "Errors", {}, Seconds{60}, "Average", "Seconds"};
    alarm.comparison = "GreaterThanThreshold";
    alarm.threshold = 70;
    alarm.evaluation_periods = periods;
    alarm.datapoints_to_alarm = to_alarm;
    alarm.treat_missing_data = missing;
    return alarm;
}

const Instant noon = parse_rfc3339("2026-11-24T12:00:00Z").value();

// The newest last, at noon.
std::vector<Sighting> seen(std::vector<std::optional<double>> values) {
    std::vector<Sighting> range;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto ago = std::chrono::minutes(static_cast<int>(values.size() - 1 - i));
        range.push_back({noon - ago, values[i], values[i] ? std::optional(2.0) : std::nullopt});
    }
    return range;
}

std::string reason(const Alarm& alarm, std::vector<std::optional<double>> values) {
    return state_reason(alarm, judge(alarm, seen(std::move(values))));
}

constexpr std::nullopt_t none = std::nullopt;

TEST(AlarmReasons, TellTheDatapointsOutOfTheLastOnesWhereDatapointsToAlarmIsSet) {
    EXPECT_EQ(reason(alarm_over(1, 1), {1, 1, 83}),
              "Threshold Crossed: 1 out of the last 1 datapoints [83.0 (24/11/26 12:00:00)] was greater than the "
              "threshold (70.0) (minimum 1 datapoint for OK -> ALARM transition).");
    EXPECT_EQ(reason(alarm_over(3, 2), {1, 1, 71.5, 1, 83}),
              "Threshold Crossed: 2 out of the last 3 datapoints [83.0 (24/11/26 12:00:00), 71.5 (24/11/26 11:58:00)] "
              "were greater than the threshold (70.0) (minimum 2 datapoints for OK -> ALARM transition).");
    EXPECT_EQ(reason(alarm_over(3, 3), {1, 1, 83, 0.002, 2}),
              "Threshold Crossed: 2 out of the last 3 datapoints [2.0 (24/11/26 12:00:00), 0.002 (24/11/26 11:59:00)] "
              "were not greater than the threshold (70.0) (minimum 1 datapoint for ALARM -> OK transition).");
}

TEST(AlarmReasons, TellTheDatapointsAloneWhereItIsNot) {
    EXPECT_EQ(reason(alarm_over(1, {}), {1, 1, 83}),
              "Threshold Crossed: 1 datapoint [83.0 (24/11/26 12:00:00)] was greater than the threshold (70.0).");
    Alarm alarm = alarm_over(2, {});
    alarm.comparison = "LessThanOrEqualToThreshold";
    EXPECT_EQ(reason(alarm, {1, 1, 90, 90}),
              "Threshold Crossed: 2 datapoints [90.0 (24/11/26 12:00:00), 90.0 (24/11/26 11:59:00)] were not less than "
              "or equal to the threshold (70.0).");
}

TEST(AlarmReasons, TellTheNewestOfManyDatapoints) {
    EXPECT_EQ(reason(alarm_over(6, 5), {0, 0, 71, 72, 73, 74, 75, 76}),
              "Threshold Crossed: 6 out of the last 6 datapoints were greater than the threshold (70.0). The most "
              "recent datapoints which crossed the threshold: [76.0 (24/11/26 12:00:00), 75.0 (24/11/26 11:59:00), "
              "74.0 (24/11/26 11:58:00), 73.0 (24/11/26 11:57:00), 72.0 (24/11/26 11:56:00)] (minimum 5 datapoints for "
              "OK -> ALARM transition).");
}

TEST(AlarmReasons, TellHowMissingDatapointsWereTreated) {
    EXPECT_EQ(reason(alarm_over(1, {}, "notBreaching"), {none, none, none}),
              "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
              "[NonBreaching].");
    EXPECT_EQ(reason(alarm_over(2, {}, "breaching"), {none, none, none, none}),
              "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
              "[Breaching].");
    EXPECT_EQ(
        reason(alarm_over(20, 1, "notBreaching"), {none, none, none, none, none, none, none, none, none, none, none,
                                                   none, none, none, none, none, none, none, none, none, none, 83}),
        "Threshold Crossed: 1 out of the last 20 datapoints [83.0 (24/11/26 12:00:00)] was greater than the "
        "threshold (70.0) and 19 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> "
        "ALARM transition).");
}

TEST(AlarmReasons, TellOfUnknownDatapoints) {
    EXPECT_EQ(reason(alarm_over(1, {}), {none, none, none}), "Insufficient Data: 1 datapoint was unknown.");
    EXPECT_EQ(reason(alarm_over(3, 1), {none, none, none, none, none}),
              "Insufficient Data: 3 datapoints were unknown.");
}

TEST(AlarmReasonData, HoldsWhatWasEvaluated) {
    const Alarm alarm = alarm_over(2, {});
    EXPECT_EQ(
        reason_data(alarm, judge(alarm, seen({1, 80, none, 21.5})), noon + Seconds{61} + Millis{5}),
        R"({"version":"1.0","queryDate":"2026-11-24T12:01:01.005+0000","startDate":"2026-11-24T11:58:00.000+0000",)"
        R"("unit":"Seconds","statistic":"Average","period":60,"recentDatapoints":[80.0,21.5],"threshold":70.0,)"
        R"("evaluatedDatapoints":[{"timestamp":"2026-11-24T12:00:00.000+0000","sampleCount":2.0,"value":21.5},)"
        R"({"timestamp":"2026-11-24T11:58:00.000+0000","sampleCount":2.0,"value":80.0}]})");
}

TEST(AlarmReasonData, HoldsThePeriodsThatAreMissing) {
    Alarm alarm = alarm_over(2, {}, "breaching");
    alarm.metric->unit = "";
    EXPECT_EQ(reason_data(alarm, judge(alarm, seen({none, none, none, none})), noon),
              R"({"version":"1.0","queryDate":"2026-11-24T12:00:00.000+0000","statistic":"Average","period":60,)"
              R"("recentDatapoints":[],"threshold":70.0,"evaluatedDatapoints":[)"
              R"({"timestamp":"2026-11-24T12:00:00.000+0000"},{"timestamp":"2026-11-24T11:59:00.000+0000"}]})");
}

TEST(AlarmReasons, WriteNumbersAsJavaDoes) {
    // Double.toString(): an exponent below 10^-3 and from 10^7 on.
    const std::pair<double, const char*> cases[] = {{0, "0.0"},       {70, "70.0"},         {0.001, "0.001"},
                                                    {1e-4, "1.0E-4"}, {-1.5e-5, "-1.5E-5"}, {9'999'999, "9999999.0"},
                                                    {1e7, "1.0E7"},   {1.25e21, "1.25E21"}};
    for (const auto& [value, text] : cases) { EXPECT_EQ(java_decimal(value), text); }
}

} // namespace
} // namespace ecsr::local
