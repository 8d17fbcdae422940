// CloudWatch alarms: put, described, switched and deleted (ECS behaviour A5, F4).
#include "local/alarms/alarm_rule.hpp"
#include "local/alarms/transition.hpp"
#include "local/api/alarm_input.hpp"
#include "local/api/alarm_view.hpp"
#include "local/api/paging.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

ApiResult<json::object> put_metric_alarm(Call& call, Input& input) {
    Alarm alarm = read_metric_alarm(input);
    if (!input.good()) { return input.problem(); }
    const Alarm* old = find_alarm(call.state, alarm.name);
    if (old != nullptr && !old->rule.empty()) {
        return api_fail("ValidationError", fmt::format("{} is the name of a composite alarm already.", alarm.name));
    }
    put_alarm(call.state, std::move(alarm), call.now);
    return json::object();
}

bool starts(const std::vector<std::string>& actions, const std::string& prefix) {
    return std::ranges::any_of(actions, [&](const auto& action) { return action.starts_with(prefix); });
}

struct Filter {
    std::optional<std::vector<std::string>> names;
    std::string prefix;
    std::vector<std::string> types{"MetricAlarm"};
    std::optional<std::string> state, action;

    bool takes(const Alarm& alarm) const {
        const bool named = !names || names->empty() || std::ranges::count(*names, alarm.name) > 0;
        const char* type = alarm.rule.empty() ? "MetricAlarm" : "CompositeAlarm";
        return named && alarm.name.starts_with(prefix) && std::ranges::count(types, type) > 0 &&
               (!state || to_string(alarm.state) == *state) &&
               (!action || starts(alarm.ok_actions, *action) || starts(alarm.alarm_actions, *action) ||
                starts(alarm.insufficient_data_actions, *action));
    }
};

Filter read_filter(Input& input) {
    Filter filter;
    filter.names = input.texts("AlarmNames");
    filter.prefix = input.text_or("AlarmNamePrefix", "");
    if (const auto types = input.texts("AlarmTypes"); types && !types->empty()) { filter.types = *types; }
    filter.state = input.text_among("StateValue", {"OK", "ALARM", "INSUFFICIENT_DATA"});
    filter.action = input.text("ActionPrefix");
    if (filter.names && filter.names->size() > 100) {
        input.note_constraint("AlarmNames", std::nullopt, "Member must have length less than or equal to 100");
    }
    if (filter.names && !filter.names->empty() && !filter.prefix.empty()) {
        input.note({"ValidationError", "AlarmNames and AlarmNamePrefix cannot be used together."});
    }
    for (const char* name : {"ChildrenOfAlarmName", "ParentsOfAlarmName"}) {
        if (input.has(name)) {
            input.note({"ValidationError", fmt::format("The local ECS does not filter by {}.", name)});
        }
    }
    return filter;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const Filter filter = read_filter(input);
    const int size = input.integer_between("MaxRecords", 1, 100).value_or(50);
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> keys;
    for (const auto& [name, alarm] : call.state.alarms.by_name) {
        if (filter.takes(alarm)) { keys.push_back(name); }
    }
    const auto page = cut_page(std::move(keys), static_cast<std::size_t>(size), token);
    if (!page) { return api_fail("InvalidNextToken", "The next token specified is invalid."); }
    json::array metric_alarms, composite_alarms;
    for (const auto& name : page->keys) {
        const Alarm& alarm = call.state.alarms.by_name.at(name);
        (alarm.rule.empty() ? metric_alarms : composite_alarms).emplace_back(alarm_view(call, alarm));
    }
    json::object object;
    object["MetricAlarms"] = std::move(metric_alarms);
    object["CompositeAlarms"] = std::move(composite_alarms);
    put(object, "NextToken", page->next_token);
    return object;
}

ApiResult<json::object> describe_for_metric(Call& call, Input& input) {
    const std::string name_space = input.required_text("Namespace");
    const std::string name = input.required_text("MetricName");
    const auto dimensions = input.pairs("Dimensions", "Name", "Value");
    const auto statistic = input.text_among("Statistic", {"SampleCount", "Average", "Sum", "Minimum", "Maximum"});
    const auto extended = input.text("ExtendedStatistic");
    const auto period = input.integer("Period");
    const auto unit = read_unit(input);
    if (!input.good()) { return input.problem(); }
    json::array alarms;
    for (const auto& [key, alarm] : call.state.alarms.by_name) {
        const auto& metric = alarm.metric;
        if (!metric || metric->name_space != name_space || metric->name != name || metric->dimensions != dimensions) {
            continue;
        }
        const bool wanted = (!statistic || metric->statistic == *statistic) &&
                            (!extended || metric->statistic == *extended) &&
                            (!period || metric->period.count() == *period) && (!unit || metric->unit == *unit);
        if (wanted) { alarms.emplace_back(alarm_view(call, alarm)); }
    }
    json::object object;
    object["MetricAlarms"] = std::move(alarms);
    return object;
}

