#include "local/scheduler/alarm_watch.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

// Of an alarm on one metric, or the longest of the metrics of an expression.
Seconds longest_period(const Alarm& alarm) {
    if (alarm.metric) { return alarm.metric->period; }
    Seconds longest = std::chrono::minutes{1};
    for (const auto& query : alarm.queries) {
        if (query.metric) { longest = std::max(longest, query.metric->period); }
    }
    return longest;
}

} // namespace

std::vector<std::string> alarms_that_fire(const State& state, const std::vector<std::string>& names) {
    std::vector<std::string> firing;
    for (const std::string& name : names) {
        const Alarm* alarm = find_alarm(state, name);
        if (alarm != nullptr && alarm->state == AlarmState::Alarm) { firing.push_back(name); }
    }
    return firing;
}

Millis bake_time(const State& state, const std::vector<std::string>& names, Millis longest) {
    Millis time = std::chrono::minutes{1};
    for (const std::string& name : names) {
        const Alarm* alarm = find_alarm(state, name);
        if (alarm != nullptr) { time = std::max<Millis>(time, longest_period(*alarm) * alarm->evaluation_periods); }
    }
    return std::min(time, longest);
}

} // namespace ecsr::local
