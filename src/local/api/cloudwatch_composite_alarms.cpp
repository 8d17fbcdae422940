// Alarms that are made of others (PutCompositeAlarm; ECS behaviour F4).
#include "local/alarms/alarm_rule.hpp"
#include "local/api/alarm_input.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t longest_rule = 10'240;

// Whether `name` is `wanted` or made of it.
bool leads_to(const State& state, const std::string& name, const std::string& wanted, std::set<std::string>& seen) {
    if (name == wanted) { return true; }
    const Alarm* alarm = find_alarm(state, name);
    if (alarm == nullptr || alarm->rule.empty() || !seen.insert(name).second) { return false; }
    const auto outcome = evaluate_rule(alarm->rule, state);
    return outcome &&
           std::ranges::any_of(outcome->names, [&](const auto& child) { return leads_to(state, child, wanted, seen); });
}

void check_rule(const Call& call, Input& input, const Alarm& alarm) {
    const auto outcome = evaluate_rule(alarm.rule, call.state);
    if (!outcome) { return refuse_alarm(input, outcome.error().message); }
    std::set<std::string> seen;
    for (const auto& name : outcome->names) {
        if (leads_to(call.state, name, alarm.name, seen)) {
            refuse_alarm(input, fmt::format("The alarm rule of {} must not lead back to it.", alarm.name));
        }
        if (find_alarm(call.state, name) == nullptr) {
            refuse_alarm(
                input,
                fmt::format("Could not save the composite alarm as alarms [{}] in the alarm rule do not exist", name));
        }
    }
}

void check_actions(Input& input, const Alarm& alarm) {
    for (const auto* actions : {&alarm.ok_actions, &alarm.alarm_actions, &alarm.insufficient_data_actions}) {
        for (const auto& action : *actions) {
            if (action.starts_with("arn:aws:autoscaling:") || action.starts_with("arn:aws:automate:")) {
                refuse_alarm(input, fmt::format("A composite alarm cannot do this action: {}", action));
            }
        }
    }
}

ApiResult<json::object> put_composite_alarm(Call& call, Input& input) {
    Alarm alarm = read_any_alarm(input);
    alarm.rule = input.required_text("AlarmRule");
    if (input.good() && (alarm.rule.empty() || alarm.rule.size() > longest_rule)) {
        input.note_constraint("AlarmRule", std::nullopt,
                              fmt::format("Member must have length from 1 to {}", longest_rule));
    }
    for (const char* name : {"ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"}) {
        if (input.has(name)) {
            refuse_alarm(input,
                         fmt::format("The parameter {} is not supported: the local ECS suppresses no actions.", name));
        }
    }
    check_actions(input, alarm);
    if (input.good()) { check_rule(call, input, alarm); }
    const Alarm* old = input.good() ? find_alarm(call.state, alarm.name) : nullptr;
    const bool is_new = old == nullptr;
    if (!is_new && old->rule.empty()) {
        refuse_alarm(input, fmt::format("{} is the name of a metric alarm already.", alarm.name));
    }
    if (!input.good()) { return input.problem(); }
    evaluate_new_rule(call.state, put_alarm(call.state, std::move(alarm), call.now), is_new, call.now);
    return json::object();
}

constexpr Operation operations[] = {
    {"PutCompositeAlarm", put_composite_alarm, Change::State},
};

} // namespace

std::span<const Operation> composite_alarm_operations() {
    return operations;
}

} // namespace ecsr::local::wire
