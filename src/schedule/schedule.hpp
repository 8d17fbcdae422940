// When a service is to be recycled: EventBridge's schedule expressions (ECS behaviour I2, I3), as pure functions.
//
//     rate(12 hours)                 every 12 hours of elapsed time, counted from its anchor
//     cron(0 3 ? * MON-FRI *)        minute hour day-of-month month day-of-week year, on the zone's wall clock
//     at(2026-12-01T03:00:00)        once, on the zone's wall clock
//
// What is taken is what EventBridge Scheduler takes; see README.md for the places where AWS says nothing.
#pragma once

#include "base/time.hpp"
#include "schedule/cron.hpp"
#include "schedule/time_zone.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ecsr::schedule {

// When a schedule counts; at(...) ignores it.
struct Bounds {
    std::optional<Instant> start; // no fire before it; rate(...) fires first at it
    std::optional<Instant> end;   // no fire at or after it
    Instant first_seen{};         // what rate(...) counts from when there is no start
};

struct Rate {
    Millis every;
};

struct At {
    Instant when;
};

// A parsed expression. Made by parse_schedule alone.
struct Schedule {
    std::string expression; // as it was written
    TimeZone zone;
    Bounds bounds;
    std::variant<Rate, Cron, At> when;
};

// Error: Usage, one line: the expression, the field, its text, and what it allows.
Result<Schedule> parse_schedule(std::string_view expression, std::string_view timezone = "UTC",
                                const Bounds& bounds = {});

// The first fire after `after` (never at it); nothing when there is none. On the wall clock of the zone: a time that
// clocks are put forward over is skipped, and one that is shown twice fires the first time only. Takes bounded time
// for every expression, also for one that never fires (30 February).
std::optional<Instant> next_fire(const Schedule& schedule, Instant after);

// The fires in (after, until], at most `limit` of them, the earliest first.
std::vector<Instant> fires_between(const Schedule& schedule, Instant after, Instant until, std::size_t limit);

} // namespace ecsr::schedule
