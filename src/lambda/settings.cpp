#include "lambda/settings.hpp"

#include "base/text.hpp"

namespace ecsr::lambda {

namespace {

Result<std::optional<Millis>> duration(const aws::Environment& environment, const char* name) {
    const auto given = environment.non_empty(name);
    if (!given) { return std::nullopt; }
    auto parsed = parse_duration(*given);
    if (!parsed) { return std::unexpected(std::move(parsed.error()).with_context(name)); }
    return *parsed;
}

// Each variable is tried alone, so that the error names it.
Status read_windows(schedule::WindowTexts& texts, const aws::Environment& environment) {
    texts.timezone = environment.non_empty("ECS_RECYCLER_TIMEZONE").value_or(texts.timezone);
    if (auto tried = schedule::parse_windows(texts); !tried) {
        return std::unexpected(std::move(tried.error()).with_context("ECS_RECYCLER_TIMEZONE"));
    }
    texts.windows = schedule::split_windows(environment.non_empty("ECS_RECYCLER_WINDOW").value_or(""));
    if (auto tried = schedule::parse_windows(texts); !tried) {
        return std::unexpected(std::move(tried.error()).with_context("ECS_RECYCLER_WINDOW"));
    }
    texts.blackouts = schedule::split_windows(environment.non_empty("ECS_RECYCLER_BLACKOUT").value_or(""));
    if (auto tried = schedule::parse_windows(texts); !tried) {
        return std::unexpected(std::move(tried.error()).with_context("ECS_RECYCLER_BLACKOUT"));
    }
    return {};
}

} // namespace

Status apply_settings(RunSpec& spec, const Settings& settings) {
    if (!settings.batch.empty()) {
        auto batch = parse_amount(settings.batch);
        if (!batch) { return std::unexpected(std::move(batch.error()).with_context("ECS_RECYCLER_BATCH")); }
        spec.batch = *batch;
    }
    if (!settings.drain.empty()) {
        auto drain = parse_drain(settings.drain);
        if (!drain) { return std::unexpected(std::move(drain.error()).with_context("ECS_RECYCLER_DRAIN")); }
        spec.drain = *drain;
    }
    spec.wait = settings.wait.value_or(spec.wait);
    spec.alarms = settings.alarms;
    return {};
}

Result<Settings> read_settings(const aws::Environment& environment) {
    const auto text = [&](const char* name) { return environment.non_empty(name).value_or(""); };
    Settings settings;
    settings.cluster = text("ECS_CLUSTER_NAME");
    settings.service = text("ECS_SERVICE_NAME");
    settings.table = text("ECS_RECYCLER_TABLE");
    settings.function = environment.non_empty("ECS_RECYCLER_FUNCTION").value_or(text("AWS_LAMBDA_FUNCTION_NAME"));
    settings.batch = text("ECS_RECYCLER_BATCH");
    settings.drain = text("ECS_RECYCLER_DRAIN");
    if (const auto alarms = text("ECS_RECYCLER_ALARM"); !alarms.empty()) { settings.alarms = split(alarms, ','); }
    if (const auto strategy = environment.non_empty("ECS_RECYCLER_STRATEGY")) {
        auto parsed = parse_strategy(*strategy);
        if (!parsed) { return std::unexpected(std::move(parsed.error()).with_context("ECS_RECYCLER_STRATEGY")); }
        settings.strategy = *parsed;
    }
    const auto wait = duration(environment, "ECS_RECYCLER_WAIT");
    const auto margin = duration(environment, "ECS_RECYCLER_MARGIN");
    if (!wait) { return std::unexpected(wait.error()); }
    if (!margin) { return std::unexpected(margin.error()); }
    settings.wait = *wait;
    settings.margin = margin->value_or(settings.margin);
    if (auto done = read_windows(settings.windows, environment); !done) { return std::unexpected(done.error()); }
    RunSpec probe;
    if (auto usable = apply_settings(probe, settings); !usable) { return std::unexpected(usable.error()); }
    return settings;
}

} // namespace ecsr::lambda
