#include "base/text.hpp"
#include "judge/schedule/windows.hpp"

#include <array>
#include <fmt/format.h>

namespace ecsr::schedule {

namespace {

constexpr std::array<std::string_view, 7> day_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::string_view window_shape =
    "a window is like MON-FRI 01:00-05:00, SAT,SUN 22:00-04:00 or 01:00-05:00 Europe/Berlin";
constexpr std::string_view blackout_shape =
    "a blackout is like 2026-12-24, 2026-12-24..2027-01-02 or 2026-12-24T12:00..2026-12-26T06:00";

std::unexpected<Error> wrong(std::string what) {
    return fail(ErrorKind::Usage, std::move(what));
}

int two_digits(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : -100; };
    return text.size() == 2 ? digit(text[0]) * 10 + digit(text[1]) : -1;
}

// "05:30", and "24:00" where the end of the day is meant.
Result<std::chrono::minutes> parse_clock(std::string_view text, bool may_be_24) {
    const int hour = text.size() == 5 && text[2] == ':' ? two_digits(text.substr(0, 2)) : -1;
    const int minute = text.size() == 5 ? two_digits(text.substr(3)) : -1;
    const bool is_24 = may_be_24 && hour == 24 && minute == 0;
    if (!is_24 && (hour < 0 || hour > 23 || minute < 0 || minute > 59)) {
        return wrong(fmt::format("time \"{}\": allowed: 00:00-23:59{}", text, may_be_24 ? ", and 24:00" : ""));
    }
    return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

Result<std::size_t> parse_day(std::string_view text) {
    for (std::size_t day = 0; day < day_names.size(); ++day) {
        if (equals_ignoring_case(text, day_names[day])) { return day; }
    }
    return wrong(fmt::format("day \"{}\": allowed: SUN-SAT with , -", text));
}

Result<std::bitset<7>> parse_days(std::string_view text) {
    std::bitset<7> days;
    for (const auto& item : split(text, ',')) {
        const auto dash = item.find('-');
        const auto from = parse_day(std::string_view(item).substr(0, dash));
        if (!from) { return std::unexpected(from.error()); }
        const auto to = dash == std::string::npos ? from : parse_day(std::string_view(item).substr(dash + 1));
        if (!to) { return std::unexpected(to.error()); }
        for (std::size_t day = *from; day != *to; day = (day + 1) % 7) { days.set(day); }
        days.set(*to);
    }
    return days;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const auto& word : split(text, ' ')) {
        if (!word.empty()) { words.push_back(word); }
    }
    return words;
}

bool is_hours(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

Status parse_hours(std::string_view word, Window& window) {
    const auto dash = word.find('-');
    if (dash == std::string_view::npos) { return wrong(fmt::format("\"{}\" has no end", word)); }
    const auto begin = parse_clock(word.substr(0, dash), false);
    if (!begin) { return std::unexpected(begin.error()); }
    const auto end = parse_clock(word.substr(dash + 1), true);
    if (!end) { return std::unexpected(end.error()); }
    if (*begin == *end) { return wrong(fmt::format("\"{}\" is empty; the whole day is 00:00-24:00", word)); }
    window.begin = *begin;
    window.end = *end > *begin ? *end : *end + std::chrono::hours(24);
    return {};
}

Result<Window> parse_window(std::string_view text, const TimeZone& zone) {
    auto words = words_of(text);
    Window window{.text = {}, .days = std::bitset<7>().set(), .zone = zone};
    std::string days;
    if (!words.empty() && !is_hours(words.front())) {
        days = words.front() + " ";
        const auto parsed = parse_days(words.front());
        if (!parsed) { return std::unexpected(parsed.error()); }
        window.days = *parsed;
        words.erase(words.begin());
    }
    if (words.empty() || words.size() > 2) { return wrong(std::string(window_shape)); }
    if (auto parsed = parse_hours(words[0], window); !parsed) { return std::unexpected(parsed.error()); }
    if (words.size() == 2) {
        auto own = TimeZone::find(words[1]);
        if (!own) { return std::unexpected(own.error()); }
        window.zone = *std::move(own);
    }
    window.text = fmt::format("{}{} {}", days, words[0], window.zone.name());
    return window;
}

struct Moment {
    LocalTime time;
    bool whole_day;
};

// "2026-12-24" or "2026-12-24T12:00".
Result<Moment> parse_moment(std::string_view text) {
    const bool whole_day = text.size() == 10;
    const auto read = parse_rfc3339(fmt::format("{}{}", text, whole_day ? "T00:00:00Z" : ":00Z"));
    if (!read || (!whole_day && text.size() != 16)) {
        return wrong(fmt::format("\"{}\" is no date; {}", text, blackout_shape));
    }
    return Moment{LocalTime(read->time_since_epoch()), whole_day};
}

Result<Span> parse_blackout(std::string_view text, const TimeZone& zone) {
    const auto dots = text.find("..");
    const auto first = parse_moment(text.substr(0, dots));
    if (!first) { return std::unexpected(first.error()); }
    if (dots == std::string_view::npos && !first->whole_day) {
        return wrong(fmt::format("\"{}\" has no end; {}", text, blackout_shape));
    }
    const auto last = dots == std::string_view::npos ? first : parse_moment(text.substr(dots + 2));
    if (!last) { return std::unexpected(last.error()); }
    const LocalTime end = last->whole_day ? last->time + std::chrono::days(1) : last->time;
    if (end <= first->time) { return wrong("it ends before it begins"); }
    return Span{zone.instant_at_or_after(first->time), zone.instant_at_or_after(end), fmt::format("blackout {}", text)};
}

} // namespace

std::vector<std::string> split_windows(std::string_view text) {
    std::vector<std::string> windows;
    bool days_alone = false; // so far: hours are to come
    for (const auto& part : split(text, ',')) {
        const auto trimmed = trim(part);
        if (trimmed.empty()) { continue; }
        if (days_alone) {
            windows.back().append(",").append(trimmed);
        } else {
            windows.emplace_back(trimmed);
        }
        days_alone = parse_days(trimmed).has_value();
    }
    return windows;
}

Result<Windows> parse_windows(const WindowTexts& texts) {
    const auto zone = TimeZone::find(texts.timezone);
    if (!zone) { return std::unexpected(zone.error()); }
    Windows windows;
    for (const auto& text : texts.windows) {
        auto window = parse_window(text, *zone);
        if (!window) {
            return std::unexpected(std::move(window.error()).with_context(fmt::format("window \"{}\"", text)));
        }
        windows.allowed.push_back(*std::move(window));
    }
    std::vector<Span> blackouts;
    for (const auto& text : texts.blackouts) {
        auto blackout = parse_blackout(trim(text), *zone);
        if (!blackout) {
            return std::unexpected(std::move(blackout.error()).with_context(fmt::format("blackout \"{}\"", text)));
        }
        blackouts.push_back(*std::move(blackout));
    }
    windows.blackouts = Spans(std::move(blackouts));
    windows.holidays = texts.holidays;
    return windows;
}

} // namespace ecsr::schedule
