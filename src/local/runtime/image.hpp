// What a container runs: its image, entry point and command, as this machine can run it.
#pragma once

#include "local/runtime/process_runtime.hpp"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

struct Program {
    std::string executable;             // a path
    std::vector<std::string> arguments; // argv
};

// The workload of an image "ecs-recycler/<workload>[:tag]"; empty for every other image.
std::string built_in_workload(const std::string& image);

// CannotPullContainerError when the image does not exist here, that is, when there is nothing to run (ECS behaviour
// C4).
std::optional<std::string> pull_failure(const ProcessRuntimeOptions& options, const ContainerDefinition& container);

// Requires that there is no pull_failure(). Error: CannotStartContainerError (ECS behaviour C4).
std::expected<Program, std::string> find_program(const ProcessRuntimeOptions& options,
                                                 const ContainerDefinition& container);

// A program for a health check, looked up as find_program does.
std::expected<Program, std::string> find_program(const ProcessRuntimeOptions& options,
                                                 const std::vector<std::string>& arguments,
                                                 const std::string& working_directory);

// CannotStartContainerError with the text of a container engine.
std::string cannot_start(const std::string& what);

} // namespace ecsr::local
