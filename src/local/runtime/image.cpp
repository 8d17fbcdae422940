#include "local/runtime/image.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view built_in = "ecs-recycler/";

struct ImageName {
    std::string repository;
    std::string reference; // tag, or digest
};

ImageName parse_image(const std::string& image) {
    const auto digest = image.find('@');
    if (digest != std::string::npos) { return {image.substr(0, digest), image.substr(digest + 1)}; }
    const auto slash = image.rfind('/');
    const auto colon = image.find(':', slash == std::string::npos ? 0 : slash); // a registry may have a port
    if (colon == std::string::npos) { return {image, "latest"}; }
    return {image.substr(0, colon), image.substr(colon + 1)};
}

// Empty for every other image.
std::string built_in_workload(const ImageName& image) {
    return image.repository.starts_with(built_in) ? image.repository.substr(built_in.size()) : "";
}

std::string cannot_pull(const ImageName& image) {
    if (image.repository.starts_with(built_in)) {
        return fmt::format(
            "CannotPullContainerError: Error response from daemon: manifest for {}:{} not found: manifest "
            "unknown: manifest unknown",
            image.repository, image.reference);
    }
    return fmt::format(
        "CannotPullContainerError: Error response from daemon: pull access denied for {}, repository does "
        "not exist or may require 'docker login': denied: requested access to the resource is denied",
        image.repository);
}

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// An executable file's path, or a reason in the words of a container engine.
std::expected<std::string, std::string> find_executable(const std::string& name, const std::string& search_path,
                                                        const std::string& working_directory) {
    std::error_code unknown;
    if (name.contains('/')) {
        const fs::path path = fs::path(working_directory) / name;
        if (!fs::exists(path, unknown)) {
            return std::unexpected(fmt::format("exec: \"{}\": stat {}: no such file or directory", name, name));
        }
        if (fs::is_directory(path, unknown) || ::access(path.c_str(), X_OK) != 0) {
            return std::unexpected(fmt::format("exec: \"{}\": permission denied", name));
        }
        return path.string();
    }
    for (const auto& folder : split(search_path, ':')) {
        const fs::path path = fs::path(folder) / name;
        if (!folder.empty() && !name.empty() && ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path, unknown)) {
            return path.string();
        }
    }
    return std::unexpected(fmt::format("exec: \"{}\": executable file not found in $PATH", name));
}

} // namespace

std::string cannot_start(const std::string& what) {
    return "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create "
           "failed: "
           "runc create failed: unable to start container process: " +
           what + ": unknown";
}

std::expected<Program, std::string> find_program(const ProcessRuntimeOptions& options,
                                                 const std::vector<std::string>& arguments,
                                                 const std::string& working_directory) {
    auto executable = find_executable(arguments.front(), options.path, working_directory);
    if (!executable) { return std::unexpected(cannot_start(executable.error())); }
    return Program{std::move(executable).value(), arguments};
}

std::string built_in_workload(const std::string& image) {
    return built_in_workload(parse_image(image));
}

std::optional<std::string> pull_failure(const ProcessRuntimeOptions& options, const ContainerDefinition& container) {
    const ImageName image = parse_image(container.image);
    const std::string workload = built_in_workload(image);
    const bool exists = image.repository.starts_with(built_in)
                            ? std::ranges::find(options.workloads, workload) != options.workloads.end()
                            : !container.entry_point.empty() || !container.command.empty();
    return exists ? std::nullopt : std::optional(cannot_pull(image));
}

std::expected<Program, std::string> find_program(const ProcessRuntimeOptions& options,
                                                 const ContainerDefinition& container) {
    const std::string workload = built_in_workload(parse_image(container.image));
    if (!workload.empty() && container.entry_point.empty()) {
        return Program{options.executable, joined({options.executable, "workload", workload}, container.command)};
    }
    return find_program(options, joined(container.entry_point, container.command), container.working_directory);
}

} // namespace ecsr::local
