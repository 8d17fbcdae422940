// Correction of a wrong local clock, from the Date header of answers that refuse a signature (ECS behaviour H6).
#pragma once

#include "base/http.hpp"
#include "base/time.hpp"

#include <optional>
#include <string_view>

namespace ecsr::aws {

// "Fri, 02 Jan 2026 03:04:05 GMT" (RFC 9110 IMF-fixdate); empty for anything else.
std::optional<Instant> parse_http_date(std::string_view text);

// What to add to the local clock so that it shows the server's time. `now` is the local time of the answer, `offset`
// what was already added. Empty when there is no Date or the clock was right to within four minutes: services accept
// five.
std::optional<Millis> corrected_offset(const HttpResponse& response, Instant now, Millis offset);

} // namespace ecsr::aws
