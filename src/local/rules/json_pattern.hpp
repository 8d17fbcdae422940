// Event patterns of EventBridge: which events a rule is for.
//
// Values, null, prefix, suffix, equals-ignore-case, wildcard, anything-but (of values, prefix, suffix,
// equals-ignore-case and wildcard), numeric, exists, cidr (IPv4) and $or. Lists in an event match by any of their
// items, and members of one pattern by one and the same item.
#pragma once

#include "base/error.hpp"

#include <boost/json.hpp>
#include <string_view>

namespace ecsr::local {

// The pattern. Error: Usage, with what is wrong in EventBridge's words where they are known.
Result<boost::json::object> parse_event_pattern(std::string_view text);

// `pattern`: of parse_event_pattern().
bool matches_event(const boost::json::object& pattern, const boost::json::object& event);

} // namespace ecsr::local
