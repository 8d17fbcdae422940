#include "local/alarms/evaluation.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

namespace ecsr::local {

namespace {

// Percentiles are statistically sound from so many values on (User Guide, "Percentile-based alarms and low data
// samples").
double samples_needed(const std::string& percentile) {
    double percent = 0;
    std::from_chars(percentile.data() + 1, percentile.data() + percentile.size(), percent);
    return 1'000 / std::max(percent >= 50 ? 100 - percent : percent, 1e-9);
}

std::vector<Sighting> empty_range(const Alarm& alarm, Instant end, Seconds period) {
    std::vector<Sighting> range(static_cast<std::size_t>(alarm.evaluation_periods + further_back));
    Instant at = end - period * static_cast<int>(range.size());
    for (auto& sighting : range) {
        sighting.at = at;
        at += period;
    }
    return range;
}

void look_at_metric(const AlarmMetric& metric, const MetricStore& metrics, Instant end, std::vector<Sighting>& range) {
    const MetricName name{metric.name_space, metric.name, metric.dimensions};
    for (const auto& point : metrics.read(name, metric.unit, range.front().at, end, metric.period)) {
        auto& sighting = range[static_cast<std::size_t>((point.at - range.front().at) / metric.period)];
        sighting.value = read_statistic(point.statistics, metric.statistic);
        sighting.samples = point.statistics.count;
    }
}

Status look_at_queries(const Alarm& alarm, const MetricStore& metrics, Instant end, std::vector<Sighting>& range) {
    const auto answers = answer_queries(metrics, metric_queries(alarm.queries), range.front().at, end);
    if (!answers) { return std::unexpected(answers.error()); }
    if (answers->size() != 1) { return fail(ErrorKind::Usage, "The metrics of an alarm must yield one time series."); }
    const Millis period = alarm_period(alarm);
    for (const auto& [at, value] : answers->front().series) {
        const auto index = (at - range.front().at) / period;
        if (index >= 0 && static_cast<std::size_t>(index) < range.size()) {
            range[static_cast<std::size_t>(index)].value = value;
        }
    }
    return {};
}

enum class Missing { Missing, Ignore, Breaching, NotBreaching };

Missing treatment(const Alarm& alarm) {
    if (alarm.treat_missing_data == "ignore") { return Missing::Ignore; }
    if (alarm.treat_missing_data == "breaching") { return Missing::Breaching; }
    return alarm.treat_missing_data == "notBreaching" ? Missing::NotBreaching : Missing::Missing;
}

class Judging {
public:
    Judging(const Alarm& alarm, const std::vector<Sighting>& range)
        : alarm_(alarm), range_(range), needed_(static_cast<std::size_t>(alarm.evaluation_periods)),
          to_alarm_(static_cast<std::size_t>(alarm.datapoints_to_alarm.value_or(alarm.evaluation_periods))) {
        for (const auto& sighting : range | std::views::reverse) {
            if (!sighting.value || datapoints_.size() == needed_) { continue; }
            datapoints_.push_back(sighting);
            breaching_ += is_breaching(alarm, *sighting.value) ? 1U : 0U;
        }
    }

    Verdict run() {
        verdict_.filled = needed_ - datapoints_.size();
        verdict_.judged = datapoints_;
        fill_in();
        if (!has_too_few_samples()) { verdict_.state = decide(); }
        for (const auto& point : datapoints_) {
            const bool speaks_for_alarm = is_breaching(alarm_, *point.value);
            if (verdict_.state == (speaks_for_alarm ? AlarmState::Alarm : AlarmState::Ok)) {
                verdict_.crossing.push_back(point);
            }
        }
        return std::move(verdict_);
    }

private:
    std::optional<AlarmState> decide() const {
        const bool enough = breaching_ >= to_alarm_;
        if (enough || verdict_.filled == 0) { return enough ? AlarmState::Alarm : AlarmState::Ok; }
        switch (treatment(alarm_)) {
        case Missing::NotBreaching: return AlarmState::Ok;
        case Missing::Breaching: return breaching_ + verdict_.filled >= to_alarm_ ? AlarmState::Alarm : AlarmState::Ok;
        case Missing::Ignore: return among_missing({}, {});
        case Missing::Missing: return among_missing(AlarmState::InsufficientData, AlarmState::Alarm);
        }
        return {};
    }

