// Points in time and spans of time, as text and as values.
//
// Every function here is pure; the current time comes only from a Clock (base/clock.hpp).
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace ecsr {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// UTC, with the millisecond resolution that the ECS API has.
using Instant = std::chrono::sys_time<Millis>;

// "2026-11-20T12:34:56.789Z"; the fraction is left out when it is zero.
std::string to_rfc3339(Instant at);
// The same at the end of `out`.
void append_rfc3339(std::string& out, Instant at);

// Accepts what to_rfc3339 prints, and offsets ("+02:00"). Error: ErrorKind::Usage.
Result<Instant> parse_rfc3339(std::string_view text);

// "20261120T123456Z", as SigV4 wants it.
std::string to_iso8601_basic(Instant at);

// A number and a unit, repeated: "30s", "250ms", "6h", "1h30m", "2d". A bare number has no meaning and is refused,
// except "0". Error: ErrorKind::Usage; the message names the text and what is allowed.
Result<Millis> parse_duration(std::string_view text);

// The shortest exact text that parse_duration reads back: "1h30m", "250ms", "0s".
std::string format_duration(Millis span);

// For people: two units at most, "3d 4h", "12m 5s", "4.2s".
std::string format_age(Millis span);

// Seconds since the epoch with three decimals, as ECS sends and takes timestamps.
double to_epoch_seconds(Instant at);
Instant from_epoch_seconds(double seconds);

} // namespace ecsr
