#include "local/telemetry/queries.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>

namespace ecsr::local {

namespace {

class Answering {
public:
    Answering(const MetricStore& store, const std::vector<MetricQuery>& queries, Instant start, Instant end)
        : store_(store), queries_(queries) {
        input_.start = start;
        input_.end = end;
        for (const auto& query : queries) {
            if (!query.stat) { continue; }
            input_.metric_ids.push_back(query.id);
            input_.period = std::max(input_.period, query.stat->period);
        }
    }

    // Works out what the query needs first.
    Status answer(const MetricQuery& query) {
        if (answers_.contains(query.id)) { return {}; }
        if (query.stat) {
            keep(query, {read(*query.stat)});
            return {};
        }
        if (!under_way_.insert(query.id).second) { return wrong(query, "it refers to itself"); }
        if (auto needed = answer_needed(query); !needed) { return needed; }
        ExpressionInput input = input_;
        if (query.period) { input.period = *query.period; }
        auto made = evaluate(query.expression, input);
        if (!made) { return wrong(query, made.error().message); }
        keep(query, std::move(*made));
        return {};
    }

    const std::vector<TimeSeries>& of(const std::string& id) const { return answers_.at(id); }

private:
    static std::unexpected<Error> wrong(const MetricQuery& query, const std::string& what) {
        return fail(ErrorKind::Usage, fmt::format("Error in expression '{}': {}", query.id, what));
    }

    Status answer_needed(const MetricQuery& query) {
        auto ids = ids_in(query.expression);
        if (!ids) { return wrong(query, ids.error().message); }
        if (uses_metrics_function(query.expression)) {
            ids->insert(ids->end(), input_.metric_ids.begin(), input_.metric_ids.end());
        }
        for (const auto& id : *ids) {
            const auto needed = std::ranges::find(queries_, id, &MetricQuery::id);
            if (needed == queries_.end()) { return wrong(query, fmt::format("there is no metric '{}'", id)); }
            if (auto answered = answer(*needed); !answered) { return answered; }
        }
        return {};
    }

    void keep(const MetricQuery& query, std::vector<TimeSeries> series) {
        if (series.size() == 1) { input_.series[query.id] = series.front(); }
        answers_[query.id] = std::move(series);
    }

    TimeSeries read(const MetricStat& stat) const {
        TimeSeries series;
        for (const auto& point : store_.read(stat.metric, stat.unit, input_.start, input_.end, stat.period)) {
            if (const auto value = read_statistic(point.statistics, stat.statistic)) { series[point.at] = *value; }
        }
        return series;
    }

    const MetricStore& store_;
    const std::vector<MetricQuery>& queries_;
    ExpressionInput input_;
    std::map<std::string, std::vector<TimeSeries>> answers_;
    std::set<std::string> under_way_;
};

std::string label_of(const MetricQuery& query) {
    if (!query.label.empty()) { return query.label; }
    return query.stat ? query.stat->metric.name : query.id;
}

} // namespace

Result<std::vector<QueryAnswer>> answer_queries(const MetricStore& store, const std::vector<MetricQuery>& queries,
                                                Instant start, Instant end) {
    std::set<std::string> ids;
    for (const auto& query : queries) {
        if (!ids.insert(query.id).second) {
            return fail(ErrorKind::Usage, fmt::format("The values for parameter id in MetricDataQueries are not "
                                                      "unique: {}",
                                                      query.id));
        }
    }
    Answering answering(store, queries, start, end);
    std::vector<QueryAnswer> answers;
    for (const auto& query : queries) {
        if (auto answered = answering.answer(query); !answered) { return std::unexpected(answered.error()); }
        if (!query.returns_data) { continue; }
        for (const auto& series : answering.of(query.id)) { answers.push_back({query.id, label_of(query), series}); }
    }
    return answers;
}

} // namespace ecsr::local
