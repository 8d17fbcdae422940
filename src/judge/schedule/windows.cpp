#include "judge/schedule/windows.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ecsr::schedule {

namespace {

using std::chrono::days;
using std::chrono::local_days;

const Instant end_of_time{std::chrono::sys_days{std::chrono::year(2200) / 1 / 1}};
constexpr days longest_look{366};

struct Stretch {
    Instant begin;
    Instant end;
};

// The window that begins on `date`; nothing where there is none, also because the zone skipped that date.
std::optional<Stretch> stretch_on(const Window& window, local_days date) {
    if (!window.days.test(std::chrono::weekday(date).c_encoding())) { return std::nullopt; }
    const LocalTime midnight{date};
    if (window.zone.instant_at_or_after(midnight) == window.zone.instant_at_or_after(midnight + days(1))) {
        return std::nullopt;
    }
    const Instant begin = window.zone.instant_at_or_after(midnight + window.begin);
    const Instant end = window.zone.instant_at_or_after(midnight + window.end);
    return begin < end ? std::optional<Stretch>({begin, end}) : std::nullopt;
}

local_days date_at(const Window& window, Instant at) {
    return std::chrono::floor<days>(window.zone.local(at));
}

// When the window that holds `at` ends; nothing when it does not hold it.
std::optional<Instant> end_of(const Window& window, Instant at) {
    std::optional<Instant> end;
    const auto today = date_at(window, at);
    for (auto date = today - days(2); date <= today; date += days(1)) {
        const auto stretch = stretch_on(window, date);
        if (stretch && stretch->begin <= at && at < stretch->end) { end = std::max(end.value_or(at), stretch->end); }
    }
    return end;
}

// When it next begins after `at`; a window is at most weekly, and a zone may skip one such day.
std::optional<Instant> next_begin(const Window& window, Instant at) {
    const auto today = date_at(window, at);
    for (auto date = today - days(1); date <= today + days(15); date += days(1)) {
        const auto stretch = stretch_on(window, date);
        if (stretch && stretch->begin > at) { return stretch->begin; }
    }
    return std::nullopt;
}

bool is_allowed(const Windows& windows, Instant at) {
    return windows.allowed.empty() ||
           std::ranges::any_of(windows.allowed, [at](const Window& window) { return end_of(window, at).has_value(); });
}

std::optional<Instant> next_allowed(const Windows& windows, Instant at) {
    if (is_allowed(windows, at)) { return at; }
    std::optional<Instant> first;
    for (const auto& window : windows.allowed) {
        const auto begin = next_begin(window, at);
        if (begin && (!first || *begin < *first)) { first = begin; }
    }
    return first;
}

// When the allowed windows, taken together, end after `at`; nothing when not within `limit`.
std::optional<Instant> allowed_until(const Windows& windows, Instant at, Instant limit) {
    if (windows.allowed.empty()) { return std::nullopt; }
    Instant end = at;
    while (end < limit) {
        Instant further = end;
        for (const auto& window : windows.allowed) { further = std::max(further, end_of(window, end).value_or(end)); }
        if (further == end) { return end; }
        end = further;
    }
    return std::nullopt;
}

const Span* blocked(const Windows& windows, Instant at) {
    const Span* blackout = windows.blackouts.at(at);
    const Span* holiday = windows.holidays.at(at);
    if (!blackout || !holiday) { return blackout ? blackout : holiday; }
    return blackout->end >= holiday->end ? blackout : holiday;
}

std::string outside(const std::vector<Window>& windows) {
    std::vector<std::string> texts;
    for (const auto& window : windows) { texts.push_back(window.text); }
    return "outside " + join(texts, " and ");
}

} // namespace

bool is_open(const Windows& windows, Instant at) {
    return blocked(windows, at) == nullptr && is_allowed(windows, at);
}

std::string why_closed(const Windows& windows, Instant at) {
    if (const Span* span = blocked(windows, at)) { return span->why; }
    return is_allowed(windows, at) ? "" : outside(windows.allowed);
}

std::optional<Instant> next_open(const Windows& windows, Instant from) {
    Instant at = from;
    // Every turn goes past a blackout, a holiday or to a window's beginning, so the end of time is reached.
    while (at < end_of_time) {
        if (const Span* span = blocked(windows, at)) {
            at = span->end;
            continue;
        }
        const auto allowed = next_allowed(windows, at);
        if (!allowed || *allowed == at) { return allowed; }
        at = *allowed;
    }
    return std::nullopt;
}

std::optional<Instant> open_until(const Windows& windows, Instant at) {
    Instant limit = at + longest_look;
    bool closes = false;
    for (const Spans* spans : {&windows.blackouts, &windows.holidays}) {
        const Span* next = spans->after(at);
        if (next != nullptr && next->begin < limit) {
            limit = next->begin;
            closes = true;
        }
    }
    if (const auto end = allowed_until(windows, at, limit)) { return end; }
    return closes ? std::optional(limit) : std::nullopt;
}

} // namespace ecsr::schedule
