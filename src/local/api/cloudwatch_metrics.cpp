// CloudWatch metrics: written, read and listed (ECS behaviour F4).
#include "local/api/call.hpp"
#include "local/api/paging.hpp"
#include "local/telemetry/queries.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr const char* bad_value = "InvalidParameterValue";
constexpr std::size_t points_of_statistics = 1'440;
constexpr std::size_t points_of_data = 100'800;
constexpr Millis oldest_put = std::chrono::hours(14 * 24);
constexpr Millis newest_put = std::chrono::hours(2);
constexpr Millis listed = std::chrono::hours(14 * 24);

MetricName read_metric(Input& input) {
    return {input.required_text("Namespace"), input.required_text("MetricName"),
            input.pairs("Dimensions", "Name", "Value")};
}

void check_statistic(Input& input, const std::string& name) {
    if (input.good() && !is_statistic(name)) {
        input.note(
            {"ValidationError", fmt::format("The value {} for parameter Stat is not supported: the local ECS knows "
                                            "Average, Sum, Minimum, Maximum, SampleCount and pNN.",
                                            name)});
    }
}

Millis read_period(Input& input) {
    const int seconds = input.required_integer("Period");
    if (input.good() && (seconds < 60 || seconds % 60 != 0 || seconds > 86'400)) {
        input.note(
            {"ValidationError", fmt::format("The parameter Period must be a multiple of 60 and at most 86400, not "
                                            "{}: the local ECS keeps datapoints by the minute.",
                                            seconds)});
    }
    return input.good() ? Millis(Seconds(seconds)) : minute;
}

// ---- writing ----

struct Put {
    MetricName metric;
    std::string unit;
    Instant at{};
    Statistics statistics;
};

Statistics read_values(Input& input, const std::string& name) {
    const auto values = input.numbers("Values");
    const auto counts = input.numbers("Counts");
    if (values.size() > values_kept || (!counts.empty() && counts.size() != values.size())) {
        input.note({bad_value,
                    fmt::format("The parameters Values and Counts of {} must have the same size, 150 at most.", name)});
        return {};
    }
    Statistics all;
    for (std::size_t i = 0; i < values.size(); ++i) { all.add(of_value(values[i], counts.empty() ? 1 : counts[i])); }
    return all;
}

Statistics read_statistics(Input& input, const std::string& name) {
    if (const auto value = input.number("Value")) { return of_value(*value); }
    if (auto set = input.object("StatisticValues")) {
        const auto member = [&set](std::string_view which) {
            if (!set->has(which)) { set->note_constraint(which, std::nullopt, "Member must not be null"); }
            return set->number(which).value_or(0);
        };
        const Statistics read{member("SampleCount"), member("Sum"), member("Minimum"), member("Maximum"), {}};
        if (read.minimum > read.maximum || read.count <= 0) {
            input.note({bad_value, fmt::format("The StatisticValues of {} contradict each other.", name)});
        }
        return read;
    }
    if (!input.has("Values")) {
        input.note({"MissingParameter", fmt::format("The parameter MetricData of {} needs Value, Values or "
                                                    "StatisticValues.",
                                                    name)});
    }
    return read_values(input, name);
}

Put read_datum(const Call& call, Input& input, const std::string& name_space) {
    Put put;
    put.metric = {name_space, input.required_text("MetricName"), input.pairs("Dimensions", "Name", "Value")};
    put.unit = input.text_or("Unit", "None");
    put.at = input.instant("Timestamp").value_or(call.now);
    put.statistics = read_statistics(input, put.metric.name);
    if (put.at < call.now - oldest_put || put.at > call.now + newest_put) {
        input.note({bad_value, fmt::format("The parameter Timestamp of {} must lie between two weeks ago and two hours "
                                           "from now.",
                                           put.metric.name)});
    }
    if (put.metric.dimensions.size() > 30) { input.note({bad_value, "A metric has at most 30 dimensions."}); }
    return put;
}

ApiResult<json::object> put_data(Call& call, Input& input) {
    const std::string name_space = input.required_text("Namespace");
    std::vector<Put> puts;
    for (auto& datum : input.objects("MetricData")) { puts.push_back(read_datum(call, datum, name_space)); }
    for (auto& entity : input.objects("EntityMetricData")) {
        for (auto& datum : entity.objects("MetricData")) { puts.push_back(read_datum(call, datum, name_space)); }
    }
    if (name_space.starts_with("AWS/")) {
        input.note({bad_value, "The value AWS/ for parameter Namespace is invalid."});
    }
    if (puts.size() > 1'000) { input.note({bad_value, "A request has at most 1000 metrics."}); }
    if (!input.good()) { return input.problem(); }
    for (const auto& put : puts) { call.metrics.put(put.metric, put.unit, put.at, put.statistics, call.now); }
    return json::object();
}

// ---- reading ----

struct Span {
    Instant start{}, end{};
};

Span read_span(Input& input, Millis period) {
    const auto start = input.required_instant("StartTime");
    const auto end = input.required_instant("EndTime");
    if (input.good() && start >= end) {
        input.note({"ValidationError", "The parameter StartTime must be less than the parameter EndTime."});
    }
    // Rounded as CloudWatch does: a span begins with a whole period.
    return {Instant(start.time_since_epoch() / period * period), end};
}

json::object statistics_view(const Call& call, const Datapoint& point, const std::vector<std::string>& names,
                             const std::vector<std::string>& percentiles, const std::string& unit) {
    json::object view;
    view["Timestamp"] = call.time(point.at);
    view["Unit"] = unit;
    for (const auto& name : names) { put(view, name, read_statistic(point.statistics, name)); }
    json::object extended;
    for (const auto& name : percentiles) { put(extended, name, read_statistic(point.statistics, name)); }
    if (!extended.empty() && call.wire != Wire::Query) { view["ExtendedStatistics"] = std::move(extended); }
    return view;
}

ApiResult<json::object> get_statistics(Call& call, Input& input) {
    const MetricName metric = read_metric(input);
    const Millis period = read_period(input);
    const Span span = read_span(input, period);
    const auto names = input.texts("Statistics").value_or(std::vector<std::string>{});
    const auto percentiles = input.texts("ExtendedStatistics").value_or(std::vector<std::string>{});
    const std::string unit = input.text_or("Unit", "");
    for (const auto& name : names) { check_statistic(input, name); }
    for (const auto& name : percentiles) { check_statistic(input, name); }
    if (input.good() && names.empty() && percentiles.empty()) {
        input.note({"InvalidParameterCombination",
                    "At least one of the parameters Statistics and ExtendedStatistics must "
                    "be specified."});
    }
    if (input.good() && call.wire == Wire::Query && !percentiles.empty()) {
        input.note({"InvalidParameterCombination", "The local ECS tells ExtendedStatistics in JSON alone."});
    }
    const auto periods = (span.end - span.start) / period;
    if (input.good() && static_cast<std::size_t>(periods) > points_of_statistics) {
        input.note(
            {"InvalidParameterCombination",
             fmt::format("You have requested up to {} datapoints, which exceeds the limit of 1,440. You may reduce "
                         "the datapoints requested by increasing Period, or decreasing the time range.",
                         periods)});
    }
    if (!input.good()) { return input.problem(); }
    json::array points;
    const std::string told = unit.empty() ? call.metrics.unit_of(metric) : unit;
    for (const auto& point : call.metrics.read(metric, unit, span.start, span.end, period)) {
        points.emplace_back(statistics_view(call, point, names, percentiles, told));
    }
    json::object object;
    object["Label"] = metric.name;
    object["Datapoints"] = std::move(points);
    return object;
}

MetricStat read_stat(Input& input) {
    MetricStat stat;
    if (auto metric = input.object("Metric")) {
        stat.metric = read_metric(*metric);
    } else {
        input.note_constraint("Metric", std::nullopt, "Member must not be null");
    }
    stat.period = read_period(input);
    stat.statistic = input.required_text("Stat");
    stat.unit = input.text_or("Unit", "");
    check_statistic(input, stat.statistic);
    return stat;
}

MetricQuery read_query(Input& input) {
    MetricQuery query;
    query.id = input.required_text("Id");
    if (auto stat = input.object("MetricStat")) { query.stat = read_stat(*stat); }
    query.expression = input.text_or("Expression", "");
    query.label = input.text_or("Label", "");
    query.returns_data = input.boolean_or("ReturnData", true);
    if (input.has("Period")) { query.period = read_period(input); }
    const bool lower = !query.id.empty() && query.id[0] >= 'a' && query.id[0] <= 'z';
    if (input.good() && !lower) {
        input.note({"ValidationError", fmt::format("The value {} for parameter Id is not matching the expected pattern "
                                                   "^[a-z][a-zA-Z0-9_]*$",
                                                   query.id)});
    }
    if (input.good() && query.stat.has_value() == !query.expression.empty()) {
        input.note({"ValidationError", fmt::format("Query {} needs either MetricStat or Expression.", query.id)});
    }
    return query;
}

json::object answer_view(const Call& call, const QueryAnswer& answer, bool ascending) {
    json::array timestamps;
    json::array values;
    const auto add = [&](const auto& point) {
        timestamps.emplace_back(call.time(point.first));
        values.emplace_back(point.second);
    };
    if (ascending) {
        std::ranges::for_each(answer.series, add);
    } else {
        std::for_each(answer.series.rbegin(), answer.series.rend(), add);
    }
    json::object view;
    view["Id"] = answer.id;
    view["Label"] = answer.label;
    view["Timestamps"] = std::move(timestamps);
    view["Values"] = std::move(values);
    view["StatusCode"] = "Complete";
    return view;
}

ApiResult<json::object> get_data(Call& call, Input& input) {
    std::vector<MetricQuery> queries;
    for (auto& query : input.objects("MetricDataQueries")) { queries.push_back(read_query(query)); }
    if (queries.empty() || queries.size() > 500) {
        input.note({"ValidationError", "The parameter MetricDataQueries must have 1 to 500 members."});
    }
    Millis shortest = std::chrono::hours(24);
    for (const auto& query : queries) { shortest = std::min(shortest, query.stat ? query.stat->period : shortest); }
    const Span span = read_span(input, shortest);
    const auto order = input.text_among("ScanBy", {"TimestampDescending", "TimestampAscending"});
    const std::size_t most = static_cast<std::size_t>(
        input.integer_between("MaxDatapoints", 1, static_cast<int>(points_of_data)).value_or(points_of_data));
    if (input.good() && input.has("NextToken")) { input.note({"InvalidNextToken", "No token was given out."}); }
    if (!input.good()) { return input.problem(); }
    const auto answers = answer_queries(call.metrics, queries, span.start, span.end);
    if (!answers) { return api_fail("ValidationError", answers.error().message); }
    std::size_t points = 0;
    json::array results;
    for (const auto& answer : *answers) {
        points += answer.series.size();
        results.emplace_back(answer_view(call, answer, order == "TimestampAscending"));
    }
    if (points > most) {
        return api_fail("ValidationError",
                        fmt::format("The answer has {} datapoints, {} are allowed: the local ECS gives "
                                    "it in one page. Ask for a shorter time or a longer Period.",
                                    points, most));
    }
    json::object object;
    object["MetricDataResults"] = std::move(results);
    object["Messages"] = json::array();
    return object;
}

// ---- listing ----

bool matches(const MetricName& metric, const std::optional<std::string>& name_space,
             const std::optional<std::string>& name, const std::map<std::string, std::string>& dimensions) {
    return (!name_space || metric.name_space == *name_space) && (!name || metric.name == *name) &&
           std::ranges::all_of(dimensions, [&](const auto& wanted) {
               const auto found = metric.dimensions.find(wanted.first);
               return found != metric.dimensions.end() && (wanted.second.empty() || found->second == wanted.second);
           });
}

ApiResult<json::object> list(Call& call, Input& input) {
    const auto name_space = input.text("Namespace");
    const auto name = input.text("MetricName");
    const auto dimensions = input.pairs("Dimensions", "Name", "Value");
    const auto recent = input.text_among("RecentlyActive", {"PT3H"});
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> keys;
    std::map<std::string, json::object> views;
    for (const auto& metric :
         call.metrics.metrics_since(call.now - (recent ? Millis(std::chrono::hours(3)) : listed))) {
        if (!matches(metric, name_space, name, dimensions)) { continue; }
        json::object view;
        view["Namespace"] = metric.name_space;
        view["MetricName"] = metric.name;
        view["Dimensions"] = tags_array(metric.dimensions, "Name", "Value");
        keys.push_back(to_text(view));
        views[keys.back()] = std::move(view);
    }
    std::ranges::sort(keys);
    const auto page = cut_page(std::move(keys), 500, token);
    if (!page) { return api_fail(bad_value, "The next token is not valid."); }
    json::array metrics;
    for (const auto& key : page->keys) { metrics.emplace_back(std::move(views[key])); }
    json::object object;
    object["Metrics"] = std::move(metrics);
    put(object, "NextToken", page->next_token);
    return object;
}

constexpr Operation operations[] = {
    {"PutMetricData", put_data},
    {"GetMetricData", get_data},
    {"GetMetricStatistics", get_statistics},
    {"ListMetrics", list},
};

} // namespace

std::span<const Operation> metric_operations() {
    return operations;
}

} // namespace ecsr::local::wire