// Of the alarms that stay, one that is made of `name`; null when there is none.
const Alarm* made_of(const State& state, const std::string& name, const std::vector<std::string>& going) {
    for (const auto& [key, alarm] : state.alarms.by_name) {
        if (alarm.rule.empty() || std::ranges::count(going, key) > 0) { continue; }
        const auto outcome = evaluate_rule(alarm.rule, state);
        if (outcome && std::ranges::count(outcome->names, name) > 0) { return &alarm; }
    }
    return nullptr;
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const auto names = input.required_texts("AlarmNames");
    if (names.size() > 100) {
        input.note_constraint("AlarmNames", std::nullopt, "Member must have length less than or equal to 100");
    }
    if (!input.good()) { return input.problem(); }
    for (const auto& name : names) {
        if (find_alarm(call.state, name) == nullptr) {
            return api_fail("ResourceNotFound", fmt::format("Unknown: alarm {} does not exist", name), 404);
        }
        if (made_of(call.state, name, names) != nullptr) {
            return api_fail("ValidationError",
                            fmt::format("Cannot delete {} as there are composite alarm(s) depending on it.", name));
        }
    }
    for (const auto& name : names) { delete_alarm(call.state, name, call.now); }
    return json::object();
}

// Names without an alarm are passed over, as CloudWatch does.
ApiResult<json::object> switch_actions(Call& call, Input& input, bool enabled) {
    const auto names = input.required_texts("AlarmNames");
    if (!input.good()) { return input.problem(); }
    for (const auto& name : names) {
        const Alarm* alarm = find_alarm(call.state, name);
        if (alarm == nullptr || alarm->actions_enabled == enabled) { continue; }
        Alarm changed = *alarm;
        changed.actions_enabled = enabled;
        put_alarm(call.state, std::move(changed), call.now);
    }
    return json::object();
}

ApiResult<json::object> enable_actions(Call& call, Input& input) {
    return switch_actions(call, input, true);
}

ApiResult<json::object> disable_actions(Call& call, Input& input) {
    return switch_actions(call, input, false);
}

AlarmState alarm_state(const std::string& text) {
    for (const auto state : {AlarmState::Ok, AlarmState::Alarm}) {
        if (text == to_string(state)) { return state; }
    }
    return AlarmState::InsufficientData;
}

ApiResult<json::object> set_state(Call& call, Input& input) {
    const std::string name = input.required_text("AlarmName");
    const std::string reason = input.required_text("StateReason");
    const std::string data = input.text_or("StateReasonData", "");
    const std::string value = input.required_text("StateValue");
    input.text_among("StateValue", {"OK", "ALARM", "INSUFFICIENT_DATA"});
    json::error_code error;
    if (!data.empty()) { json::parse(data, error); }
    if (error) { input.note({"InvalidFormat", "The StateReasonData parameter is not valid JSON."}); }
    if (!input.good()) { return input.problem(); }
    Alarm* alarm = find_alarm(call.state, name);
    if (alarm == nullptr) { return api_fail("ResourceNotFound", "Unknown", 404); }
    change_state(call.state, *alarm, {alarm_state(value), reason, data, {}}, call.now);
    evaluate_composite_alarms(call.state, call.now);
    return json::object();
}

constexpr Operation operations[] = {
    {"PutMetricAlarm", put_metric_alarm, Change::State},   {"DescribeAlarms", describe},
    {"DescribeAlarmsForMetric", describe_for_metric},      {"DeleteAlarms", remove, Change::State},
    {"EnableAlarmActions", enable_actions, Change::State}, {"DisableAlarmActions", disable_actions, Change::State},
    {"SetAlarmState", set_state, Change::State},
};

} // namespace

std::span<const Operation> alarm_operations() {
    return operations;
}

} // namespace ecsr::local::wire
