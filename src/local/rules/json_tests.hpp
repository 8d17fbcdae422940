// One item of a list in an event pattern: a value, or a test such as {"prefix": "a"}. Internal to this folder.
#pragma once

#include "base/error.hpp"

#include <boost/json.hpp>

namespace ecsr::local {

// "prefix", "numeric", ...
bool is_match_type(boost::json::string_view name);

// Error: Usage.
Status check_test(const boost::json::object& test);

// `item` has been checked. `value`: no list and no object; null when the event has none.
bool matches_item(const boost::json::value& item, const boost::json::value* value);

} // namespace ecsr::local
