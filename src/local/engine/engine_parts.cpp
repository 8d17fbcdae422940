#include "local/engine/engine_parts.hpp"

#include "base/text.hpp"
#include "local/runtime/cgroup_files.hpp"

#include <climits>
#include <fmt/format.h>
#include <unistd.h>

namespace ecsr::local {

namespace {

std::string host_name() {
    char name[HOST_NAME_MAX + 1] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

// When the process was started, in ticks since the machine was: a number that is used again is another process then.
// Empty when it is gone.
std::string start_of(std::string_view pid) {
    const auto text = read_cgroup_file(fmt::format("/proc/{}/stat", pid));
    if (!text) { return ""; }
    constexpr std::size_t field = 19; // after the name, which may have spaces and ends with ')'
    const auto fields = split(text->substr(text->rfind(')') + 2), ' ');
    return fields.size() > field ? fields[field] : "";
}

} // namespace

std::string owner_mark() {
    const std::string pid = std::to_string(::getpid());
    return fmt::format("{} {} {}", host_name(), pid, start_of(pid));
}

bool owner_is_gone(const std::string& mark) {
    const auto parts = split(mark, ' ');
    return parts.size() == 3 && parts[0] == host_name() && start_of(parts[1]) != parts[2];
}

std::map<std::string, std::string> labels_of(const TaskLaunch& task, const std::string& container,
                                             const EngineParts& parts) {
    return {{owner_label, parts.owner},
            {"com.amazonaws.ecs.cluster", task.cluster},
            {"com.amazonaws.ecs.container-name", container},
            {"com.amazonaws.ecs.task-arn", task.task_arn},
            {"com.amazonaws.ecs.task-definition-family", task.family},
            {"com.amazonaws.ecs.task-definition-version", std::to_string(task.revision)}};
}

} // namespace ecsr::local
