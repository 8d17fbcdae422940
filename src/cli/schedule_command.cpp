#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "judge/schedule/holidays.hpp"
#include "judge/schedule/windows.hpp"
#include "schedule/schedule.hpp"
#include "tell/schedule_report.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <ostream>
#include <sstream>

namespace ecsr::cli {

namespace {

Result<std::optional<Instant>> optional_time(const Invocation& invocation, std::string_view flag) {
    const auto text = invocation.optional_text(flag);
    if (!text) { return std::nullopt; }
    auto time = parse_rfc3339(*text);
    if (!time) { return std::unexpected(std::move(time.error()).with_context(fmt::format("--{}", flag))); }
    return *time;
}

// A rate without a start counts from --from, so that what is printed does not hang on when it is asked.
Result<schedule::Bounds> bounds_of(const Invocation& invocation, Instant from) {
    const auto start = optional_time(invocation, "start");
    if (!start) { return std::unexpected(start.error()); }
    const auto end = optional_time(invocation, "end");
    if (!end) { return std::unexpected(end.error()); }
    if (*start && *end && **end < **start) {
        return fail(ErrorKind::Usage,
                    fmt::format("--end {} is before --start {}", to_rfc3339(**end), to_rfc3339(**start)));
    }
    return schedule::Bounds{.start = *start, .end = *end, .first_seen = from};
}

Result<schedule::Spans> read_holidays(const std::string& path, const schedule::TimeZone& zone) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    // A folder opens, and fails when it is read.
    if (!file || std::filesystem::is_directory(path) || !(text << file.rdbuf()).good()) {
        return fail(ErrorKind::Usage, fmt::format("--holidays {}: cannot be read, or is empty", path));
    }
    auto spans = schedule::parse_holidays(text.str(), zone);
    if (!spans) { return std::unexpected(std::move(spans.error()).with_context(fmt::format("--holidays {}", path))); }
    return spans;
}

// In a variable the commas between windows look like those between days.
std::vector<std::string> windows_given(const Invocation& invocation) {
    auto windows = invocation.list("window");
    return invocation.is_typed("window") ? windows : schedule::split_windows(join(windows, ","));
}

Result<schedule::Windows> windows_of(const Invocation& invocation, const schedule::TimeZone& zone) {
    schedule::WindowTexts texts{.windows = windows_given(invocation),
                                .blackouts = invocation.list("blackout"),
                                .holidays = {},
                                .timezone = zone.name()};
    std::vector<schedule::Spans> calendars;
    for (const auto& path : invocation.list("holidays")) {
        auto spans = read_holidays(path, zone);
        if (!spans) { return std::unexpected(spans.error()); }
        calendars.push_back(*std::move(spans));
    }
    texts.holidays = schedule::Spans::together(calendars);
    return schedule::parse_windows(texts);
}

tell::ScheduledTime describe(Instant fire, const schedule::Windows& windows, const schedule::TimeZone& zone) {
    tell::ScheduledTime time{.local = zone.text(fire), .utc = to_rfc3339(fire), .closed = {}, .opens = {}};
    if (auto why = schedule::why_closed(windows, fire); !why.empty()) {
        time.closed = std::move(why);
        const auto opens = schedule::next_open(windows, fire);
        time.opens = opens.transform([&](Instant at) { return zone.text(at); });
    }
    return time;
}

Result<tell::ScheduleFacts> next_times(const Invocation& invocation, Instant now) {
    const auto given = optional_time(invocation, "from");
    if (!given) { return std::unexpected(given.error()); }
    const Instant from = given->value_or(std::chrono::floor<Seconds>(now));
    const auto bounds = bounds_of(invocation, from);
    if (!bounds) { return std::unexpected(bounds.error()); }
    const auto parsed = schedule::parse_schedule(invocation.positional(0), invocation.text("timezone"), *bounds);
    if (!parsed) { return std::unexpected(parsed.error()); }
    const auto windows = windows_of(invocation, parsed->zone);
    if (!windows) { return std::unexpected(windows.error()); }
    tell::ScheduleFacts facts{.expression = parsed->expression,
                              .timezone = parsed->zone.name(),
                              .from = to_rfc3339(from),
                              .times = {},
                              .ends = false};
    const auto count = static_cast<std::size_t>(invocation.number("count"));
    auto fire = schedule::next_fire(*parsed, from);
    for (; fire && facts.times.size() < count; fire = schedule::next_fire(*parsed, *fire)) {
        facts.times.push_back(describe(*fire, *windows, parsed->zone));
    }
    facts.ends = !fire;
    return facts;
}

} // namespace

int schedule_next(const Invocation& invocation, World& world) {
    const auto facts = next_times(invocation, world.clock.now());
    if (!facts) { return report_failure(facts.error(), invocation, world); }
    world.console.out << (wants_json(invocation) ? tell::schedule_json(*facts) + "\n" : tell::schedule_text(*facts));
    return 0;
}

} // namespace ecsr::cli
