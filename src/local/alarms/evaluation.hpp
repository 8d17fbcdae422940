// What an alarm sees of its metric, and what follows from it (CloudWatch User Guide, "Alarm evaluation" and
// "Configuring how CloudWatch alarms treat missing data"; ECS behaviour F4). Pure.
#pragma once

#include "base/error.hpp"
#include "local/state/alarms.hpp"
#include "local/telemetry/metric_store.hpp"
#include "local/telemetry/queries.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace ecsr::local {

// CloudWatch looks this much further back than EvaluationPeriods, so that older datapoints can stand in for missing
// ones. It tells no number but that of its examples: 5 for 3 periods.
constexpr int further_back = 2;

// One period of the evaluation range.
struct Sighting {
    Instant at{};                  // its start
    std::optional<double> value;   // nothing: there is no datapoint
    std::optional<double> samples; // how many values it was made from; nothing for expressions
};

struct Verdict {
    std::optional<AlarmState> state; // nothing: it stays as it is
    std::vector<Sighting> judged;    // the newest first: datapoints that counted, and periods that were filled in
    std::vector<Sighting> crossing;  // the newest first: datapoints that speak for the new state
    std::size_t filled = 0;          // periods that count as TreatMissingData says
};

// The queries of an alarm on metric math.
std::vector<MetricQuery> metric_queries(const std::vector<AlarmQuery>& queries);

// The evaluation range that ends with the full minute before `now`, the oldest period first. Error: Usage, an
// expression that cannot be evaluated.
Result<std::vector<Sighting>> look(const Alarm& alarm, const MetricStore& metrics, Instant now);

// Requires a threshold.
bool is_breaching(const Alarm& alarm, double value);

Verdict judge(const Alarm& alarm, const std::vector<Sighting>& range);

} // namespace ecsr::local
