// The next times of a schedule, for people and for machines.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ecsr::tell {

struct ScheduledTime {
    std::string local;                 // RFC 3339 with the zone's offset
    std::string utc;                   // RFC 3339
    std::optional<std::string> closed; // why nothing may run then: "blackout 2026-12-24"
    std::optional<std::string> opens;  // then: when it next may, on the zone's wall clock; nothing: never
};

struct ScheduleFacts {
    std::string expression;
    std::string timezone;
    std::string from; // RFC 3339; the times are after it
    std::vector<ScheduledTime> times;
    bool ends = false; // there are no more times than these
};

std::string schedule_text(const ScheduleFacts& facts);
std::string schedule_json(const ScheduleFacts& facts);

} // namespace ecsr::tell
