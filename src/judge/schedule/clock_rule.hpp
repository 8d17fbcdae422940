// By which rule a zone's clocks change in every year: the POSIX text in the last line of a zone's file (RFC 8536, 3.3),
// such as CET-1CEST,M3.5.0,M10.5.0/3.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace ecsr::schedule {

// A span of time in which a zone's offset stays the same: [begin, end).
struct Piece {
    std::chrono::sys_seconds begin;
    std::chrono::sys_seconds end;
    Seconds offset; // east of UTC: positive
};

class ClockRule {
public:
    // Nothing when the text is not of that kind, or clocks do not change by it.
    static std::optional<ClockRule> parse(std::string_view text);

    Piece piece(std::chrono::sys_seconds at) const;

    // A day of every year, and a time on it.
    struct Change {
        enum class Kind { MonthWeekDay, DayWithoutLeap, DayWithLeap } kind = Kind::MonthWeekDay;
        int month = 0; // MonthWeekDay: M3.5.0 is the last (5) Sunday (0) of March
        int week = 0;
        int day = 0;        // of the week; else of the year: from 1 (J60 is always 1 March), from 0 with 29 February
        Seconds time{7200}; // since midnight, on the clock that is left; may be negative or above 24 h
    };

private:
    Seconds standard_{};
    Seconds summer_{};
    Change to_summer_;
    Change to_standard_;
};

} // namespace ecsr::schedule
