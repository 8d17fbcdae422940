// Holidays from an iCalendar file (RFC 5545), such as Google, Outlook and government sites publish.
#pragma once

#include "base/error.hpp"
#include "judge/schedule/spans.hpp"
#include "schedule/time_zone.hpp"

#include <string_view>

namespace ecsr::schedule {

// Every event of the calendar's text, as a span whose reason is "holiday: SUMMARY". Taken: events of whole days and of
// hours; RRULE, RDATE, EXDATE and RECURRENCE-ID; times in UTC, with a TZID (IANA, or described in the file), and
// without a zone, which like whole days are on the wall clock of `zone`. Repetitions are followed until 2200.
//
// Not taken: cancelled events, and events that take no time. TRANSP is not looked at, because holidays are mostly
// published as TRANSPARENT.
//
// Error: Usage; says which event and what is wrong with it, or that the text is no calendar.
Result<Spans> parse_holidays(std::string_view text, const TimeZone& zone);

} // namespace ecsr::schedule
