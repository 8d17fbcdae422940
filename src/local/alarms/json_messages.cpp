#include "local/alarms/json_messages.hpp"

#include "local/state/json_alarm.hpp"
#include "local/state/json_line.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_subject = 100;

// As CloudWatch names them in its messages.
constexpr std::pair<const char*, const char*> region_names[] = {
    {"us-east-1", "US East (N. Virginia)"},
    {"us-east-2", "US East (Ohio)"},
    {"us-west-1", "US West (N. California)"},
    {"us-west-2", "US West (Oregon)"},
    {"af-south-1", "Africa (Cape Town)"},
    {"ap-east-1", "Asia Pacific (Hong Kong)"},
    {"ap-northeast-1", "Asia Pacific (Tokyo)"},
    {"ap-northeast-2", "Asia Pacific (Seoul)"},
    {"ap-northeast-3", "Asia Pacific (Osaka)"},
    {"ap-south-1", "Asia Pacific (Mumbai)"},
    {"ap-south-2", "Asia Pacific (Hyderabad)"},
    {"ap-southeast-1", "Asia Pacific (Singapore)"},
    {"ap-southeast-2", "Asia Pacific (Sydney)"},
    {"ap-southeast-3", "Asia Pacific (Jakarta)"},
    {"ap-southeast-4", "Asia Pacific (Melbourne)"},
    {"ca-central-1", "Canada (Central)"},
    {"eu-central-1", "EU (Frankfurt)"},
    {"eu-central-2", "Europe (Zurich)"},
    {"eu-north-1", "EU (Stockholm)"},
    {"eu-south-1", "EU (Milan)"},
    {"eu-south-2", "Europe (Spain)"},
    {"eu-west-1", "EU (Ireland)"},
    {"eu-west-2", "EU (London)"},
    {"eu-west-3", "EU (Paris)"},
    {"il-central-1", "Israel (Tel Aviv)"},
    {"me-central-1", "Middle East (UAE)"},
    {"me-south-1", "Middle East (Bahrain)"},
    {"sa-east-1", "South America (Sao Paulo)"},
};

