// MetricDataQueries, of GetMetricData and of alarms on metric math (ECS behaviour F4). Pure.
#pragma once

#include "local/telemetry/expression.hpp"
#include "local/telemetry/metric_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

struct MetricStat {
    MetricName metric;
    Millis period{60'000};
    std::string statistic;
    std::string unit; // empty: any
};

// Exactly one of `stat` and `expression`.
struct MetricQuery {
    std::string id;
    std::optional<MetricStat> stat;
    std::string expression;
    std::string label;
    bool returns_data = true;
    std::optional<Millis> period; // of an expression
};

struct QueryAnswer {
    std::string id;
    std::string label;
    TimeSeries series;
};

// The answers of the queries that return data, in their order. Error Usage: an id twice, a query that refers to itself
// or to something that is not there, an expression that cannot be read; the message names the query.
Result<std::vector<QueryAnswer>> answer_queries(const MetricStore& store, const std::vector<MetricQuery>& queries,
                                                Instant start, Instant end);

} // namespace ecsr::local
