// An alarm changes its state, and acts (ECS behaviour F4; CloudWatch User Guide, "Alarm actions"). Pure.
#pragma once

#include "local/state/state.hpp"

#include <optional>
#include <string>

namespace ecsr::local {

constexpr std::size_t scaling_actions_kept = 1'000; // the newest, where nobody takes them out

struct NewState {
    AlarmState state = AlarmState::InsufficientData;
    std::string reason;
    std::string reason_data;     // JSON text; empty: none
    std::optional<double> value; // the newest datapoint
};

// Takes the reason over; where the state is another one, writes the history, tells the rules of EventBridge, and does
// the actions of the new state unless they are switched off. Requires an alarm of `state`.
//
// Topics get a message, scaling policies an entry in state.alarms.scaling_actions. EC2, Lambda, Systems Manager and
// other actions are not executed here: the history says so.
void change_state(State& state, Alarm& alarm, const NewState& changed, Instant now);

// Tells the scaling policies once more of an alarm that stays in ALARM, as CloudWatch does each minute.
void repeat_scaling(State& state, const Alarm& alarm, std::optional<double> value, Instant now);

} // namespace ecsr::local
