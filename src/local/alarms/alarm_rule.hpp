// The rules of composite alarms (PutCompositeAlarm, AlarmRule). Pure.
#pragma once

#include "base/error.hpp"
#include "local/state/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

constexpr int deepest_rule = 100; // parentheses and NOTs within each other

struct RuleOutcome {
    bool holds = false;
    std::vector<std::string> names; // of the alarms that the rule mentions, in their order
};

// ALARM("a") AND (NOT OK(arn:...:alarm:b) OR INSUFFICIENT_DATA(c)), TRUE, FALSE; NOT binds closer than AND, AND closer
// than OR. An alarm that is not there is in no state. Error: Usage, one line: where the rule cannot be read.
Result<RuleOutcome> evaluate_rule(std::string_view rule, const State& state);

// Brings every composite alarm to the state that its rule gives, those that are made of others too. True when one has
// changed. A rule that cannot be read is FALSE: put_alarm() took it unread.
bool evaluate_composite_alarms(State& state, Instant now);

// The composite alarm has just been put: evaluates it, with a reason that says so.
void evaluate_new_rule(State& state, Alarm& alarm, bool is_new, Instant now);

} // namespace ecsr::local
