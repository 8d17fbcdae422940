#include "schedule/schedule.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::schedule {

namespace {

constexpr std::size_t longest_expression = 256;                  // ECS behaviour I3
constexpr Millis longest_rate = std::chrono::hours(24 * 36'525); // a century: nobody means more

struct Unit {
    std::string_view singular;
    std::string_view plural;
    Millis length;
};

constexpr Unit units[] = {
    {"minute", "minutes", std::chrono::minutes(1)},
    {"hour", "hours", std::chrono::hours(1)},
    {"day", "days", std::chrono::hours(24)}, // elapsed time, whatever clocks do (ECS behaviour I3)
};

constexpr std::string_view rate_shape = "rate takes a whole number above 0 and minutes, hours or days";
constexpr std::string_view at_shape = "at takes yyyy-mm-ddThh:mm:ss, such as at(2026-12-01T03:00:00)";

std::unexpected<Error> wrong(std::string what) {
    return fail(ErrorKind::Usage, std::move(what));
}

Result<Rate> parse_rate(std::string_view inside) {
    const auto text = trim(inside);
    const auto blank = text.find_first_of(" \t");
    const auto number = text.substr(0, blank);
    const auto word = blank == std::string_view::npos ? std::string_view() : trim(text.substr(blank));
    const auto value = parse_integer(number);
    if (!value || *value < 1 || number.front() == '+') {
        return wrong(fmt::format("value \"{}\" is no whole number above 0; {}", number, rate_shape));
    }
    const auto* unit =
        std::ranges::find_if(units, [&](const Unit& u) { return word == u.singular || word == u.plural; });
    if (unit == std::end(units)) { return wrong(fmt::format("unit \"{}\" is not known; {}", word, rate_shape)); }
    // Rules want the singular with 1 and the plural otherwise; Scheduler takes the plural with 1 too (ECS behaviour I2,
    // I3).
    if (*value != 1 && word == unit->singular) {
        return wrong(fmt::format("unit \"{}\" goes with 1 only; write {} {}", word, *value, unit->plural));
    }
    if (*value > longest_rate / unit->length) {
        return wrong(
            fmt::format("value \"{}\" is above {} {}, a century", number, longest_rate / unit->length, unit->plural));
    }
    return Rate{*value * unit->length};
}

Result<At> parse_at(std::string_view text, const TimeZone& zone) {
    // As UTC first: the wall clock's reading is the same text with a Z.
    const bool shaped = text.size() == std::string_view("yyyy-mm-ddThh:mm:ss").size() && !text.ends_with(":60");
    const auto reading = shaped ? parse_rfc3339(fmt::format("{}Z", text)) : wrong("");
    if (!reading) { return wrong(fmt::format("\"{}\" is no date and time; {}", text, at_shape)); }
    const auto when = zone.instant(LocalTime(reading->time_since_epoch()));
    if (!when) {
        return wrong(fmt::format("\"{}\" never happens in {}: clocks are put forward over it", text, zone.name()));
    }
    return At{*when};
}

Result<std::variant<Rate, Cron, At>> parse_when(std::string_view expression, const TimeZone& zone) {
    const auto open = expression.find('(');
    const auto name = expression.substr(0, open);
    const bool known = name == "rate" || name == "cron" || name == "at";
    if (open == std::string_view::npos || !expression.ends_with(')') || !known) {
        return wrong("a schedule is rate(12 hours), cron(0 3 ? * MON-FRI *) or at(2026-12-01T03:00:00)");
    }
    const auto inside = expression.substr(open + 1, expression.size() - open - 2);
    const auto whole = [](auto parsed) -> Result<std::variant<Rate, Cron, At>> {
        if (!parsed) { return std::unexpected(parsed.error()); }
        return *std::move(parsed);
    };
    if (name == "rate") { return whole(parse_rate(inside)); }
    if (name == "cron") { return whole(parse_cron(inside)); }
    return whole(parse_at(inside, zone));
}

// The first of anchor, anchor + every, ... that is after `after`.
Instant next_of_rate(const Rate& rate, Instant anchor, Instant after) {
    if (after < anchor) { return anchor; }
    return anchor + ((after - anchor) / rate.every + 1) * rate.every;
}

std::optional<Instant> next_of_cron(const Cron& cron, const TimeZone& zone, Instant after) {
    auto from = std::chrono::floor<std::chrono::minutes>(zone.local(after));
    // Few turns: only times that are never shown, or that were shown before clocks were put back, are passed over.
    while (const auto match = next_match(cron, from)) {
        const auto fire = zone.instant(*match);
        if (fire && *fire > after) { return fire; }
        from = *match + std::chrono::minutes(1);
    }
    return std::nullopt;
}

std::optional<Instant> next_unbounded(const Schedule& schedule, Instant after) {
    if (const auto* rate = std::get_if<Rate>(&schedule.when)) {
        return next_of_rate(*rate, schedule.bounds.start.value_or(schedule.bounds.first_seen), after);
    }
    return next_of_cron(std::get<Cron>(schedule.when), schedule.zone, after);
}

} // namespace

Result<Schedule> parse_schedule(std::string_view expression, std::string_view timezone, const Bounds& bounds) {
    const auto trimmed = trim(expression);
    auto zone = TimeZone::find(timezone);
    if (!zone) { return std::unexpected(zone.error()); }
    const auto context = fmt::format("schedule \"{}\"", trimmed);
    if (trimmed.size() > longest_expression) {
        return fail(ErrorKind::Usage, fmt::format("schedule \"{}...\" is longer than {} characters",
                                                  trimmed.substr(0, 40), longest_expression));
    }
    auto when = parse_when(trimmed, *zone);
    if (!when) { return std::unexpected(std::move(when.error()).with_context(context)); }
    return Schedule{std::string(trimmed), *std::move(zone), bounds, *std::move(when)};
}

std::optional<Instant> next_fire(const Schedule& schedule, Instant after) {
    if (const auto* at = std::get_if<At>(&schedule.when)) {
        return at->when > after ? std::optional(at->when) : std::nullopt;
    }
    const auto& [start, end, first_seen] = schedule.bounds;
    // A fire at the start counts.
    const Instant from = start ? std::max(after, *start - Millis(1)) : after;
    const auto fire = next_unbounded(schedule, from);
    return fire && end && *fire >= *end ? std::nullopt : fire;
}

std::vector<Instant> fires_between(const Schedule& schedule, Instant after, Instant until, std::size_t limit) {
    std::vector<Instant> fires;
    auto fire = next_fire(schedule, after);
    while (fire && *fire <= until && fires.size() < limit) {
        fires.push_back(*fire);
        fire = next_fire(schedule, *fire);
    }
    return fires;
}

} // namespace ecsr::schedule