std::string region_name(const std::string& region) {
    const auto* const found =
        std::ranges::find(region_names, region, [](const auto& names) { return std::string(names.first); });
    return found == std::end(region_names) ? region : found->second;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

// "AVERAGE", "SAMPLE_COUNT".
std::string shouted(const std::string& statistic) {
    std::string text;
    for (const char c : statistic) {
        if (c >= 'A' && c <= 'Z' && !text.empty()) { text += '_'; }
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
}

json::object query_in_trigger(const AlarmQuery& query) {
    json::object object;
    if (!query.expression.empty()) { object["Expression"] = query.expression; }
    object["Id"] = query.id;
    if (!query.label.empty()) { object["Label"] = query.label; }
    if (query.period) { object["Period"] = query.period->count(); }
    if (query.metric) {
        json::object metric;
        metric["Dimensions"] = dimension_list(query.metric->dimensions);
        metric["MetricName"] = query.metric->name;
        metric["Namespace"] = query.metric->name_space;
        json::object stat;
        stat["Metric"] = std::move(metric);
        stat["Period"] = query.metric->period.count();
        stat["Stat"] = query.metric->statistic;
        if (!query.metric->unit.empty()) { stat["Unit"] = query.metric->unit; }
        object["MetricStat"] = std::move(stat);
    }
    object["ReturnData"] = query.returns_data.value_or(true);
    return object;
}

json::object trigger(const Alarm& alarm) {
    json::object object;
    if (alarm.metric) {
        const AlarmMetric& metric = *alarm.metric;
        object["MetricName"] = metric.name;
        object["Namespace"] = metric.name_space;
        const bool extended = is_extended(metric.statistic);
        object["StatisticType"] = extended ? "ExtendedStatistic" : "Statistic";
        object[extended ? "ExtendedStatistic" : "Statistic"] = extended ? metric.statistic : shouted(metric.statistic);
        object["Unit"] = text_or_null(metric.unit);
        object["Dimensions"] = dimension_list(metric.dimensions);
        object["Period"] = metric.period.count();
    }
    object["EvaluationPeriods"] = alarm.evaluation_periods;
    if (alarm.datapoints_to_alarm) { object["DatapointsToAlarm"] = *alarm.datapoints_to_alarm; }
    object["ComparisonOperator"] = alarm.comparison;
    object["Threshold"] = alarm.threshold.value_or(0);
    object["TreatMissingData"] = alarm.treat_missing_data;
    object["EvaluateLowSampleCountPercentile"] = alarm.low_sample_percentile;
    if (!alarm.queries.empty()) {
        json::array queries;
        for (const auto& query : alarm.queries) { queries.emplace_back(query_in_trigger(query)); }
        object["Metrics"] = std::move(queries);
    }
    return object;
}

json::object metric_in_event(const AlarmMetric& metric) {
    json::object dimensions;
    for (const auto& [name, value] : metric.dimensions) { dimensions[name] = value; }
    json::object named;
    named["namespace"] = metric.name_space;
    named["name"] = metric.name;
    named["dimensions"] = std::move(dimensions);
    json::object stat;
    stat["metric"] = std::move(named);
    stat["period"] = metric.period.count();
    stat["stat"] = metric.statistic;
    if (!metric.unit.empty()) { stat["unit"] = metric.unit; }
    return stat;
}

json::object query_in_event(const AlarmQuery& query) {
    json::object object;
    object["id"] = query.id;
    if (!query.expression.empty()) { object["expression"] = query.expression; }
    if (!query.label.empty()) { object["label"] = query.label; }
    if (query.metric) { object["metricStat"] = metric_in_event(*query.metric); }
    object["returnData"] = query.returns_data.value_or(true);
    return object;
}

json::object configuration_in_event(State& state, const Alarm& alarm) {
    json::object object;
    if (!alarm.description.empty()) { object["description"] = alarm.description; }
    if (!alarm.rule.empty()) {
        object["alarmRule"] = alarm.rule;
        return object;
    }
    json::array metrics;
    if (alarm.metric) {
        json::object metric;
        metric["id"] = new_uuid(state.random);
        metric["metricStat"] = metric_in_event(*alarm.metric);
        metric["returnData"] = true;
        metrics.emplace_back(std::move(metric));
    }
    for (const auto& query : alarm.queries) { metrics.emplace_back(query_in_event(query)); }
    object["metrics"] = std::move(metrics);
    return object;
}

json::object state_in_event(AlarmState state, const std::string& reason, const std::string& data, Instant at) {
    json::object object;
    object["value"] = to_string(state);
    object["reason"] = reason;
    if (!data.empty()) { object["reasonData"] = data; }
    object["timestamp"] = cloudwatch_time(at);
    return object;
}

json::object state_in_history(AlarmState state, const std::string& reason, const std::string& data) {
    json::object object;
    object["stateValue"] = to_string(state);
    object["stateReason"] = reason;
    json::error_code error;
    json::value parsed = data.empty() ? json::value(nullptr) : json::parse(data, error);
    if (!error && !parsed.is_null()) { object["stateReasonData"] = std::move(parsed); }
    return object;
}

// {"triggeringAlarms":[{"arn":...,"state":{"value":...,"timestamp":...}}]} as SNS has it.
json::array triggering_children(const Alarm& alarm) {
    json::array children;
    json::error_code error;
    const json::value data = alarm.reason_data.empty() ? json::value(nullptr) : json::parse(alarm.reason_data, error);
    const auto* object = data.if_object();
    const auto* list = object == nullptr ? nullptr : object->if_contains("triggeringAlarms");
    if (list == nullptr || !list->is_array()) { return children; }
    for (const auto& item : list->get_array()) {
        const auto part = [&](const char* path) {
            const json::value* found = item.find_pointer(path, error);
            return found == nullptr ? json::value(nullptr) : *found;
        };
        json::object state;
        state["Value"] = part("/state/value");
        state["Timestamp"] = part("/state/timestamp");
        json::object child;
        child["Arn"] = part("/arn");
        child["State"] = std::move(state);
        children.emplace_back(std::move(child));
    }
    return children;
}

} // namespace

std::string notification_subject(const Identity& identity, const Alarm& alarm) {
    const auto with = [&](const std::string& name) {
        return fmt::format("{}: \"{}\" in {}", to_string(alarm.state), name, region_name(identity.region));
    };
    std::string subject = with(alarm.name);
    if (subject.size() <= longest_subject) { return subject; }
    const std::size_t around = with("...").size();
    return with(alarm.name.substr(0, longest_subject - around) + "...");
}

std::string notification(const Identity& identity, const Alarm& alarm, AlarmState before) {
    json::object object;
    object["AlarmName"] = alarm.name;
    object["AlarmDescription"] = text_or_null(alarm.description);
    object["AWSAccountId"] = identity.account_id;
    object["AlarmConfigurationUpdatedTimestamp"] = cloudwatch_time(alarm.configured_at);
    object["NewStateValue"] = to_string(alarm.state);
    object["NewStateReason"] = alarm.reason;
    object["StateChangeTime"] = cloudwatch_time(alarm.updated_at);
    object["Region"] = region_name(identity.region);
    object["AlarmArn"] = alarm.arn;
    object["OldStateValue"] = to_string(before);
    object["OKActions"] = text_list(alarm.ok_actions);
    object["AlarmActions"] = text_list(alarm.alarm_actions);
    object["InsufficientDataActions"] = text_list(alarm.insufficient_data_actions);
    if (alarm.rule.empty()) {
        object["Trigger"] = trigger(alarm);
    } else {
        object["AlarmRule"] = alarm.rule;
        object["TriggeringChildren"] = triggering_children(alarm);
    }
    return json_line(object, Decimals::OfJava);
}

std::string state_change_detail(State& state, const Alarm& alarm, const PastState& before) {
    json::object detail;
    detail["alarmName"] = alarm.name;
    detail["state"] = state_in_event(alarm.state, alarm.reason, alarm.reason_data, alarm.updated_at);
    detail["previousState"] = state_in_event(before.state, before.reason, before.reason_data, before.at);
    detail["configuration"] = configuration_in_event(state, alarm);
    return json_line(detail);
}

std::string state_update_history(const Alarm& alarm, const PastState& before) {
    json::object object;
    object["version"] = "1.0";
    object["oldState"] = state_in_history(before.state, before.reason, before.reason_data);
    object["newState"] = state_in_history(alarm.state, alarm.reason, alarm.reason_data);
    return json_line(object, Decimals::OfJava);
}

std::string action_history(const Alarm& alarm, const std::string& action, const std::string& message,
                           const std::string& error) {
    json::object object;
    object["actionState"] = error.empty() ? "Succeeded" : "Failed";
    object["stateUpdateTimestamp"] = alarm.updated_at.time_since_epoch().count();
    object["notificationResource"] = action;
    if (message.empty()) {
        object["publishedMessage"] = nullptr;
    } else {
        json::object by_protocol;
        by_protocol["default"] = message;
        object["publishedMessage"] = json_line(by_protocol);
    }
    object["error"] = text_or_null(error);
    return json_line(object);
}

} // namespace ecsr::local
