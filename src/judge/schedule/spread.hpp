// Where in its time a fire is put, so that many services do not start at once: the same service always gets the same
// place, on every machine and after every restart. And what was missed while nobody looked.
#pragma once

#include "base/time.hpp"
#include "schedule/schedule.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace ecsr::schedule {

// EventBridge Scheduler's flexible time window: one place in [fire, fire + window), on a whole second, drawn from the
// service's name and the fire. A window of zero gives `fire`.
Instant place_in_window(Instant fire, Millis window, std::string_view service);

// A delay in [0, most), on a whole second, drawn from the service's name alone: services of one schedule keep their
// distance from fire to fire.
Millis stagger(Millis most, std::string_view service);

// The latest fire in (since, until]; nothing when there is none. Takes bounded time however many there are.
std::optional<Instant> last_fire(const Schedule& schedule, Instant since, Instant until);

struct Missed {
    std::size_t count = 0;       // at most the limit that was handed in
    std::optional<Instant> last; // the latest of them
};

// The fires in (since, now]: what was due while the program was down. Counting stops at `limit`; `last` is then the
// latest of all, nevertheless.
Missed missed_fires(const Schedule& schedule, Instant since, Instant now, std::size_t limit = 1000);

} // namespace ecsr::schedule
