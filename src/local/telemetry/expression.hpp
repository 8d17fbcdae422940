// Metric math (CloudWatch "Using metric math"), in the subset that README.md names. Pure.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

using TimeSeries = std::map<Instant, double>;

// What an expression may refer to.
struct ExpressionInput {
    std::map<std::string, TimeSeries> series; // by query id
    std::vector<std::string> metric_ids;      // those that METRICS() stands for, in their order
    Instant start{}, end{};
    Millis period{60'000}; // of FILL, RATE and PERIOD
};

// The ids that the expression names; METRICS() names none of them. Error: Usage, one line.
Result<std::vector<std::string>> ids_in(std::string_view expression);
// Whether METRICS is called.
bool uses_metrics_function(std::string_view expression);

// The time series that it yields: one, or several where it yields a list. Error: Usage, one line: it cannot be read,
// names something that is not there, or yields a number instead of a time series.
Result<std::vector<TimeSeries>> evaluate(std::string_view expression, const ExpressionInput& input);

} // namespace ecsr::local
