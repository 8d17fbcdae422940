// What a container is told: environment variables and ports.
#pragma once

#include "local/runtime/ports.hpp"
#include "local/runtime/process_runtime.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

inline constexpr const char* container_id_variable = "LOCAL_ECS_CONTAINER_ID";

// "NAME=value" entries: what the definition says, over PATH, HOME, HOST, LOCAL_ECS_TASK_ID, LOCAL_ECS_CONTAINER_ID,
// ECS_CONTAINER_METADATA_URI_V4, ECS_AGENT_URI and, for containers with port mappings, PORT (of the first mapping) and
// PORT_<containerPort>. Nothing of this process's own environment.
std::vector<std::string> container_environment(const ProcessRuntimeOptions& options, const TaskLaunch& task,
                                               const ContainerDefinition& container, const std::string& container_id,
                                               const std::vector<AssignedPort>& ports);

} // namespace ecsr::local
