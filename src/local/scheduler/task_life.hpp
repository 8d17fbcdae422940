// The life of one task: what the ECS agent and the control plane do to it (ECS behaviour B10).
#pragma once

#include "local/scheduler/turn.hpp"

#include <string>

namespace ecsr::local {

struct NewTask {
    std::string cluster;
    std::string task_definition; // ARN
    std::string group, started_by, launch_type, zone;
    std::string service; // empty: a standalone one
};

// A new task in PROVISIONING that launches at `launch_at`.
Task& create_task(State& state, const NewTask& wanted, Instant launch_at, Instant now);

// stopCode of ECS behaviour C3.
inline constexpr const char* stopped_by_scheduler = "ServiceSchedulerInitiated";
inline constexpr const char* stopped_by_user = "UserInitiated";
inline constexpr const char* stopped_by_exit = "EssentialContainerExited";
inline constexpr const char* stopped_by_failed_start = "TaskFailedToStart";

// desiredStatus STOPPED from now on; the next advance() carries it out. A task that is already on its way out keeps its
// reason.
void order_stop(State& state, Task& task, const char* stop_code, const std::string& reason, Instant now);

// Makes progress() look at the task at `due`.
void set_due(State& state, Task& task, Instant due);

// Does what is due by now.
void progress(Turn& turn, Task& task);

} // namespace ecsr::local
