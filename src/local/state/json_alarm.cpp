#include "local/state/json_alarm.hpp"

#include "local/state/json_line.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace ecsr::local {

namespace json = boost::json;

namespace {

void put(json::object& object, const char* name, const std::string& text) {
    if (!text.empty()) { object[name] = text; }
}

template <typename T>
void put(json::object& object, const char* name, const std::optional<T>& value) {
    if (value) { object[name] = *value; }
}

json::object query_object(const AlarmQuery& query) {
    json::object object;
    object["id"] = query.id;
    put(object, "expression", query.expression);
    put(object, "label", query.label);
    if (query.period) { object["period"] = query.period->count(); }
    if (query.metric) {
        json::object metric;
        metric["namespace"] = query.metric->name_space;
        metric["metricName"] = query.metric->name;
        metric["dimensions"] = dimension_list(query.metric->dimensions);
        json::object stat;
        stat["metric"] = std::move(metric);
        stat["period"] = query.metric->period.count();
        stat["stat"] = query.metric->statistic;
        put(stat, "unit", query.metric->unit);
        object["metricStat"] = std::move(stat);
    }
    object["returnData"] = query.returns_data.value_or(true);
    return object;
}

void put_metrics(json::object& object, const Alarm& alarm) {
    if (alarm.metric) {
        const AlarmMetric& metric = *alarm.metric;
        object["namespace"] = metric.name_space;
        object["metricName"] = metric.name;
        put(object, is_extended(metric.statistic) ? "extendedStatistic" : "statistic", metric.statistic);
        object["period"] = metric.period.count();
        put(object, "unit", metric.unit);
        object["dimensions"] = dimension_list(metric.dimensions);
    }
    if (!alarm.queries.empty()) {
        json::array queries;
        for (const auto& query : alarm.queries) { queries.emplace_back(query_object(query)); }
        object["metrics"] = std::move(queries);
    }
    put(object, "alarmRule", alarm.rule);
}

json::object configuration(const Alarm& alarm) {
    json::object object;
    object["alarmName"] = alarm.name;
    put(object, "alarmDescription", alarm.description);
    object["alarmArn"] = alarm.arn;
    object["alarmConfigurationUpdatedTimestamp"] = cloudwatch_time(alarm.configured_at);
    put_metrics(object, alarm);
    if (alarm.rule.empty()) {
        put(object, "threshold", alarm.threshold);
        object["comparisonOperator"] = alarm.comparison;
        object["evaluationPeriods"] = alarm.evaluation_periods;
        put(object, "datapointsToAlarm", alarm.datapoints_to_alarm);
        put(object, "treatMissingData", alarm.treat_missing_data);
        put(object, "evaluateLowSampleCountPercentile", alarm.low_sample_percentile);
    }
    object["stateValue"] = to_string(alarm.state);
    object["stateUpdatedTimestamp"] = cloudwatch_time(alarm.updated_at);
    object["actionsEnabled"] = alarm.actions_enabled;
    object["alarmActions"] = text_list(alarm.alarm_actions);
    object["insufficientDataActions"] = text_list(alarm.insufficient_data_actions);
    object["okactions"] = text_list(alarm.ok_actions);
    return object;
}

} // namespace

std::string cloudwatch_time(Instant at) {
    const auto seconds = std::chrono::floor<Seconds>(at);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+0000", fmt::gmtime(seconds.time_since_epoch().count()),
                       (at - seconds).count());
}

json::array dimension_list(const std::map<std::string, std::string>& dimensions) {
    json::array list;
    for (const auto& [name, value] : dimensions) {
        json::object dimension;
        dimension["value"] = value;
        dimension["name"] = name;
        list.emplace_back(std::move(dimension));
    }
    return list;
}

json::array text_list(const std::vector<std::string>& texts) {
    json::array list;
    for (const auto& text : texts) { list.emplace_back(text); }
    return list;
}

std::string configuration_history(const Alarm& alarm, const char* type) {
    const std::string_view kind(type);
    json::object object;
    object["version"] = "1.0";
    object["type"] = type;
    object[kind == "Create"   ? "createdAlarm"
           : kind == "Update" ? "updatedAlarm"
                              : "deletedAlarm"] = configuration(alarm);
    return json_line(object, Decimals::OfJava);
}

} // namespace ecsr::local
