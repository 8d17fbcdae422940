// The image of the built-in workloads: this program with the libraries it needs, and nothing else.
#pragma once

#include "local/engine/engine_api.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace ecsr::local {

inline constexpr const char* workload_program = "/ecs-recycler"; // in the image

// One file of a tar archive (POSIX ustar), with its contents padded; mode as of a program.
Result<std::string> tar_entry(const std::string& path, std::string_view contents);

// A tar archive of `executable` as workload_program and of every library that this process has loaded, at the paths
// where the loader looks for them. Error: Io.
Result<std::string> workload_archive(const std::string& executable);

// Made when it is first asked for, and removed with this. Safe from several threads.
class WorkloadImage {
public:
    WorkloadImage(EngineApi& api, std::string repository, std::string executable)
        : api_(api), repository_(std::move(repository)), executable_(std::move(executable)) {}
    ~WorkloadImage();
    WorkloadImage(const WorkloadImage&) = delete;
    WorkloadImage& operator=(const WorkloadImage&) = delete;

    Result<std::string> id();

private:
    EngineApi& api_;
    const std::string repository_, executable_;
    std::mutex mutex_; // guards id_; held while the image is made
    std::optional<std::string> id_;
};

} // namespace ecsr::local
