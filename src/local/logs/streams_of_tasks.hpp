// The log driver awslogs: where the output of containers goes (ECS behaviour A10, C3, C4).
#pragma once

#include "local/logs/log_store.hpp"
#include "local/state/outside.hpp"

#include <optional>
#include <string>

namespace ecsr::local {

// Why a container cannot be started.
struct LogProblem {
    std::string container;
    std::string reason; // as the agent, or Fargate, words it
};

// Makes the groups (awslogs-create-group) and streams that the containers of a task write to, and names each
// container's stream in the launch; one without a stream prefix is named by its runtime id, later. A problem is the
// first container's whose group is not there.
std::optional<LogProblem> prepare_log_streams(State& state, TaskLaunch& launch, bool on_fargate, Instant now);

// What a container wrote becomes events of its stream. A group or stream that was deleted meanwhile loses it.
void take_in_output(State& state, ContainerOutput output, Instant now);

} // namespace ecsr::local
