// What one advance() works with. Internal to this folder.
#pragma once

#include "local/scheduler/scheduler.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

// What happened to the targets of a service within one turn; told as one event of each kind.
struct TargetNews {
    std::map<std::string, int> registered; // by target group ARN
    std::map<std::string, int> deregistered;
    int draining_tasks = 0;
};

struct Turn {
    State& state;
    const SchedulerOptions& options;
    Instant now;
    std::vector<Effect> effects;
    std::map<ServiceKey, TargetNews> news;
};

inline ServiceKey key_of(const Task& task) {
    return {task.cluster, task.service};
}

// Asks for a decision about the service of the task, if it has one.
inline void touch_service_of(State& state, const Task& task) {
    if (Service* service = service_of(state, task)) { service->touched = true; }
}

} // namespace ecsr::local
