#include "local/state/alarms.hpp"

#include "local/state/json_alarm.hpp"
#include "local/state/state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

void keep_what_is_not_configured(Alarm& alarm, const Alarm& old) {
    alarm.state = old.state;
    alarm.reason = old.reason;
    alarm.reason_data = old.reason_data;
    alarm.updated_at = old.updated_at;
    alarm.transitioned_at = old.transitioned_at;
    alarm.tags = old.tags;
}

void note_configuration(State& state, const Alarm& alarm, const char* type, Instant now) {
    const std::string_view kind(type);
    const char* did = kind == "Create" ? "created" : kind == "Update" ? "updated" : "deleted";
    add_history(state, alarm, "ConfigurationUpdate", fmt::format("Alarm \"{}\" {}", alarm.name, did),
                configuration_history(alarm, type), now);
}

} // namespace

Alarm& put_alarm(State& state, Alarm alarm, Instant now) {
    const auto& identity = state.identity;
    alarm.arn = fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", identity.region, identity.account_id, alarm.name);
    alarm.configured_at = now;
    auto [entry, is_new] = state.alarms.by_name.try_emplace(alarm.name);
    Alarm& kept = entry->second;
    if (is_new) {
        if (alarm.reason.empty()) { alarm.reason = "Unchecked: Initial alarm creation"; }
        alarm.updated_at = alarm.transitioned_at = now;
    } else {
        keep_what_is_not_configured(alarm, kept);
    }
    kept = std::move(alarm);
    note_configuration(state, kept, is_new ? "Create" : "Update", now);
    return kept;
}

void delete_alarm(State& state, const std::string& name, Instant now) {
    const auto found = state.alarms.by_name.find(name);
    if (found == state.alarms.by_name.end()) { return; }
    note_configuration(state, found->second, "Delete", now);
    state.alarms.by_name.erase(found);
}

const Alarm* find_alarm(const State& state, std::string_view name) {
    const auto found = state.alarms.by_name.find(std::string(name));
    return found == state.alarms.by_name.end() ? nullptr : &found->second;
}

Alarm* find_alarm(State& state, std::string_view name) {
    const auto found = state.alarms.by_name.find(std::string(name));
    return found == state.alarms.by_name.end() ? nullptr : &found->second;
}

void add_history(State& state, const Alarm& alarm, const char* type, std::string summary, std::string data,
                 Instant now) {
    auto& history = state.alarms.history;
    history.push_back(
        {state.alarms.next_item++, now, alarm.name, !alarm.rule.empty(), type, std::move(summary), std::move(data)});
    if (history.size() > alarm_history_kept) { history.pop_front(); }
}

Seconds alarm_period(const Alarm& alarm) {
    if (alarm.metric) { return alarm.metric->period; }
    Seconds longest{60};
    for (const auto& query : alarm.queries) {
        longest = std::max({longest, query.metric ? query.metric->period : longest, query.period.value_or(longest)});
    }
    return longest;
}

bool is_extended(const std::string& statistic) {
    return statistic.starts_with('p');
}

} // namespace ecsr::local
