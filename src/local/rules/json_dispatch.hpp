// One event on its way to the targets of the rules that it matches.
#pragma once

#include "local/state/state.hpp"

#include <boost/json.hpp>

namespace ecsr::local {

// Topics get a message, log groups an event in a stream with the rule's name. A target that is not there gets nothing.
void dispatch(State& state, const boost::json::object& event, Instant now);

} // namespace ecsr::local
