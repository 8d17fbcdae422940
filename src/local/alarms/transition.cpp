#include "local/alarms/transition.hpp"

#include "local/alarms/json_messages.hpp"
#include "local/messages/topics.hpp"

#include <fmt/format.h>

namespace ecsr::local {

namespace {

const std::vector<std::string>& actions_of(const Alarm& alarm) {
    switch (alarm.state) {
    case AlarmState::Ok: return alarm.ok_actions;
    case AlarmState::Alarm: return alarm.alarm_actions;
    case AlarmState::InsufficientData: return alarm.insufficient_data_actions;
    }
    return alarm.insufficient_data_actions;
}

bool is_of_service(const std::string& arn, std::string_view service) {
    const auto start = arn.find(':', arn.find(':') + 1);
    return start != std::string::npos && std::string_view(arn).substr(start + 1).starts_with(service);
}

bool is_scaling_policy(const std::string& arn) {
    return is_of_service(arn, "autoscaling:") && arn.find(":scalingPolicy:") != std::string::npos;
}

void ask_for_scaling(State& state, const Alarm& alarm, const std::string& policy, std::optional<double> value,
                     Instant now) {
    auto& waiting = state.alarms.scaling_actions;
    if (waiting.size() >= scaling_actions_kept) { waiting.erase(waiting.begin()); }
    waiting.push_back({policy, alarm.name, alarm.state, alarm.threshold, value, now});
}

class Acting {
public:
    Acting(State& state, const Alarm& alarm, AlarmState before, std::optional<double> value, Instant now)
        : state_(state), alarm_(alarm), before_(before), value_(value), now_(now) {}

    void run(const std::string& action) {
        if (is_of_service(action, "sns:")) { return publish_to(action); }
        if (is_scaling_policy(action)) {
            ask_for_scaling(state_, alarm_, action, value_, now_);
            return note(action, "", "");
        }
        note(action, "", "The local ECS does not execute actions of this kind.");
    }

private:
    void publish_to(const std::string& topic) {
        const std::string message = notification(state_.identity, alarm_, before_);
        const auto published = publish(state_, topic, notification_subject(state_.identity, alarm_), message, now_);
        note(topic, message, published ? "" : published.error().message);
    }

    void note(const std::string& action, const std::string& message, const std::string& error) {
        std::string summary = error.empty()
                                  ? fmt::format("Successfully executed action {}", action)
                                  : fmt::format("Failed to execute action {}. Received error: \"{}\"", action, error);
        add_history(state_, alarm_, "Action", std::move(summary), action_history(alarm_, action, message, error), now_);
    }

    State& state_;
    const Alarm& alarm_;
    AlarmState before_;
    std::optional<double> value_;
    Instant now_;
};

void tell_rules_of(State& state, const Alarm& alarm, const PastState& before, Instant now) {
    if (state.rules.by_name.empty()) { return; }
    state.rules.announced.push_back({now, WrittenEvent{"aws.cloudwatch", "CloudWatch Alarm State Change", alarm.arn,
                                                       state_change_detail(state, alarm, before)}});
}

} // namespace

void change_state(State& state, Alarm& alarm, const NewState& changed, Instant now) {
    const PastState before{alarm.state, alarm.reason, alarm.reason_data, alarm.updated_at};
    alarm.state = changed.state;
    alarm.reason = changed.reason;
    alarm.reason_data = changed.reason_data;
    alarm.updated_at = now;
    if (alarm.state == before.state) { return; }
    alarm.transitioned_at = now;
    add_history(state, alarm, "StateUpdate",
                fmt::format("Alarm updated from {} to {}", to_string(before.state), to_string(alarm.state)),
                state_update_history(alarm, before), now);
    tell_rules_of(state, alarm, before, now);
    if (!alarm.actions_enabled) { return; }
    Acting acting(state, alarm, before.state, changed.value, now);
    for (const auto& action : actions_of(alarm)) { acting.run(action); }
}

void repeat_scaling(State& state, const Alarm& alarm, std::optional<double> value, Instant now) {
    if (!alarm.actions_enabled) { return; }
    for (const auto& action : actions_of(alarm)) {
        if (is_scaling_policy(action)) { ask_for_scaling(state, alarm, action, value, now); }
    }
}

} // namespace ecsr::local
