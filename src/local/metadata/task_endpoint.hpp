// What a container may ask about itself: the task metadata endpoint v4 and the agent's task-protection endpoint (ECS
// behaviour F7, B13).
//
// Pure. Called by local/plane under its lock. Containers are told where it is in ECS_CONTAINER_METADATA_URI_V4 and
// ECS_AGENT_URI; the paths hold the container's runtime id, 64 random digits.
#pragma once

#include "base/http.hpp"
#include "local/state/state.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local {

// Below the plane's own address.
std::string metadata_path(std::string_view runtime_id); // "/v4/<id>"
std::string agent_path(std::string_view runtime_id);    // "/api/<id>"

bool is_for_task_endpoint(const HttpRequest& request);

struct TaskEndpointAnswer {
    HttpResponse response;
    bool changed = false; // the State
};

using ContainerMemory = std::function<std::map<std::string, std::uint64_t>(const std::string& task_id)>;

// Requires is_for_task_endpoint(). 404 where the id is of no container that runs.
TaskEndpointAnswer answer_task_endpoint(const HttpRequest& request, State& state, const ContainerMemory& memory,
                                        Instant now);

} // namespace ecsr::local
