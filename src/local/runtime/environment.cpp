#include "local/runtime/environment.hpp"

#include <fmt/format.h>
#include <map>

namespace ecsr::local {

std::vector<std::string> container_environment(const ProcessRuntimeOptions& options, const TaskLaunch& task,
                                               const ContainerDefinition& container, const std::string& container_id,
                                               const std::vector<AssignedPort>& ports) {
    std::map<std::string, std::string> variables = container.environment;
    // insert() keeps what the definition says.
    variables.insert(
        {{"PATH", options.path}, {"HOME", options.home}, {"HOST", task.address}, {"LOCAL_ECS_TASK_ID", task.task_id}});
    variables[container_id_variable] = container_id; // by which descendants are found
    if (!options.endpoint_url.empty()) {             // ECS behaviour F7, B13
        variables["ECS_CONTAINER_METADATA_URI_V4"] = fmt::format("{}/v4/{}", options.endpoint_url, container_id);
        variables["ECS_AGENT_URI"] = fmt::format("{}/api/{}", options.endpoint_url, container_id);
    }
    if (!ports.empty()) { variables.insert({"PORT", std::to_string(ports.front().port)}); }
    for (const auto& port : ports) {
        variables.insert({fmt::format("PORT_{}", port.container_port), std::to_string(port.port)});
    }
    std::vector<std::string> entries;
    entries.reserve(variables.size());
    for (const auto& [name, value] : variables) { entries.push_back(fmt::format("{}={}", name, value)); }
    return entries;
}

} // namespace ecsr::local
