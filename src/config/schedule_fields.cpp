#include "base/text.hpp"
#include "config/sections.hpp"
#include "judge/schedule/holidays.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::config {

namespace {

bool is_expression(std::string_view text) {
    return text.find('(') != std::string_view::npos;
}

Result<std::string> parse_expression(std::string_view text) {
    if (auto schedule = schedule::parse_schedule(text); !schedule) {
        return std::unexpected(std::move(schedule).error());
    }
    return std::string(text);
}

// With the name filled in.
Result<ScheduleTexts> named(const ScheduleTexts& texts, const std::map<std::string, ScheduleTexts>& schedules) {
    if (texts.name.empty()) { return texts; }
    if (const auto found = schedules.find(texts.name); found != schedules.end()) { return found->second; }
    std::vector<std::string> names;
    for (const auto& [name, schedule] : schedules) { names.push_back(name); }
    return fail(ErrorKind::Usage,
                fmt::format("schedule \"{}\" is neither rate(...), cron(...) or at(...) nor a name of schedules{}",
                            texts.name, names.empty() ? "" : "; allowed: " + join(names, ", ")));
}

Result<ScheduleSettings> made(const ScheduleTexts& texts, const std::string& zone) {
    const schedule::Bounds bounds{.start = texts.start, .end = texts.end, .first_seen = {}};
    auto schedule = schedule::parse_schedule(texts.expression, zone, bounds);
    if (!schedule) { return std::unexpected(std::move(schedule).error()); }
    std::string text = fmt::format("{} {}", texts.expression, zone);
    if (texts.start) { text += " from " + to_rfc3339(*texts.start); }
    if (texts.end) { text += " until " + to_rfc3339(*texts.end); }
    return ScheduleSettings{std::move(text), std::move(*schedule), texts.flexible_window, texts.jitter};
}

Result<schedule::Spans> read_calendars(const Policy& policy) {
    const auto zone = schedule::TimeZone::find(policy.timezone);
    if (!zone) { return std::unexpected(zone.error()); }
    std::vector<schedule::Spans> all;
    for (std::size_t i = 0; i < policy.holiday_calendars.size(); ++i) {
        auto spans = schedule::parse_holidays(*policy.holiday_calendars[i], *zone);
        if (!spans) { return std::unexpected(std::move(spans).error().with_context(policy.holiday_files[i])); }
        all.push_back(std::move(*spans));
    }
    return schedule::Spans::together(all);
}

Result<bool> parse_bool(const std::string& text) {
    if (text == "true" || text == "false") { return text == "true"; }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is neither true nor false", text));
}

} // namespace

Result<std::string> parse_zone(std::string_view text) {
    if (auto zone = schedule::TimeZone::find(text); !zone) { return std::unexpected(std::move(zone).error()); }
    return std::string(text);
}

const Fields<ScheduleTexts>& schedule_fields() {
    static const Fields<ScheduleTexts> fields{
        {"expression", parsed<&ScheduleTexts::expression, parse_expression>},
        {"timezone", parsed<&ScheduleTexts::timezone, parse_zone>},
        {"start", parsed<&ScheduleTexts::start, parse_rfc3339>},
        {"end", parsed<&ScheduleTexts::end, parse_rfc3339>},
        {"flexible_window", parsed<&ScheduleTexts::flexible_window, parse_duration>},
        {"jitter", parsed<&ScheduleTexts::jitter, parse_duration>},
    };
    return fields;
}

std::optional<ScheduleTexts> read_schedule(const Node& node, const Scope& scope) {
    ScheduleTexts texts;
    texts.line = node.line;
    if (node.kind == Node::Kind::Mapping) {
        read_section(texts, node, scope, schedule_fields());
        if (find(node, "expression") == nullptr) { scope.problem(node.line, "expression is missing"); }
        return texts;
    }
    const auto text = read_text(node, scope);
    if (!text) { return std::nullopt; }
    if (!is_expression(*text)) {
        texts.name = *text;
        return texts;
    }
    const auto expression = read_parsed(node, scope, parse_expression);
    if (!expression) { return std::nullopt; }
    texts.expression = *expression;
    return texts;
}

Status resolve(Policy& policy, const std::map<std::string, ScheduleTexts>& schedules) {
    policy.schedule.reset();
    if (policy.schedule_texts) {
        const auto texts = named(*policy.schedule_texts, schedules);
        if (!texts) { return std::unexpected(texts.error()); }
        auto schedule = made(*texts, texts->timezone.empty() ? policy.timezone : texts->timezone);
        if (!schedule) { return std::unexpected(std::move(schedule).error()); }
        policy.schedule = std::move(*schedule);
    }
    auto holidays = read_calendars(policy);
    if (!holidays) { return std::unexpected(std::move(holidays).error()); }
    const schedule::WindowTexts texts{.windows = policy.window_texts,
                                      .blackouts = policy.blackout_texts,
                                      .holidays = std::move(*holidays),
                                      .timezone = policy.timezone};
    auto windows = schedule::parse_windows(texts);
    if (!windows) { return std::unexpected(std::move(windows).error()); }
    policy.windows = std::move(*windows);
    return {};
}

Result<Policy> with_tags(const Policy& policy, const Settings& settings,
                         const std::map<std::string, std::string>& tags) {
    Policy changed = policy;
    const auto apply = [&](const std::string& name, auto change) -> Status {
        const std::string key = tag_prefix + name;
        const auto found = tags.find(key);
        Status applied = found == tags.end() ? Status{} : change(std::string(trim(found->second)));
        return applied ? Status{} : std::unexpected(std::move(applied).error().with_context("tag " + key));
    };
    const auto into = [](auto& member, auto result) -> Status {
        if (!result) { return std::unexpected(std::move(result).error()); }
        member = std::move(*result);
        return {};
    };
    Status applied = apply("enabled", [&](const std::string& text) { return into(changed.enabled, parse_bool(text)); });
    if (applied) {
        applied = apply("max-age", [&](const std::string& text) {
            changed.max_age.reset();
            return text == "none" ? Status{} : into(changed.max_age, parse_duration(text));
        });
    }
    if (applied) {
        applied = apply("batch", [&](const std::string& text) { return into(changed.run.batch, parse_amount(text)); });
    }
    if (applied) {
        applied = apply("schedule", [&](const std::string& text) {
            changed.schedule_texts.reset();
            if (text != "none") { changed.schedule_texts.emplace().name = text; }
            return resolve(changed, settings.schedules);
        });
    }
    if (!applied) { return std::unexpected(applied.error()); }
    return changed;
}

} // namespace ecsr::config
