// What an alarm tells others of a change of its state. Pure.
#pragma once

#include "local/state/state.hpp"

#include <boost/json.hpp>
#include <string>

namespace ecsr::local {

// An alarm's state before it changed.
struct PastState {
    AlarmState state = AlarmState::InsufficientData;
    std::string reason, reason_data;
    Instant at{};
};

// `ALARM: "errors" in US East (N. Virginia)`, 100 characters at most.
std::string notification_subject(const Identity& identity, const Alarm& alarm);

// What SNS topics get, as JSON text.
std::string notification(const Identity& identity, const Alarm& alarm, AlarmState before);

// The detail of EventBridge's "CloudWatch Alarm State Change" (User Guide, "Alarm events and EventBridge"), as JSON
// text.
std::string state_change_detail(State& state, const Alarm& alarm, const PastState& before);

// HistoryData of a StateUpdate.
std::string state_update_history(const Alarm& alarm, const PastState& before);

// HistoryData of an Action. `error` empty: it succeeded; `message` empty: nothing was published.
std::string action_history(const Alarm& alarm, const std::string& action, const std::string& message,
                           const std::string& error);

} // namespace ecsr::local
