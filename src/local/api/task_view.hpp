// How ECS shows a task. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

namespace ecsr::local::wire {

json::object task_view(const Call& call, const Task& task, bool with_tags);

} // namespace ecsr::local::wire
