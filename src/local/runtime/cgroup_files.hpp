// The cgroup file systems of this machine: where they are, and what is read from and written to their folders.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace ecsr::local {

struct CgroupMounts {
    // Where a folder for containers may be made, the most preferred place first; empty when it is not mounted.
    std::vector<std::filesystem::path> unified; // v2
    std::vector<std::filesystem::path> memory;  // v1, memory controller
};

// From the texts of /proc/self/mounts and /proc/self/cgroup.
CgroupMounts find_cgroup_mounts(std::string_view mounts, std::string_view own_cgroups);
CgroupMounts cgroup_mounts_of_this_machine();

std::optional<std::string> read_cgroup_file(const std::filesystem::path& file);
// Error: Io; the message names file and reason.
Status write_cgroup_file(const std::filesystem::path& file, std::string_view text);
// The number behind `key` in a file of "key number" lines; 0 when it is not there.
std::uint64_t cgroup_counter(const std::filesystem::path& file, std::string_view key);
// Bytes in use in a folder of the memory controller (v1), or of v2, without inactive file cache; descendants included.
std::uint64_t cgroup_memory_usage(const std::filesystem::path& folder, bool unified);

// SIGKILL to everything in the folder and below. False when that may have missed processes that were being made
// meanwhile.
bool kill_cgroup(const std::filesystem::path& folder);
// False while a process is inside.
bool remove_cgroup(const std::filesystem::path& folder);

// The process that made a runtime's folder, from its name "ecs-recycler-<pid>-<hex>"; nothing for any other name.
std::optional<pid_t> owner_of_folder(std::string_view name);
bool process_exists(pid_t pid);

} // namespace ecsr::local
