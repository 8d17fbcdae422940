#include "local/api/alarm_view.hpp"

namespace ecsr::local::wire {

namespace {

json::object query_view(const AlarmQuery& query) {
    json::object view;
    view["Id"] = query.id;
    put(view, "Expression", query.expression);
    put(view, "Label", query.label);
    put(view, "AccountId", query.account_id);
    put(view, "ReturnData", query.returns_data);
    if (query.period) { view["Period"] = query.period->count(); }
    if (query.metric) {
        json::object metric;
        metric["Namespace"] = query.metric->name_space;
        metric["MetricName"] = query.metric->name;
        metric["Dimensions"] = tags_array(query.metric->dimensions, "Name", "Value");
        json::object stat;
        stat["Metric"] = std::move(metric);
        stat["Period"] = query.metric->period.count();
        stat["Stat"] = query.metric->statistic;
        put(stat, "Unit", query.metric->unit);
        view["MetricStat"] = std::move(stat);
    }
    return view;
}

void put_metrics(json::object& view, const Alarm& alarm) {
    if (alarm.metric) {
        view["Namespace"] = alarm.metric->name_space;
        view["MetricName"] = alarm.metric->name;
        view["Period"] = alarm.metric->period.count();
        view[is_extended(alarm.metric->statistic) ? "ExtendedStatistic" : "Statistic"] = alarm.metric->statistic;
        put(view, "Unit", alarm.metric->unit);
    }
    view["Dimensions"] = alarm.metric ? tags_array(alarm.metric->dimensions, "Name", "Value") : json::array();
    if (alarm.queries.empty()) { return; }
    json::array queries;
    for (const auto& query : alarm.queries) { queries.emplace_back(query_view(query)); }
    view["Metrics"] = std::move(queries);
}

void put_evaluation(json::object& view, const Alarm& alarm) {
    view["ComparisonOperator"] = alarm.comparison;
    put(view, "Threshold", alarm.threshold);
    view["EvaluationPeriods"] = alarm.evaluation_periods;
    put(view, "DatapointsToAlarm", alarm.datapoints_to_alarm);
    put(view, "TreatMissingData", alarm.treat_missing_data);
    put(view, "EvaluateLowSampleCountPercentile", alarm.low_sample_percentile);
}

} // namespace

json::object alarm_view(const Call& call, const Alarm& alarm) {
    json::object view;
    view["AlarmName"] = alarm.name;
    view["AlarmArn"] = alarm.arn;
    put(view, "AlarmDescription", alarm.description);
    view["AlarmConfigurationUpdatedTimestamp"] = call.time(alarm.configured_at);
    view["ActionsEnabled"] = alarm.actions_enabled;
    view["OKActions"] = to_array(alarm.ok_actions);
    view["AlarmActions"] = to_array(alarm.alarm_actions);
    view["InsufficientDataActions"] = to_array(alarm.insufficient_data_actions);
    view["StateValue"] = to_string(alarm.state);
    view["StateReason"] = alarm.reason;
    put(view, "StateReasonData", alarm.reason_data);
    view["StateUpdatedTimestamp"] = call.time(alarm.updated_at);
    view["StateTransitionedTimestamp"] = call.time(alarm.transitioned_at);
    if (!alarm.rule.empty()) {
        view["AlarmRule"] = alarm.rule;
        return view;
    }
    put_metrics(view, alarm);
    put_evaluation(view, alarm);
    return view;
}

} // namespace ecsr::local::wire
