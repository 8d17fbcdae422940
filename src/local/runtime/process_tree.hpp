// What /proc tells about processes; for where cgroups cannot be had.
#pragma once

#include "local/state/outside.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ecsr::local {

// The process and its descendants that still hang on it.
std::vector<pid_t> process_tree(pid_t root);

// Resident memory in bytes, mapped files included; 0 when the process is gone.
std::uint64_t resident_bytes(pid_t pid);

// Resident memory in bytes as a cgroup charges it to a container: without mapped files, which are shared with everybody
// who runs the same program. Ten times as slow as resident_bytes(), which is never less.
std::uint64_t charged_bytes(pid_t pid);

// Processor time of process_tree(root) and of what it has waited for; 0 when all are gone.
Micros cpu_time_of_tree(pid_t root);

// Processes that were started with the environment entry "NAME=value", found wherever they have moved to.
std::vector<pid_t> processes_marked_with(const std::string& entry);

} // namespace ecsr::local
