// RegisterTaskDefinition's request, taken apart. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/input.hpp"
#include "local/state/task_definition.hpp"

namespace ecsr::local::wire {

// Everything but revision, registered_at. What is wrong is noted in `input`. The document holds every member of the
// request that DescribeTaskDefinition answers, with the defaults that ECS fills in.
TaskDefinition read_task_definition(Input& input);

} // namespace ecsr::local::wire
