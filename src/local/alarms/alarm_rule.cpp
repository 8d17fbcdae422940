#include "local/alarms/alarm_rule.hpp"

#include "local/alarms/transition.hpp"
#include "local/state/json_alarm.hpp"
#include "local/state/json_line.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <optional>

namespace ecsr::local {

namespace json = boost::json;

namespace {

constexpr AlarmState states[] = {AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData};

class RuleReader {
public:
    RuleReader(std::string_view rule, const State& state) : rule_(rule), state_(state) {}

    Result<RuleOutcome> read() {
        outcome_.holds = read_or(0);
        skip_blanks();
        if (problem_.empty() && at_ < rule_.size()) { wrong("AND, OR or the end"); }
        if (!problem_.empty()) { return fail(ErrorKind::Usage, problem_); }
        return std::move(outcome_);
    }

private:
    bool read_or(int depth) {
        bool holds = read_and(depth);
        while (take_word("OR")) {
            const bool right = read_and(depth);
            holds = holds || right;
        }
        return holds;
    }

    bool read_and(int depth) {
        bool holds = read_not(depth);
        while (take_word("AND")) {
            const bool right = read_not(depth);
            holds = holds && right;
        }
        return holds;
    }

    bool read_not(int depth) {
        if (depth > deepest_rule) { return wrong("less nesting"); }
        if (take_word("NOT")) { return !read_not(depth + 1); }
        if (take('(')) {
            const bool holds = read_or(depth + 1);
            return take(')') ? holds : wrong("\")\"");
        }
        return read_condition();
    }

    bool read_condition() {
        if (take_word("TRUE")) { return true; }
        if (take_word("FALSE")) { return false; }
        for (const AlarmState state : states) {
            if (take_word(to_string(state))) { return is_in(state); }
        }
        return wrong("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or \"(\"");
    }

    bool is_in(AlarmState state) {
        if (!take('(')) { return wrong("\"(\""); }
        const auto name = read_name();
        if (!name || !take(')')) { return wrong("the name of an alarm and \")\""); }
        if (std::ranges::count(outcome_.names, *name) == 0) { outcome_.names.push_back(*name); }
        const Alarm* alarm = find_alarm(state_, *name);
        return alarm != nullptr && alarm->state == state;
    }

    // In quotes or without; an ARN stands for the name at its end.
    std::optional<std::string> read_name() {
        skip_blanks();
        const bool quoted = at_ < rule_.size() && rule_[at_] == '"';
        const std::size_t start = at_ + (quoted ? 1 : 0);
        const auto end = rule_.find(quoted ? '"' : ')', start);
        if (end == std::string_view::npos) { return {}; }
        std::string_view name = rule_.substr(start, end - start);
        while (!quoted && !name.empty() && is_blank(name.back())) { name.remove_suffix(1); }
        at_ = quoted ? end + 1 : end;
        constexpr std::string_view before_name = ":alarm:";
        const auto in_arn = name.starts_with("arn:") ? name.find(before_name) : std::string_view::npos;
        if (in_arn != std::string_view::npos) { name.remove_prefix(in_arn + before_name.size()); }
        return name.empty() ? std::nullopt : std::optional(std::string(name));
    }

    static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

    void skip_blanks() {
        while (at_ < rule_.size() && is_blank(rule_[at_])) { ++at_; }
    }

    bool take(char c) {
        skip_blanks();
        const bool found = at_ < rule_.size() && rule_[at_] == c;
        at_ += found ? 1 : 0;
        return found;
    }

    bool take_word(std::string_view word) {
        skip_blanks();
        if (!rule_.substr(at_).starts_with(word)) { return false; }
        const auto after = at_ + word.size();
        const bool goes_on = after < rule_.size() &&
                             (std::isalnum(static_cast<unsigned char>(rule_[after])) != 0 || rule_[after] == '_');
        at_ += goes_on ? 0 : word.size();
        return !goes_on;
    }

    bool wrong(const char* wanted) {
        if (problem_.empty()) {
            problem_ = fmt::format("AlarmRule cannot be read at character {}: there must be {}.", at_ + 1, wanted);
        }
        return false;
    }

    std::string_view rule_;
    const State& state_;
    std::size_t at_ = 0;
    RuleOutcome outcome_;
    std::string problem_; // the first one
};

// Of the alarms that the rule mentions, the one that changed last.
const Alarm* newest_change(const State& state, const std::vector<std::string>& names) {
    const Alarm* newest = nullptr;
    for (const auto& name : names) {
        const Alarm* alarm = find_alarm(state, name);
        if (alarm == nullptr) { continue; }
        if (newest == nullptr || alarm->transitioned_at > newest->transitioned_at) { newest = alarm; }
    }
    return newest;
}

std::string transition_text(const Alarm& child) {
    const auto seconds = std::chrono::floor<Seconds>(child.transitioned_at).time_since_epoch().count();
    return fmt::format("{} transitioned to {} at {:%A %d %B, %Y %H:%M:%S} UTC", child.arn, to_string(child.state),
                       fmt::gmtime(seconds));
}

std::string triggering_alarms(const Alarm& child) {
    json::object state;
    state["value"] = to_string(child.state);
    state["timestamp"] = cloudwatch_time(child.transitioned_at);
    json::object alarm;
    alarm["arn"] = child.arn;
    alarm["state"] = std::move(state);
    json::object data;
    data["triggeringAlarms"] = json::array{std::move(alarm)};
    return json_line(data);
}

AlarmState state_of_rule(const RuleOutcome& outcome) {
    return outcome.holds ? AlarmState::Alarm : AlarmState::Ok;
}

bool evaluate_composite(State& state, Alarm& alarm, Instant now) {
    const auto outcome = evaluate_rule(alarm.rule, state).value_or(RuleOutcome{});
    const AlarmState wanted = state_of_rule(outcome);
    if (wanted == alarm.state) { return false; }
    const Alarm* child = newest_change(state, outcome.names);
    if (child == nullptr) {
        change_state(state, alarm, {wanted, fmt::format("The alarm rule evaluates to {}", to_string(wanted)), "", {}},
                     now);
    } else {
        change_state(state, alarm, {wanted, transition_text(*child), triggering_alarms(*child), {}}, now);
    }
    return true;
}

} // namespace

Result<RuleOutcome> evaluate_rule(std::string_view rule, const State& state) {
    return RuleReader(rule, state).read();
}

bool evaluate_composite_alarms(State& state, Instant now) {
    // Alarms that are made of others come right after as many rounds as they are deep, at most as many as there are.
    bool changed = false;
    bool again = true;
    for (std::size_t round = 0; again && round <= state.alarms.by_name.size(); ++round) {
        again = false;
        for (auto& [name, alarm] : state.alarms.by_name) {
            if (!alarm.rule.empty() && evaluate_composite(state, alarm, now)) { again = changed = true; }
        }
    }
    return changed;
}

void evaluate_new_rule(State& state, Alarm& alarm, bool is_new, Instant now) {
    const AlarmState wanted = state_of_rule(evaluate_rule(alarm.rule, state).value_or(RuleOutcome{}));
    if (wanted != alarm.state) {
        const std::string reason = fmt::format("{} was {} and its alarm rule evaluates to {}", alarm.arn,
                                               is_new ? "created" : "updated", to_string(wanted));
        change_state(state, alarm, {wanted, reason, "", {}}, now);
    }
    evaluate_composite_alarms(state, now);
}

} // namespace ecsr::local
