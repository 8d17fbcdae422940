#include "serve/figures.hpp"

#include "serve/prometheus.hpp"

#include <fmt/format.h>

namespace ecsr::serve {

namespace {

double seconds(Millis span) {
    return static_cast<double>(span.count()) / 1000.0;
}

Labels labels_of(const ServiceId& id) {
    return {{"account", id.account}, {"region", id.region}, {"cluster", id.cluster}, {"service", id.name}};
}

void add_runs(PrometheusText& text, const MetricsInput& input) {
    const Figures& figures = input.figures;
    text.family("ecs_recycler_runs_total", "counter", "Runs that have ended, by what began them and how they ended.");
    for (const auto& [key, count] : figures.runs) {
        text.sample(static_cast<double>(count), {{"trigger", key.first}, {"outcome", key.second}});
    }
    text.family("ecs_recycler_run_duration_seconds", "histogram", "How long runs that began took.");
    for (std::size_t i = 0; i < duration_buckets.size(); ++i) {
        const std::string bound = fmt::format("{}", duration_buckets[i].count());
        text.sample("_bucket", static_cast<double>(figures.duration_counts[i]), {{"le", bound}});
    }
    text.sample("_bucket", static_cast<double>(figures.durations), {{"le", "+Inf"}});
    text.sample("_sum", seconds(figures.duration_sum), {});
    text.sample("_count", static_cast<double>(figures.durations), {});
    text.family("ecs_recycler_tasks_recycled_total", "counter", "Tasks that runs have replaced.");
    text.sample(static_cast<double>(figures.tasks_recycled));
    text.family("ecs_recycler_fires_passed_total", "counter", "Scheduled times that were let pass.");
    text.sample(static_cast<double>(figures.fires_passed));
    text.family("ecs_recycler_runs_in_progress", "gauge", "Runs under way.");
    text.sample(input.roster.running());
    text.family("ecs_recycler_runs_waiting", "gauge", "Services that are due and wait for max_parallel or stagger.");
    text.sample(static_cast<double>(input.roster.waiting()));
}

void add_state(PrometheusText& text, const MetricsInput& input) {
    const Figures& figures = input.figures;
    text.family("ecs_recycler_build_info", "gauge", "The version of this program.");
    text.sample(1, {{"version", input.version}});
    text.family("ecs_recycler_read_only", "gauge", "1 when nothing is changed.");
    text.sample(input.read_only ? 1 : 0);
    text.family("ecs_recycler_start_time_seconds", "gauge", "When this process began, since the epoch.");
    text.sample(to_epoch_seconds(figures.started_at));
    text.family("ecs_recycler_config_last_reload_successful", "gauge",
                "1 when the configuration in use is the file's.");
    text.sample(figures.last_reload_successful ? 1 : 0);
    text.family("ecs_recycler_config_last_reload_success_timestamp_seconds", "gauge",
                "When the configuration in use was read.");
    text.sample(to_epoch_seconds(figures.last_reload_success_at));
}

void add_discoveries(PrometheusText& text, const MetricsInput& input) {
    const auto labels = [](const auto& key) { return Labels{{"account", key.first}, {"region", key.second}}; };
    text.family("ecs_recycler_discovery_failures_total", "counter", "Times that services could not be listed.");
    for (const auto& [key, discovery] : input.figures.discoveries) {
        text.sample(static_cast<double>(discovery.failures), labels(key));
    }
    text.family("ecs_recycler_discovery_last_success_timestamp_seconds", "gauge", "When services were last listed.");
    for (const auto& [key, discovery] : input.figures.discoveries) {
        if (discovery.last_success_at) { text.sample(to_epoch_seconds(*discovery.last_success_at), labels(key)); }
    }
    text.family("ecs_recycler_api_requests_total", "counter", "Requests to AWS, repeats included.");
    for (const Place& place : input.places) {
        for (const auto& [operation, count] : place.caller->counts().by_operation) {
            text.sample(static_cast<double>(count),
                        {{"account", place.account.name}, {"region", place.region}, {"operation", operation}});
        }
    }
}

// One family over every service that has the value.
template <class Value>
void add_each(PrometheusText& text, const Roster& roster, std::string_view name, std::string_view help, Value value) {
    text.family(name, "gauge", help);
    roster.for_each([&](const Watched& service) {
        if (const std::optional<double> found = value(service)) { text.sample(*found, labels_of(service.id)); }
    });
}

void add_services(PrometheusText& text, const Roster& roster) {
    const auto at = [](const std::optional<Instant>& when) { return when.transform(to_epoch_seconds); };
    std::map<std::pair<std::string, std::string>, int> counts;
    roster.for_each([&](const Watched& service) { ++counts[{service.id.account, service.id.region}]; });
    text.family("ecs_recycler_services", "gauge", "Services that are watched.");
    for (const auto& [place, count] : counts) {
        text.sample(count, {{"account", place.first}, {"region", place.second}});
    }
    add_each(text, roster, "ecs_recycler_service_next_fire_timestamp_seconds", "When the schedule is due next.",
             [&](const Watched& service) { return at(service.next_fire_at); });
    add_each(text, roster, "ecs_recycler_service_oldest_task_timestamp_seconds",
             "Creation of the oldest task, where it was looked for.", [&](const Watched& service) {
                 return service.facts.tasks_seen_at ? std::optional(to_epoch_seconds(service.facts.no_task_before))
                                                    : std::nullopt;
             });
    add_each(text, roster, "ecs_recycler_service_last_run_timestamp_seconds", "When the last run ended.",
             [&](const Watched& service) { return at(service.last_ended_at); });
    add_each(text, roster, "ecs_recycler_service_last_run_success", "1 when the last run was done.",
             [](const Watched& service) {
                 return service.last_ended_at ? std::optional(service.last_was_done ? 1.0 : 0.0) : std::nullopt;
             });
}

} // namespace

void Figures::count_run(std::string_view trigger, std::string_view outcome, Millis duration, std::size_t recycled) {
    ++runs[{std::string(trigger), std::string(outcome)}];
    tasks_recycled += static_cast<std::int64_t>(recycled);
    ++durations;
    duration_sum += duration;
    for (std::size_t i = 0; i < duration_buckets.size(); ++i) {
        if (duration <= duration_buckets[i]) { ++duration_counts[i]; }
    }
}

std::string metrics_text(const MetricsInput& input) {
    PrometheusText text;
    add_state(text, input);
    add_runs(text, input);
    add_discoveries(text, input);
    add_services(text, input.roster);
    return std::move(text).take();
}

} // namespace ecsr::serve
