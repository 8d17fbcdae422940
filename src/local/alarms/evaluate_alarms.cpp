#include "local/alarms/evaluate_alarms.hpp"

#include "local/alarms/alarm_rule.hpp"
#include "local/alarms/evaluation.hpp"
#include "local/alarms/reasons.hpp"
#include "local/alarms/transition.hpp"

#include <ranges>

namespace ecsr::local {

namespace {

std::optional<double> newest_value(const std::vector<Sighting>& range) {
    for (const auto& sighting : range | std::views::reverse) {
        if (sighting.value) { return sighting.value; }
    }
    return {};
}

bool evaluate_metric_alarm(State& state, Alarm& alarm, const MetricStore& metrics, Instant now) {
    const auto range = look(alarm, metrics, now);
    if (!range) {
        if (alarm.reason == range.error().message) { return false; }
        change_state(state, alarm, {AlarmState::InsufficientData, range.error().message, "", {}}, now);
        return true;
    }
    const auto value = newest_value(*range);
    const Verdict verdict = judge(alarm, *range);
    if (verdict.state && *verdict.state != alarm.state) {
        change_state(state, alarm,
                     {*verdict.state, state_reason(alarm, verdict), reason_data(alarm, verdict, now), value}, now);
        return true;
    }
    if (alarm.state == AlarmState::Alarm) { repeat_scaling(state, alarm, value, now); }
    return false;
}

} // namespace

bool evaluate_alarms(State& state, const MetricStore& metrics, Instant now) {
    bool changed = false;
    for (auto& [name, alarm] : state.alarms.by_name) {
        if (alarm.rule.empty() && alarm.threshold && evaluate_metric_alarm(state, alarm, metrics, now)) {
            changed = true;
        }
    }
    return evaluate_composite_alarms(state, now) || changed;
}

} // namespace ecsr::local
