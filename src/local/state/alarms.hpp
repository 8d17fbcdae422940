// CloudWatch alarms, what became of them, and what they ask of scaling policies (ECS behaviour F4).
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct State;

// One statistic of one metric.
struct AlarmMetric {
    std::string name_space, name;
    std::map<std::string, std::string> dimensions;
    Seconds period{60};
    std::string statistic; // "Average", "p99.9"
    std::string unit;      // empty: any
};

// A member of an alarm's Metrics: a metric or an expression over the others.
struct AlarmQuery {
    std::string id;
    std::optional<AlarmMetric> metric;
    std::string expression;
    std::string label, account_id;
    std::optional<bool> returns_data;
    std::optional<Seconds> period; // of an expression
};

enum class AlarmState { Ok, Alarm, InsufficientData };

// Exactly one of `metric`, `queries` and `rule` is filled.
struct Alarm {
    std::string name;
    std::string arn; // put_alarm() makes it
    std::string description;
    std::optional<AlarmMetric> metric;
    std::vector<AlarmQuery> queries;
    std::string rule; // of a composite alarm: "ALARM(a) AND NOT OK(b)"

    std::string comparison; // "GreaterThanThreshold"
    std::optional<double> threshold;
    int evaluation_periods = 1;             // N
    std::optional<int> datapoints_to_alarm; // M; nothing: N
    std::string treat_missing_data;         // missing | ignore | breaching | notBreaching; empty: missing
    std::string low_sample_percentile;      // evaluate | ignore; empty: evaluate

    bool actions_enabled = true;
    std::vector<std::string> ok_actions, alarm_actions, insufficient_data_actions; // ARNs
    std::map<std::string, std::string> tags;

    // What put_alarm() sets and evaluation moves.
    AlarmState state = AlarmState::InsufficientData;
    std::string reason;
    std::string reason_data; // JSON text; empty: none
    Instant updated_at{};    // of state or reason
    Instant transitioned_at{};
    Instant configured_at{};
};

// One line of DescribeAlarmHistory.
struct AlarmHistoryItem {
    std::uint64_t number = 0; // counts up, without gaps
    Instant at{};
    std::string alarm_name;
    bool of_composite = false;
    std::string type; // ConfigurationUpdate | StateUpdate | Action
    std::string summary;
    std::string data; // JSON text
};

// An action of an alarm on a scaling policy (an ARN with ":scalingPolicy:"), to be carried out by whoever scales. It
// comes when the alarm's state changes, and again each minute as long as the alarm stays in ALARM.
struct ScalingAction {
    std::string policy_arn;
    std::string alarm_name;
    AlarmState state = AlarmState::Alarm;
    std::optional<double> threshold;
    std::optional<double> value; // the newest datapoint; nothing where there is none
    Instant at{};
};

struct Alarms {
    std::map<std::string, Alarm> by_name;
    std::deque<AlarmHistoryItem> history; // the oldest first
    std::uint64_t next_item = 1;
    // Whoever scales takes them out. Not saved: the next minute brings them again.
    std::vector<ScalingAction> scaling_actions;
};

constexpr std::size_t alarm_history_kept = 2'000; // items of all alarms together

// Creates the alarm, or changes one of that name, which then keeps its state, reason, times and tags. Sets the ARN and
// configured_at, and writes the history. A new one starts as it is given, with updated_at = now; an empty reason
// becomes that of CloudWatch. Returns what is kept.
Alarm& put_alarm(State& state, Alarm alarm, Instant now);

// No such alarm: nothing happens. Its history stays, as with CloudWatch.
void delete_alarm(State& state, const std::string& name, Instant now);

// By name; null when there is none.
Alarm* find_alarm(State& state, std::string_view name);
const Alarm* find_alarm(const State& state, std::string_view name);

// Forgets the oldest item where there are too many.
void add_history(State& state, const Alarm& alarm, const char* type, std::string summary, std::string data,
                 Instant now);

// Of its metric, or the longest of its queries.
Seconds alarm_period(const Alarm& alarm);

// CloudWatch calls it ExtendedStatistic: a percentile.
bool is_extended(const std::string& statistic);

// "OK", "ALARM", "INSUFFICIENT_DATA".
const char* to_string(AlarmState state);

} // namespace ecsr::local
