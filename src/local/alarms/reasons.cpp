#include "local/alarms/reasons.hpp"

#include "local/state/json_alarm.hpp"
#include "local/state/json_line.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ranges>

namespace ecsr::local {

namespace json = boost::json;

namespace {

constexpr std::size_t told_inside = 4; // datapoints; of more, the newest are told at the end
constexpr std::size_t told_at_end = 5;

std::string counted(std::size_t count, const char* one, const char* many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string datapoint(const Sighting& sighting) {
    const auto seconds = std::chrono::floor<Seconds>(sighting.at).time_since_epoch().count();
    return fmt::format("{} ({:%d/%m/%y %H:%M:%S})", java_decimal(sighting.value.value()), fmt::gmtime(seconds));
}

std::string newest(const std::vector<Sighting>& points, std::size_t most) {
    std::vector<std::string> texts;
    for (const auto& point : points | std::views::take(most)) { texts.push_back(datapoint(point)); }
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

const char* relation(const std::string& comparison) {
    if (comparison == "GreaterThanThreshold") { return "greater than"; }
    if (comparison == "GreaterThanOrEqualToThreshold") { return "greater than or equal to"; }
    return comparison == "LessThanThreshold" ? "less than" : "less than or equal to";
}

// " and 2 missing datapoints were treated as [Breaching]", where missing ones are treated as something.
std::string filled_in(const Alarm& alarm, const Verdict& verdict) {
    const bool breaching = alarm.treat_missing_data == "breaching";
    if (verdict.filled == 0 || (!breaching && alarm.treat_missing_data != "notBreaching")) { return {}; }
    return fmt::format(" and {} treated as [{}]",
                       counted(verdict.filled, "missing datapoint was", "missing datapoints were"),
                       breaching ? "Breaching" : "NonBreaching");
}

// Told where DatapointsToAlarm is set.
std::string minimum(const Alarm& alarm, AlarmState state) {
    if (!alarm.datapoints_to_alarm) { return {}; }
    const int to_alarm = *alarm.datapoints_to_alarm;
    const bool fires = state == AlarmState::Alarm;
    const auto needed = static_cast<std::size_t>(fires ? to_alarm : alarm.evaluation_periods - to_alarm + 1);
    return fmt::format(" (minimum {} for {} transition)", counted(needed, "datapoint", "datapoints"),
                       fires ? "OK -> ALARM" : "ALARM -> OK");
}

std::string crossed(const Alarm& alarm, const Verdict& verdict) {
    const AlarmState state = verdict.state.value();
    const std::size_t count = verdict.crossing.size();
    const bool inside = count <= told_inside;
    const std::string how_many = alarm.datapoints_to_alarm
                                     ? fmt::format("{} out of the last {} datapoints", count, verdict.judged.size())
                                     : counted(count, "datapoint", "datapoints");
    const std::string which = inside ? " " + newest(verdict.crossing, count) : "";
    const std::string at_end = inside ? ""
                                      : fmt::format(". The most recent datapoints which crossed the threshold: {}",
                                                    newest(verdict.crossing, told_at_end));
    return fmt::format("Threshold Crossed: {}{} {} {}{} the threshold ({}){}{}{}.", how_many, which,
                       count == 1 ? "was" : "were", state == AlarmState::Alarm ? "" : "not ",
                       relation(alarm.comparison), java_decimal(alarm.threshold.value()), filled_in(alarm, verdict),
                       at_end, minimum(alarm, state));
}

json::object told(const Sighting& sighting) {
    json::object object;
    object["timestamp"] = cloudwatch_time(sighting.at);
    if (sighting.value) {
        if (sighting.samples) { object["sampleCount"] = *sighting.samples; }
        object["value"] = *sighting.value;
    }
    return object;
}

} // namespace

std::string state_reason(const Alarm& alarm, const Verdict& verdict) {
    const AlarmState state = verdict.state.value();
    if (state == AlarmState::InsufficientData) {
        return fmt::format("Insufficient Data: {} unknown.",
                           counted(verdict.filled, "datapoint was", "datapoints were"));
    }
    if (!verdict.crossing.empty()) { return crossed(alarm, verdict); }
    return fmt::format("Threshold Crossed: no datapoints were received for {}{}{}.",
                       counted(verdict.filled, "period", "periods"), filled_in(alarm, verdict), minimum(alarm, state));
}

std::string reason_data(const Alarm& alarm, const Verdict& verdict, Instant now) {
    json::array recent, evaluated;
    std::optional<Instant> start;
    for (const auto& sighting : verdict.judged) {
        evaluated.emplace_back(told(sighting));
        if (!sighting.value) { continue; }
        recent.insert(recent.begin(), json::value(*sighting.value));
        start = sighting.at;
    }
    json::object object;
    object["version"] = "1.0";
    object["queryDate"] = cloudwatch_time(now);
    if (start) { object["startDate"] = cloudwatch_time(*start); }
    if (alarm.metric) {
        if (!alarm.metric->unit.empty()) { object["unit"] = alarm.metric->unit; }
        object["statistic"] = alarm.metric->statistic;
    }
    object["period"] = alarm_period(alarm).count();
    object["recentDatapoints"] = std::move(recent);
    object["threshold"] = alarm.threshold.value();
    object["evaluatedDatapoints"] = std::move(evaluated);
    return json_line(object, Decimals::OfJava);
}

} // namespace ecsr::local
