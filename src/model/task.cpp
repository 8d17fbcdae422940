#include "model/task.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ecsr {

bool is_live(const Task& task) {
    return task.desired_status != "STOPPED" && !is_stopped(task);
}

bool is_running(const Task& task) {
    return task.last_status == "RUNNING" && task.desired_status != "STOPPED";
}

bool is_stopped(const Task& task) {
    return task.last_status == "STOPPED" || task.last_status == "DELETED";
}

bool killed_for_memory(const Task& task) {
    return std::ranges::any_of(task.containers, [](const Container& container) {
        return contains_ignoring_case(container.reason, "outofmemory") ||
               contains_ignoring_case(container.reason, "memory usage");
    });
}

bool has_health_check(const TaskDefinition& definition) {
    return std::ranges::any_of(definition.containers, [](const ContainerDefinition& container) {
        return container.essential && container.has_health_check;
    });
}

} // namespace ecsr
