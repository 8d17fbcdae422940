#include "base/time.hpp"

#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace ecsr {

namespace {

using namespace std::chrono_literals;

struct Unit {
    std::string_view name;
    Millis size;
};

constexpr std::array<Unit, 5> units{{{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

struct Civil {
    int year;
    unsigned month;
    unsigned day;
    std::int64_t hour;
    std::int64_t minute;
    std::int64_t second;
    std::int64_t millis;
};

Civil to_civil(Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            time.hours().count(),
            time.minutes().count(),
            time.seconds().count(),
            time.subseconds().count()};
}

// Numbers of a date: not negative, and of four digits at most.
void write_digits(char* text, std::size_t digits, std::int64_t value) {
    auto left = static_cast<std::uint32_t>(value);
    for (std::size_t i = digits; i > 0; --i) {
        text[i - 1] = static_cast<char>('0' + left % 10);
        left /= 10;
    }
}

// Reads `digits` digits at `position` and moves it; -1 when they are not there.
int read_digits(std::string_view text, std::size_t& position, std::size_t digits) {
    if (position + digits > text.size()) { return -1; }
    int value = 0;
    const char* end = text.data() + position + digits;
    const auto [stop, status] = std::from_chars(text.data() + position, end, value);
    if (status != std::errc{} || stop != end || value < 0) { return -1; }
    position += digits;
    return value;
}

bool read_char(std::string_view text, std::size_t& position, char wanted) {
    if (position >= text.size() || text[position] != wanted) { return false; }
    ++position;
    return true;
}

Millis read_fraction(std::string_view text, std::size_t& position) {
    if (!read_char(text, position, '.')) { return 0ms; }
    std::int64_t value = 0;
    std::int64_t scale = 100;
    while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
        value += (text[position] - '0') * scale;
        scale /= 10;
        ++position;
    }
    return Millis(value);
}

Result<Millis> read_offset(std::string_view text, std::size_t& position) {
    if (read_char(text, position, 'Z')) { return 0ms; }
    const bool minus = read_char(text, position, '-');
    if (!minus && !read_char(text, position, '+')) { return fail(ErrorKind::Usage, ""); }
    const int hours = read_digits(text, position, 2);
    const bool colon = read_char(text, position, ':');
    const int minutes = read_digits(text, position, 2);
    if (hours < 0 || minutes < 0 || !colon) { return fail(ErrorKind::Usage, ""); }
    const Millis offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return minus ? -offset : offset;
}

} // namespace

void append_rfc3339(std::string& out, Instant at) {
    const Civil c = to_civil(at);
    if (c.year < 0 || c.year > 9999) {
        out += fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour, c.minute,
                           c.second, c.millis);
        return;
    }
    // Journals and documents hold thousands of times, so the years that people live in are written digit by digit.
    std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                              '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
    write_digits(&text[0], 4, c.year);
    write_digits(&text[5], 2, c.month);
    write_digits(&text[8], 2, c.day);
    write_digits(&text[11], 2, c.hour);
    write_digits(&text[14], 2, c.minute);
    write_digits(&text[17], 2, c.second);
    write_digits(&text[20], 3, c.millis);
    if (c.millis != 0) { return void(out.append(text.data(), text.size())); }
    out.append(text.data(), 19);
    out += 'Z';
}

std::string to_rfc3339(Instant at) {
    std::string text;
    append_rfc3339(text, at);
    return text;
}

std::string to_iso8601_basic(Instant at) {
    const Civil c = to_civil(at);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

Result<Instant> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    const int year = read_digits(text, at, 4);
    bool ok = read_char(text, at, '-');
    const int month = read_digits(text, at, 2);
    ok = read_char(text, at, '-') && ok;
    const int day = read_digits(text, at, 2);
    ok = read_char(text, at, 'T') && ok;
    const int hour = read_digits(text, at, 2);
    ok = read_char(text, at, ':') && ok;
    const int minute = read_digits(text, at, 2);
    ok = read_char(text, at, ':') && ok;
    const int second = read_digits(text, at, 2);
    const Millis fraction = read_fraction(text, at);
    const auto offset = read_offset(text, at);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    ok = ok && offset && at == text.size() && year >= 0 && date.ok() && hour >= 0 && hour < 24 && minute >= 0 &&
         minute < 60 && second >= 0 && second <= 60;
    if (!ok) {
        return fail(ErrorKind::Usage,
                    fmt::format("\"{}\" is not a time like 2026-11-20T12:34:56Z or 2026-11-20T12:34:56+01:00", text));
    }
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second) + fraction - *offset;
}

Result<Millis> parse_duration(std::string_view text) {
    const auto refuse = [text] {
        return fail(ErrorKind::Usage,
                    fmt::format("\"{}\" is not a duration; write a number and a unit (ms, s, m, h, d), "
                                "for example 30s, 6h or 1h30m",
                                text));
    };
    if (text == "0") { return 0ms; }
    Millis total{0};
    std::size_t at = 0;
    while (at < text.size()) {
        std::int64_t number = 0;
        const auto [stop, status] = std::from_chars(text.data() + at, text.data() + text.size(), number);
        if (status != std::errc{} || number < 0) { return refuse(); }
        at = static_cast<std::size_t>(stop - text.data());
        const auto letters = text.find_first_of("0123456789", at);
        const std::string_view name = text.substr(at, letters == std::string_view::npos ? letters : letters - at);
        const Unit* unit = nullptr;
        for (const Unit& candidate : units) {
            if (candidate.name == name) { unit = &candidate; }
        }
        const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 4;
        if (unit == nullptr || number > limit / unit->size.count() || total.count() > limit) { return refuse(); }
        total += number * unit->size;
        at += name.size();
    }
    return text.empty() ? Result<Millis>(refuse()) : Result<Millis>(total);
}

std::string format_duration(Millis span) {
    if (span == 0ms) { return "0s"; }
    std::string text = span < 0ms ? "-" : "";
    Millis rest = span < 0ms ? -span : span;
    for (const Unit& unit : units) {
        if (const auto count = rest / unit.size; count > 0) {
            text += fmt::format("{}{}", count, unit.name);
            rest -= count * unit.size;
        }
    }
    return text;
}

std::string format_age(Millis span) {
    if (span < 0ms) { span = 0ms; }
    if (span < 10s) { return fmt::format("{:.1f}s", static_cast<double>(span.count()) / 1000.0); }
    std::string text;
    int parts = 0;
    Millis rest = span;
    for (const Unit& unit : units) {
        const auto count = rest / unit.size;
        if (unit.size < 1s || parts == 2 || (count == 0 && parts == 0)) { continue; }
        ++parts;
        rest -= count * unit.size;
        if (count > 0) { text += fmt::format("{}{}{}", text.empty() ? "" : " ", count, unit.name); }
    }
    return text;
}

double to_epoch_seconds(Instant at) {
    return static_cast<double>(at.time_since_epoch().count()) / 1000.0;
}

Instant from_epoch_seconds(double seconds) {
    return Instant(Millis(std::llround(seconds * 1000.0)));
}

} // namespace ecsr
