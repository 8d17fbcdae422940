// How alarms judge what they see. The tables are those of the CloudWatch User Guide, "Configuring how CloudWatch alarms
// treat missing data" (alarms-and-missing-data.html).
#include "local/alarms/evaluation.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;

const Instant now = std::chrono::floor<minutes>(ecsr::testing::fixed_epoch) + minutes(60);

Alarm alarm_over(int periods, std::optional<int> to_alarm, const std::string& missing) {
    Alarm alarm;
    alarm.name = "a";
    alarm.metric = AlarmMetric{"app", "Errors", {}, Seconds{60}, "Sum", ""};
    alarm.comparison = "GreaterThanThreshold";
    alarm.threshold = 5;
    alarm.evaluation_periods = periods;
    alarm.datapoints_to_alarm = to_alarm;
    alarm.treat_missing_data = missing;
    return alarm;
}

// "0 - X": not breaching, missing, breaching; the newest last.
std::vector<Sighting> sightings(const std::string& drawing) {
    std::vector<Sighting> range;
    for (const char c : drawing) {
        if (c == ' ') { continue; }
        Sighting sighting;
        if (c != '-') { sighting.value = c == 'X' ? 9 : 1; }
        range.push_back(sighting);
    }
    for (std::size_t i = 0; i < range.size(); ++i) { range[i].at = now - minutes(static_cast<int>(range.size() - i)); }
    return range;
}

std::string judged(const std::string& drawing, int to_alarm, const std::string& missing) {
    const auto verdict = judge(alarm_over(3, to_alarm, missing), sightings(drawing));
    return verdict.state ? to_string(*verdict.state) : "as it was";
}

struct Row {
    const char* drawing;
    const char* missing;
    const char* ignore;
    const char* breaching;
    const char* not_breaching;
};

void expect_table(int to_alarm, std::initializer_list<Row> rows) {
    for (const auto& row : rows) {
        EXPECT_EQ(judged(row.drawing, to_alarm, ""), row.missing) << row.drawing;
        EXPECT_EQ(judged(row.drawing, to_alarm, "missing"), row.missing) << row.drawing;
        EXPECT_EQ(judged(row.drawing, to_alarm, "ignore"), row.ignore) << row.drawing;
        EXPECT_EQ(judged(row.drawing, to_alarm, "breaching"), row.breaching) << row.drawing;
        EXPECT_EQ(judged(row.drawing, to_alarm, "notBreaching"), row.not_breaching) << row.drawing;
    }
}

