// CloudWatch's memory: one-minute datapoints of every metric (ECS behaviour F4). Pure: time is handed in.
//
// Bounded: a datapoint is forgotten after 15 days, and the oldest ones earlier where there are more than `points_kept`
// datapoints (about 64 MB) of all metrics together. Not thread-safe; nothing of it is saved.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::local {

constexpr std::size_t points_kept = 500'000;
constexpr std::size_t values_kept = 150; // different values of one datapoint, for percentiles
constexpr Millis retention = std::chrono::hours(15 * 24);
constexpr Millis minute = std::chrono::minutes(1);

struct MetricName {
    std::string name_space;
    std::string name;
    std::map<std::string, std::string> dimensions;

    auto operator<=>(const MetricName&) const = default;
};

// What is known about the values of a span of time.
struct Statistics {
    double count = 0, sum = 0, minimum = 0, maximum = 0;
    // Each value with how often it came; empty when some are not known.
    std::vector<std::pair<double, double>> values;

    void add(const Statistics& more);
};

// `times` must be above 0.
Statistics of_value(double value, double times = 1);

struct Datapoint {
    Instant at{}; // the start of its minute
    Statistics statistics;
};

// "Average", "Sum", "Minimum", "Maximum", "SampleCount", or a percentile such as "p99" or "p99.9".
bool is_statistic(std::string_view text);
// Nothing: a percentile whose values are not known. Requires is_statistic() and a count above 0.
std::optional<double> read_statistic(const Statistics& statistics, std::string_view name);

class MetricStore {
public:
    // `most` datapoints of all metrics together.
    explicit MetricStore(std::size_t most = points_kept) : most_(most) {}

    // Counts for the minute of `at`. What is older than 15 days at `now` is not taken.
    void put(const MetricName& metric, const std::string& unit, Instant at, const Statistics& statistics, Instant now);

    // One entry for each period with datapoints that begins from `start` on and before `end`. Periods are counted from
    // `start`. `unit` empty: of every unit. Requires a period of whole minutes.
    std::vector<Datapoint> read(const MetricName& metric, const std::string& unit, Instant start, Instant end,
                                Millis period) const;

    // The unit of the datapoints, where all have the same; else "None".
    std::string unit_of(const MetricName& metric) const;

    // Metrics with a datapoint since then, in a fixed order.
    std::vector<MetricName> metrics_since(Instant since) const;

    std::size_t size() const { return size_; }

private:
    using Series = std::map<std::string, std::deque<Datapoint>>; // by unit

    void forget_before(Instant horizon);

    std::map<MetricName, Series> metrics_;
    const std::size_t most_;
    std::size_t size_ = 0;
    Instant forgotten_until_{};
};

} // namespace ecsr::local
