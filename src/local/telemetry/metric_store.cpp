#include "local/telemetry/metric_store.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ecsr::local {

namespace {

std::optional<double> percentile_of(std::string_view text) {
    if (!text.starts_with('p')) { return std::nullopt; }
    double percent = 0;
    const char* end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data() + 1, end, percent);
    if (status != std::errc{} || stop != end || percent < 0 || percent > 100) { return std::nullopt; }
    return percent;
}

// Nearest rank.
std::optional<double> percentile(const Statistics& statistics, double percent) {
    if (statistics.minimum == statistics.maximum) { return statistics.minimum; }
    if (statistics.values.empty()) { return std::nullopt; }
    auto sorted = statistics.values;
    std::ranges::sort(sorted);
    const double rank = std::max(1.0, std::ceil(percent / 100 * statistics.count));
    double seen = 0;
    for (const auto& [value, times] : sorted) {
        seen += times;
        if (seen >= rank) { return value; }
    }
    return sorted.back().first;
}

Datapoint& at_minute(std::deque<Datapoint>& points, Instant at, std::size_t& size) {
    if (!points.empty() && points.back().at == at) { return points.back(); }
    const auto place = std::ranges::lower_bound(points, at, {}, &Datapoint::at);
    if (place != points.end() && place->at == at) { return *place; }
    ++size;
    return *points.insert(place, Datapoint{at, {}});
}

} // namespace

void Statistics::add(const Statistics& more) {
    if (more.count <= 0) { return; }
    const bool values_are_known = (count == 0 || !values.empty()) && !more.values.empty();
    minimum = count == 0 ? more.minimum : std::min(minimum, more.minimum);
    maximum = count == 0 ? more.maximum : std::max(maximum, more.maximum);
    count += more.count;
    sum += more.sum;
    if (!values_are_known) { return values.clear(); }
    for (const auto& [value, times] : more.values) {
        const auto known = std::ranges::find(values, value, &std::pair<double, double>::first);
        if (known != values.end()) {
            known->second += times;
        } else {
            values.emplace_back(value, times);
        }
    }
}

Statistics of_value(double value, double times) {
    return {times, value * times, value, value, {{value, times}}};
}

bool is_statistic(std::string_view text) {
    return text == "Average" || text == "Sum" || text == "Minimum" || text == "Maximum" || text == "SampleCount" ||
           percentile_of(text).has_value();
}

std::optional<double> read_statistic(const Statistics& statistics, std::string_view name) {
    if (name == "Average") { return statistics.sum / statistics.count; }
    if (name == "Sum") { return statistics.sum; }
    if (name == "Minimum") { return statistics.minimum; }
    if (name == "Maximum") { return statistics.maximum; }
    if (name == "SampleCount") { return statistics.count; }
    const auto percent = percentile_of(name);
    ECSR_ASSERT(percent);
    return percentile(statistics, *percent);
}

void MetricStore::put(const MetricName& metric, const std::string& unit, Instant at, const Statistics& statistics,
                      Instant now) {
    const Instant start = std::chrono::floor<std::chrono::minutes>(at);
    if (start < std::max(now - retention, forgotten_until_) || statistics.count <= 0) { return; }
    auto& points = metrics_[metric][unit];
    auto& kept = at_minute(points, start, size_).statistics;
    kept.add(statistics);
    if (kept.values.size() > values_kept) { kept.values = {}; }
    while (points.front().at < now - retention) {
        points.pop_front();
        --size_;
    }
    if (size_ > most_) {
        // A tenth of the time at once, so that it is not asked for again at every datapoint.
        Instant oldest = now;
        for (const auto& [name, series] : metrics_) {
            for (const auto& [each, of_unit] : series) {
                if (!of_unit.empty()) { oldest = std::min(oldest, of_unit.front().at); }
            }
        }
        forget_before(oldest + std::max(minute, Millis((now - oldest) / 10)));
    }
}

void MetricStore::forget_before(Instant horizon) {
    forgotten_until_ = horizon;
    for (auto metric = metrics_.begin(); metric != metrics_.end();) {
        Series& series = metric->second;
        for (auto unit = series.begin(); unit != series.end();) {
            auto& points = unit->second;
            for (; !points.empty() && points.front().at < horizon; --size_) { points.pop_front(); }
            unit = points.empty() ? series.erase(unit) : std::next(unit);
        }
        metric = series.empty() ? metrics_.erase(metric) : std::next(metric);
    }
}

std::vector<Datapoint> MetricStore::read(const MetricName& metric, const std::string& unit, Instant start, Instant end,
                                         Millis period) const {
    const auto found = metrics_.find(metric);
    if (found == metrics_.end()) { return {}; }
    std::map<Instant, Statistics> periods;
    for (const auto& [each, points] : found->second) {
        if (!unit.empty() && each != unit) { continue; }
        for (auto point = std::ranges::lower_bound(points, start, {}, &Datapoint::at);
             point != points.end() && point->at < end; ++point) {
            periods[start + (point->at - start) / period * period].add(point->statistics);
        }
    }
    std::vector<Datapoint> read;
    for (auto& [at, statistics] : periods) { read.push_back({at, std::move(statistics)}); }
    return read;
}

std::string MetricStore::unit_of(const MetricName& metric) const {
    const auto found = metrics_.find(metric);
    return found != metrics_.end() && found->second.size() == 1 ? found->second.begin()->first : "None";
}

std::vector<MetricName> MetricStore::metrics_since(Instant since) const {
    std::vector<MetricName> names;
    for (const auto& [name, series] : metrics_) {
        const bool recent = std::ranges::any_of(
            series, [&](const auto& unit) { return !unit.second.empty() && unit.second.back().at >= since; });
        if (recent) { names.push_back(name); }
    }
    return names;
}

} // namespace ecsr::local
