// Events as EventBridge writes them (ECS behaviour C2, F6).
#pragma once

#include "local/state/state.hpp"

#include <boost/json.hpp>
#include <string>

namespace ecsr::local {

// The envelope; `detail` is still to be added.
boost::json::object make_event(State& state, const std::string& source, const std::string& detail_type, Instant at);

// What the scheduler announced.
boost::json::object ecs_event(State& state, const Announcement& announcement);

} // namespace ecsr::local
