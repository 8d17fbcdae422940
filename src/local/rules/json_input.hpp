// What a target of a rule is told of an event: all of it, a part, a constant, or what an input transformer makes.
// Internal to this folder.
#pragma once

#include "base/error.hpp"
#include "local/state/rules.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local {

// Nothing: the event has no such member, or it is no path.
std::optional<boost::json::value> find_by_path(const boost::json::object& event, std::string_view path);

std::string target_input(const Rule& rule, const RuleTarget& target, const boost::json::object& event, Instant now);

} // namespace ecsr::local
