#include "local/scheduler/alarm_watch.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr std::int64_t default_period_s = 60;

std::int64_t whole_number(const json::object& object, std::string_view name, std::int64_t fallback) {
    const json::value* member = object.if_contains(name);
    json::error_code not_a_number;
    const auto number = member == nullptr ? fallback : member->to_number<std::int64_t>(not_a_number);
    return not_a_number ? fallback : number;
}

// Of an alarm on one metric, or the longest of the metrics of an expression.
std::int64_t period_s(const json::object& alarm) {
    std::int64_t longest = whole_number(alarm, "Period", default_period_s);
    const json::value* metrics = alarm.if_contains("Metrics");
    if (metrics == nullptr || !metrics->is_array()) { return longest; }
    for (const json::value& query : metrics->get_array()) {
        const json::value* stat = query.is_object() ? query.get_object().if_contains("MetricStat") : nullptr;
        if (stat == nullptr || !stat->is_object()) { continue; }
        longest = std::max(longest, whole_number(stat->get_object(), "Period", default_period_s));
    }
    return longest;
}

Millis looks_back(const Alarm& alarm) {
    json::error_code error;
    const json::value document = json::parse(alarm.document, error);
    if (error || !document.is_object()) { return Seconds{default_period_s}; }
    const json::object& object = document.get_object();
    return Seconds{period_s(object) * whole_number(object, "EvaluationPeriods", 1)};
}

} // namespace

std::vector<std::string> alarms_that_fire(const State& state, const std::vector<std::string>& names) {
    std::vector<std::string> firing;
    for (const std::string& name : names) {
        const auto alarm = state.alarms.find(name);
        if (alarm != state.alarms.end() && alarm->second.state_value == "ALARM") { firing.push_back(name); }
    }
    return firing;
}

Millis bake_time(const State& state, const std::vector<std::string>& names, Millis longest) {
    Millis time = std::chrono::minutes{1};
    for (const std::string& name : names) {
        const auto alarm = state.alarms.find(name);
        if (alarm != state.alarms.end()) { time = std::max(time, looks_back(alarm->second)); }
    }
    return std::min(time, longest);
}

} // namespace ecsr::local
