#include "local/api/alarm_input.hpp"

#include "local/alarms/evaluation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::local::wire {

namespace {

constexpr int day = 86'400;
constexpr int week = 7 * day;
constexpr std::size_t most_queries = 20;
constexpr std::size_t most_actions = 5;

void check_length(Input& input, std::string_view name, const std::string& value, std::size_t most) {
    if (value.size() <= most) { return; }
    input.note_constraint(name, value, fmt::format("Member must have length less than or equal to {}", most));
}

std::vector<std::string> read_actions(Input& input, std::string_view name) {
    auto actions = input.texts(name).value_or(std::vector<std::string>{});
    if (actions.size() > most_actions) {
        input.note_constraint(name, std::nullopt, "Member must have length less than or equal to 5");
    }
    for (const auto& action : actions) {
        if (!action.starts_with("arn:") || action.size() > 1024) {
            refuse_alarm(input, fmt::format("Invalid arn syntax: {}", action));
        }
    }
    return actions;
}

Seconds read_alarm_period(Input& input) {
    const int seconds = input.required_integer("Period");
    if (seconds < 60 || seconds % 60 != 0) {
        refuse_alarm(input, fmt::format("The parameter Period must be a multiple of 60, not {}: the local ECS keeps "
                                        "datapoints by the minute.",
                                        seconds));
        return Seconds{60};
    }
    return Seconds{seconds};
}

void check_statistic(Input& input, const std::string& name) {
    if (is_statistic(name)) { return; }
    refuse_alarm(input,
                 fmt::format("The value {} for parameter Statistic is not supported: the local ECS knows Average, Sum, "
                             "Minimum, Maximum, SampleCount and pNN.",
                             name));
}

AlarmMetric read_single_metric(Input& input) {
    AlarmMetric metric;
    metric.name_space = input.required_text("Namespace");
    metric.name = input.required_text("MetricName");
    metric.dimensions = input.pairs("Dimensions", "Name", "Value");
    metric.unit = read_unit(input).value_or("");
    const auto plain = input.text_among("Statistic", {"SampleCount", "Average", "Sum", "Minimum", "Maximum"});
    const auto extended = input.text("ExtendedStatistic");
    metric.period = read_alarm_period(input);
    if (plain.has_value() == extended.has_value()) {
        refuse_alarm(input, "Exactly one of Statistic or ExtendedStatistic must be specified");
    }
    metric.statistic = plain.value_or(extended.value_or("Average"));
    check_statistic(input, metric.statistic);
    if (metric.dimensions.size() > 30) {
        input.note_constraint("Dimensions", std::nullopt, "Member must have length less than or equal to 30");
    }
    return metric;
}

AlarmMetric read_metric_stat(Input& stat) {
    AlarmMetric read;
    if (auto metric = stat.object("Metric")) {
        read.name_space = metric->required_text("Namespace");
        read.name = metric->required_text("MetricName");
        read.dimensions = metric->pairs("Dimensions", "Name", "Value");
    } else {
        stat.note_constraint("Metric", std::nullopt, "Member must not be null");
    }
    read.period = read_alarm_period(stat);
    read.statistic = stat.required_text("Stat");
    read.unit = read_unit(stat).value_or("");
    check_statistic(stat, read.statistic);
    return read;
}

bool is_query_id(const std::string& id) {
    return !id.empty() && id[0] >= 'a' && id[0] <= 'z' &&
           std::ranges::all_of(id, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

AlarmQuery read_alarm_query(Input& input) {
    AlarmQuery query;
    query.id = input.required_text("Id");
    query.expression = input.text_or("Expression", "");
    query.label = input.text_or("Label", "");
    query.account_id = input.text_or("AccountId", "");
    query.returns_data = input.boolean("ReturnData");
    if (input.has("Period")) { query.period = read_alarm_period(input); }
    if (auto stat = input.object("MetricStat")) { query.metric = read_metric_stat(*stat); }
    if (input.good() && !is_query_id(query.id)) {
        refuse_alarm(input, fmt::format("The value {} for parameter Id is not matching the expected pattern "
                                        "^[a-z][a-zA-Z0-9_]*$",
                                        query.id));
    }
    if (query.metric.has_value() == !query.expression.empty()) {
        refuse_alarm(input, fmt::format("Query {} needs either MetricStat or Expression.", query.id));
    }
    return query;
}

// Ids that are unique and known, expressions that can be read, and one query that the alarm watches.
void check_queries(Input& input, const std::vector<AlarmQuery>& queries) {
    if (queries.size() > most_queries) {
        refuse_alarm(input, fmt::format("An alarm has at most {} Metrics.", most_queries));
    }
    std::set<std::string> ids;
    for (const auto& query : queries) {
        if (!ids.insert(query.id).second) {
            refuse_alarm(input, fmt::format("The values for parameter id in Metrics are not unique: {}", query.id));
        }
    }
    if (std::ranges::count_if(queries, [](const auto& query) { return query.returns_data.value_or(true); }) != 1) {
        refuse_alarm(input, "Exactly one element of the metrics list should return data.");
    }
    if (!input.good()) { return; }
    const auto answers = answer_queries(MetricStore(), metric_queries(queries), Instant(), Instant(minute));
    if (!answers) { return refuse_alarm(input, answers.error().message); }
    if (answers->size() != 1) { refuse_alarm(input, "The metrics of an alarm must yield one time series."); }
}

void check_span(Input& input, const Alarm& alarm) {
    const Seconds longest = alarm_period(alarm);
    const auto span = longest.count() * alarm.evaluation_periods;
    if (longest.count() < 3'600 && span > day) {
        refuse_alarm(input,
                     "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).");
    }
    if (span > week) {
        refuse_alarm(input,
                     "Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= "
                     "604800).");
    }
}

void read_comparison(Input& input, Alarm& alarm) {
    alarm.comparison = input.required_text("ComparisonOperator");
    input.text_among("ComparisonOperator",
                     {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
                      "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
                      "LessThanLowerThreshold", "GreaterThanUpperThreshold"});
    alarm.threshold = input.number("Threshold");
    if (input.has("ThresholdMetricId") || alarm.comparison.find("Lower") != std::string::npos ||
        alarm.comparison.find("Upper") != std::string::npos) {
        refuse_alarm(input,
                     "The local ECS has no anomaly detection: an alarm needs Threshold, and a ComparisonOperator among "
                     "GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold and "
                     "LessThanOrEqualToThreshold.");
    }
    if (!alarm.threshold) { refuse_alarm(input, "The parameter Threshold must be specified."); }
}

void read_periods(Input& input, Alarm& alarm) {
    input.required_integer("EvaluationPeriods");
    alarm.evaluation_periods = input.integer_between("EvaluationPeriods", 1, week).value_or(1);
    alarm.datapoints_to_alarm = input.integer_between("DatapointsToAlarm", 1, week);
    if (alarm.datapoints_to_alarm && *alarm.datapoints_to_alarm > alarm.evaluation_periods) {
        refuse_alarm(input, "The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods.");
    }
    alarm.treat_missing_data =
        input.text_among("TreatMissingData", {"breaching", "notBreaching", "ignore", "missing"}).value_or("");
    alarm.low_sample_percentile =
        input.text_among("EvaluateLowSampleCountPercentile", {"evaluate", "ignore"}).value_or("");
}

void check_one_kind(Input& input) {
    for (const char* name : {"EvaluationCriteria", "EvaluationInterval"}) {
        if (input.has(name)) {
            refuse_alarm(input, fmt::format("The parameter {} is not supported: the local ECS evaluates MetricName and "
                                            "Metrics.",
                                            name));
        }
    }
    if (input.has("MetricName") == input.has("Metrics")) {
        refuse_alarm(input, "Exactly one of MetricName or Metrics must be specified");
    }
    if (!input.has("Metrics")) { return; }
    for (const char* name :
         {"MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"}) {
        if (input.has(name)) {
            refuse_alarm(input, fmt::format("The parameter {} cannot be used with Metrics.", name));
        }
    }
}

} // namespace

void refuse_alarm(Input& input, std::string message) {
    if (input.good()) { input.note({"ValidationError", std::move(message)}); }
}

std::optional<std::string> read_unit(Input& input) {
    return input.text_among("Unit", {"Seconds",
                                     "Microseconds",
                                     "Milliseconds",
                                     "Bytes",
                                     "Kilobytes",
                                     "Megabytes",
                                     "Gigabytes",
                                     "Terabytes",
                                     "Bits",
                                     "Kilobits",
                                     "Megabits",
                                     "Gigabits",
                                     "Terabits",
                                     "Percent",
                                     "Count",
                                     "Bytes/Second",
                                     "Kilobytes/Second",
                                     "Megabytes/Second",
                                     "Gigabytes/Second",
                                     "Terabytes/Second",
                                     "Bits/Second",
                                     "Kilobits/Second",
                                     "Megabits/Second",
                                     "Gigabits/Second",
                                     "Terabits/Second",
                                     "Count/Second",
                                     "None"});
}

Alarm read_any_alarm(Input& input) {
    Alarm alarm;
    alarm.name = input.required_text("AlarmName");
    if (input.good() && (alarm.name.empty() || alarm.name.size() > 255)) {
        input.note_constraint("AlarmName", alarm.name, "Member must have length from 1 to 255");
    }
    alarm.description = input.text_or("AlarmDescription", "");
    check_length(input, "AlarmDescription", alarm.description, 1024);
    alarm.actions_enabled = input.boolean_or("ActionsEnabled", true);
    alarm.ok_actions = read_actions(input, "OKActions");
    alarm.alarm_actions = read_actions(input, "AlarmActions");
    alarm.insufficient_data_actions = read_actions(input, "InsufficientDataActions");
    alarm.tags = input.pairs("Tags", "Key", "Value");
    if (alarm.tags.size() > 50) { refuse_alarm(input, "An alarm has at most 50 tags."); }
    return alarm;
}

Alarm read_metric_alarm(Input& input) {
    Alarm alarm = read_any_alarm(input);
    read_periods(input, alarm);
    read_comparison(input, alarm);
    check_one_kind(input);
    if (!input.good()) { return alarm; }
    if (input.has("MetricName")) {
        alarm.metric = read_single_metric(input);
    } else {
        for (auto& query : input.objects("Metrics")) { alarm.queries.push_back(read_alarm_query(query)); }
        if (input.good()) { check_queries(input, alarm.queries); }
    }
    check_span(input, alarm);
    return alarm;
}

} // namespace ecsr::local::wire
