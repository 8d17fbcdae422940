#include "local/scheduler/alarm_watch.hpp"

#include <algorithm>

namespace ecsr::local {

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
        if (alarm != nullptr) { time = std::max<Millis>(time, alarm_period(*alarm) * alarm->evaluation_periods); }
    }
    return std::min(time, longest);
}

} // namespace ecsr::local
