// Whether the kernel has killed something in a container for its memory.
//
// The engine cannot be trusted with that: Podman 4.3 tells OOMKilled=false on hosts with cgroup v1. What the kernel
// tells is gone with the container's cgroup, so it is listened to while the container runs.
#pragma once

#include "local/runtime/helper_thread.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace ecsr::local {

// Where a container's memory is counted.
struct MemoryCgroup {
    std::filesystem::path folder;
    bool unified = false; // v2
};

// From the texts of /proc/<pid>/cgroup and /proc/self/mounts. Nothing when the memory controller is not there, and when
// the folder is not of that container: the engine then runs on another machine, whose process numbers mean nothing
// here.
std::optional<MemoryCgroup> find_memory_cgroup(std::string_view cgroups, std::string_view mounts,
                                               std::string_view container_id);

class MemoryWatch {
public:
    // Null when nothing can be watched here.
    static std::unique_ptr<MemoryWatch> start(pid_t main, std::string_view container_id, HelperThread& helper);
    static std::unique_ptr<MemoryWatch> start(const MemoryCgroup& cgroup, HelperThread& helper);

    bool has_killed() const;
    // Bytes in use, without what the kernel can take back at once.
    std::uint64_t memory_usage() const;

private:
    struct Seen;
    explicit MemoryWatch(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}
    std::shared_ptr<Seen> seen_; // shared with the helper thread, which lets go of it with the cgroup
};

} // namespace ecsr::local
