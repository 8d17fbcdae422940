// Whether a container of a task may start: what it depends on, judged alike by every runtime (ECS behaviour B10).
#pragma once

#include "local/state/task.hpp"
#include "local/state/task_definition.hpp"

#include <optional>
#include <string>

namespace ecsr::local {

// How far the container is that another one depends on.
struct Progress {
    bool was_started = false;
    bool is_running = false;
    bool has_ended = false; // or will never start
    std::optional<int> exit_code;
    Health health = Health::Unknown;
    Instant started_at{}; // the last time
    std::optional<Seconds> start_timeout;
};

enum class Readiness { Ready, NotYet, TooLate, Never };

Readiness judge_dependency(const std::string& condition, const Progress& other, Instant now);

// When those that wait for it give up; max() when never.
Instant start_deadline(const Progress& other);

// The reason of a container whose dependency is TooLate or Never (ECS behaviour C4).
std::string dependency_obstacle(const std::string& container, const ContainerDependency& dependency, Readiness why);

} // namespace ecsr::local
