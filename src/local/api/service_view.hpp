// How ECS shows a service. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

namespace ecsr::local::wire {

json::object service_view(const Call& call, const Service& service, bool with_tags);

} // namespace ecsr::local::wire