TEST(AlarmEvaluation, ThreeOutOfThreeAsInTheUserGuide) {
    expect_table(3, {{"0 - X - X", "OK", "OK", "OK", "OK"},
                     {"0 - - - -", "OK", "OK", "OK", "OK"},
                     {"- - - - -", "INSUFFICIENT_DATA", "as it was", "ALARM", "OK"},
                     {"0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
                     {"- - X - -", "ALARM", "as it was", "ALARM", "OK"}});
}

TEST(AlarmEvaluation, TwoOutOfThreeAsInTheUserGuide) {
    expect_table(2, {{"0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
                     {"0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"},
                     {"0 - X - -", "OK", "OK", "ALARM", "OK"},
                     {"- - - - 0", "OK", "OK", "ALARM", "OK"},
                     {"- - - X -", "ALARM", "as it was", "ALARM", "OK"}});
}

TEST(AlarmEvaluation, OneBreachingDatapointAfterALongSilenceIsTooEarlyForAnAlarm) {
    // "the alarm does not go immediately into ALARM state when the data is either - - - - X or - - - X -"
    for (const char* drawing : {"- - - - X", "- - - X -"}) {
        EXPECT_EQ(judged(drawing, 3, "missing"), "as it was");
        EXPECT_EQ(judged(drawing, 3, "ignore"), "as it was");
    }
    EXPECT_EQ(judged("- - - X 0", 3, "missing"), "OK");
}

TEST(AlarmEvaluation, OnlyAsManyDatapointsCountAsThereAreEvaluationPeriods) {
    EXPECT_EQ(judged("X X 0 0 0", 1, "missing"), "OK");
    const auto verdict = judge(alarm_over(3, 2, ""), sightings("X 0 X - X"));
    ASSERT_EQ(verdict.judged.size(), 3U);
    EXPECT_EQ(verdict.judged.front().at, now - minutes(1)) << "the newest first";
    EXPECT_EQ(verdict.judged.back().at, now - minutes(4));
    EXPECT_EQ(verdict.crossing.size(), 2U);
    EXPECT_EQ(verdict.filled, 0U);
}

TEST(AlarmEvaluation, EveryComparisonHasItsSideOfTheThreshold) {
    const auto breaching = [](const char* comparison, double value) {
        Alarm alarm = alarm_over(1, {}, "");
        alarm.comparison = comparison;
        return is_breaching(alarm, value);
    };
    EXPECT_TRUE(breaching("GreaterThanThreshold", 5.1) && !breaching("GreaterThanThreshold", 5));
    EXPECT_TRUE(breaching("GreaterThanOrEqualToThreshold", 5) && !breaching("GreaterThanOrEqualToThreshold", 4.9));
    EXPECT_TRUE(breaching("LessThanThreshold", 4.9) && !breaching("LessThanThreshold", 5));
    EXPECT_TRUE(breaching("LessThanOrEqualToThreshold", 5) && !breaching("LessThanOrEqualToThreshold", 5.1));
}

class Looking : public ::testing::Test {
protected:
    void put(double value, int minutes_ago, const std::string& unit = "None",
             const std::map<std::string, std::string>& dimensions = {}) {
        metrics.put({"app", "Errors", dimensions}, unit, now - minutes(minutes_ago), of_value(value), now);
    }
    std::vector<std::optional<double>> seen(const Alarm& alarm, Instant at = now) {
        std::vector<std::optional<double>> values;
        const auto range = look(alarm, metrics, at);
        for (const auto& sighting : range.value()) { values.push_back(sighting.value); }
        return values;
    }
    MetricStore metrics;
    const std::optional<double> none;
};

TEST_F(Looking, SeesTwoPeriodsMoreThanItEvaluates) {
    put(1, 1);
    put(2, 3);
    put(3, 4); // too old
    EXPECT_EQ(seen(alarm_over(1, {}, "")), (std::vector<std::optional<double>>{2, none, 1}));
}

TEST_F(Looking, EndsWithTheLastFullMinute) {
    put(1, 0); // of the minute that has just begun
    put(2, 1);
    EXPECT_EQ(seen(alarm_over(1, {}, ""), now + Seconds{20}), (std::vector<std::optional<double>>{none, none, 2}));
}

TEST_F(Looking, LongPeriodsSlideByTheMinute) {
    // "at the end of minute 6, the alarm is evaluated based on the data from minutes 2 to 6"
    for (int i = 1; i <= 6; ++i) { put(i, i); }
    Alarm alarm = alarm_over(1, {}, "");
    alarm.metric->period = minutes(5);
    EXPECT_EQ(seen(alarm).back(), 15);
    EXPECT_EQ(seen(alarm, now - minutes(1)).back(), 20);
}

TEST_F(Looking, TakesItsOwnUnitDimensionsAndStatistic) {
    put(1, 1, "Count");
    put(7, 1, "Seconds");
    put(3, 1, "Count", {{"a", "b"}});
    put(5, 1, "Count", {{"a", "b"}});
    Alarm alarm = alarm_over(1, {}, "");
    alarm.metric->unit = "Seconds";
    EXPECT_EQ(seen(alarm).back(), 7);
    alarm.metric->unit = "";
    EXPECT_EQ(seen(alarm).back(), 8);
    alarm.metric->dimensions = {{"a", "b"}};
    alarm.metric->statistic = "Average";
    EXPECT_EQ(seen(alarm).back(), 4);
    alarm.metric->statistic = "p100";
    EXPECT_EQ(seen(alarm).back(), 5);
    EXPECT_EQ(look(alarm, metrics, now)->back().samples, 2);
}

TEST_F(Looking, ComputesMetricMath) {
    put(3, 1);
    put(4, 1, "None", {{"of", "all"}});
    Alarm alarm = alarm_over(1, {}, "");
    const AlarmMetric errors = *alarm.metric;
    AlarmMetric requests = errors;
    requests.dimensions = {{"of", "all"}};
    alarm.metric.reset();
    alarm.queries = {{"errors", errors, "", "", "", false, {}},
                     {"all", requests, "", "", "", false, {}},
                     {"rate", {}, "100 * errors / all", "", "", true, {}}};
    EXPECT_EQ(seen(alarm), (std::vector<std::optional<double>>{none, none, 75}));
    alarm.queries[2].expression = "nowhere + 1";
    EXPECT_EQ(look(alarm, metrics, now).error().message, "Error in expression 'rate': there is no metric 'nowhere'");
}

TEST_F(Looking, TooFewSamplesForAPercentileChangeNothingWhereTheAlarmSaysSo) {
    // "Percentile-based CloudWatch alarms and low data samples": 10 / (1 - percentile)
    Alarm alarm = alarm_over(1, {}, "");
    alarm.metric->statistic = "p90";
    for (int i = 0; i < 99; ++i) { put(50, 1); }
    EXPECT_EQ(judge(alarm, *look(alarm, metrics, now)).state, AlarmState::Alarm);
    alarm.low_sample_percentile = "ignore";
    EXPECT_FALSE(judge(alarm, *look(alarm, metrics, now)).state);
    put(50, 1);
    EXPECT_EQ(judge(alarm, *look(alarm, metrics, now)).state, AlarmState::Alarm);
}

} // namespace
} // namespace ecsr::local
