// When a service may be recycled at all: allowed windows, blackouts and holidays, as pure functions.
//
//     window    MON-FRI 01:00-05:00              on the wall clock of the zone; SAT,SUN 22:00-04:00 goes past midnight
//               01:00-05:00 Europe/Berlin        every day, in a zone of its own
//     blackout  2026-12-24                       the whole day
//               2026-12-24..2027-01-02           whole days, the last one included
//               2026-12-24T12:00..2026-12-26T06:00
//
// A window goes from when the wall clock first shows its beginning until it then shows its end: one that lies over a
// change of clocks is longer or shorter by as much, and one that begins in skipped time begins when the skip ends.
#pragma once

#include "base/error.hpp"
#include "judge/schedule/spans.hpp"
#include "schedule/time_zone.hpp"

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::schedule {

struct Window {
    std::string text;             // "MON-FRI 01:00-05:00 Europe/Berlin"
    std::bitset<7> days;          // on which it begins; 0 is Sunday
    std::chrono::minutes begin{}; // since midnight
    std::chrono::minutes end{};   // above `begin`; above 24 h: on the next day
    TimeZone zone;
};

// Made by parse_windows alone.
struct Windows {
    std::vector<Window> allowed; // empty: always
    Spans blackouts;
    Spans holidays;
};

struct WindowTexts {
    std::vector<std::string> windows;
    std::vector<std::string> blackouts;
    Spans holidays; // see holidays.hpp
    std::string timezone = "UTC";
};

// Error: Usage, one line that names the window or blackout and what is allowed.
Result<Windows> parse_windows(const WindowTexts& texts);

// The windows, or blackouts, of a text that separates them by commas: a comma between days separates nothing, so that
// "SAT,SUN 22:00-04:00,MON 01:00-02:00" are two. Blank ones are left out.
std::vector<std::string> split_windows(std::string_view text);

bool is_open(const Windows& windows, Instant at);

// Why nothing may run at `at`: "blackout 2026-12-24", "holiday: New Year", "outside MON-FRI 01:00-05:00 Europe/Berlin";
// empty when it is open.
std::string why_closed(const Windows& windows, Instant at);

// `from` itself when it is open, else the first moment after it that is; nothing when there is none before 2200.
std::optional<Instant> next_open(const Windows& windows, Instant from);

// When it closes, for an `at` that is open; nothing when that is more than a year ahead.
std::optional<Instant> open_until(const Windows& windows, Instant at);

} // namespace ecsr::schedule