    // Datapoints alone, fewer than needed and not breaching often enough.
    std::optional<AlarmState> among_missing(std::optional<AlarmState> without_any,
                                            std::optional<AlarmState> premature) const {
        if (datapoints_.empty()) { return without_any; }
        if (datapoints_.size() >= to_alarm_) { return AlarmState::Ok; }
        // "Avoiding premature transitions to alarm state": a breaching datapoint that is as old as DatapointsToAlarm,
        // with nothing but breaching or missing ones since, is enough; a younger one is not, and is no all-clear.
        if (age_of_oldest_breach() >= to_alarm_) { return premature; }
        return breaching_ < datapoints_.size() ? std::optional(AlarmState::Ok) : std::nullopt;
    }

    // In periods, 1 for the newest; of the breaching datapoints since the last one that was not.
    std::size_t age_of_oldest_breach() const {
        std::size_t age = 0;
        for (std::size_t i = 0; i < range_.size(); ++i) {
            const auto& sighting = range_[range_.size() - 1 - i];
            if (!sighting.value) { continue; }
            if (!is_breaching(alarm_, *sighting.value)) { break; }
            age = i + 1;
        }
        return age;
    }

    // The newest missing periods stand for what is needed.
    void fill_in() {
        std::size_t left = verdict_.filled;
        for (const auto& sighting : range_ | std::views::reverse) {
            if (left == 0 || sighting.value) { continue; }
            verdict_.judged.push_back(sighting);
            --left;
        }
        std::ranges::sort(verdict_.judged, std::greater(), &Sighting::at);
    }

    bool has_too_few_samples() const {
        if (!alarm_.metric || alarm_.low_sample_percentile != "ignore" || !is_extended(alarm_.metric->statistic)) {
            return false;
        }
        const double enough = samples_needed(alarm_.metric->statistic);
        return std::ranges::any_of(datapoints_, [&](const auto& point) { return point.samples < enough; });
    }

    const Alarm& alarm_;
    const std::vector<Sighting>& range_;
    const std::size_t needed_, to_alarm_;
    std::vector<Sighting> datapoints_; // the newest first, as many as are needed
    std::size_t breaching_ = 0;
    Verdict verdict_;
};

} // namespace

std::vector<MetricQuery> metric_queries(const std::vector<AlarmQuery>& queries) {
    std::vector<MetricQuery> made;
    for (const auto& query : queries) {
        MetricQuery one;
        one.id = query.id;
        if (query.metric) {
            const AlarmMetric& metric = *query.metric;
            one.stat = MetricStat{
                {metric.name_space, metric.name, metric.dimensions}, metric.period, metric.statistic, metric.unit};
        }
        one.expression = query.expression;
        one.label = query.label;
        one.returns_data = query.returns_data.value_or(true);
        one.period = query.period;
        made.push_back(std::move(one));
    }
    return made;
}

Result<std::vector<Sighting>> look(const Alarm& alarm, const MetricStore& metrics, Instant now) {
    const Instant end = std::chrono::floor<std::chrono::minutes>(now);
    auto range = empty_range(alarm, end, alarm_period(alarm));
    if (alarm.metric) {
        look_at_metric(*alarm.metric, metrics, end, range);
    } else if (const auto seen = look_at_queries(alarm, metrics, end, range); !seen) {
        return std::unexpected(seen.error());
    }
    return range;
}

bool is_breaching(const Alarm& alarm, double value) {
    const double threshold = alarm.threshold.value();
    if (alarm.comparison == "GreaterThanThreshold") { return value > threshold; }
    if (alarm.comparison == "GreaterThanOrEqualToThreshold") { return value >= threshold; }
    if (alarm.comparison == "LessThanThreshold") { return value < threshold; }
    return value <= threshold;
}

Verdict judge(const Alarm& alarm, const std::vector<Sighting>& range) {
    return Judging(alarm, range).run();
}

} // namespace ecsr::local
