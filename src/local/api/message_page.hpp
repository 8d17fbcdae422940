// What was published, for people. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/json.hpp"
#include "local/state/state.hpp"

#include <string>

namespace ecsr::local::wire {

// The messages that are still kept, newest first, with what became of them at each subscription, and the subscriptions
// that wait for a confirmation. `topic`: a name or ARN; empty: of all topics.
json::object message_page(const State& state, const std::string& topic);

} // namespace ecsr::local::wire
