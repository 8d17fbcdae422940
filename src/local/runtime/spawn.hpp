// Starts one process of a container.
#pragma once

#include "base/error.hpp"
#include "local/runtime/file_descriptor.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ecsr::local {

struct SpawnRequest {
    std::string executable;               // path; PATH is not searched
    std::vector<std::string> arguments;   // argv, with argv[0]
    std::vector<std::string> environment; // "NAME=value"
    std::string working_directory;
    int input = -1;                          // becomes stdin; -1: /dev/null
    int output = -1;                         // becomes stdout and stderr; -1: /dev/null
    int network = -1;                        // an open network namespace to enter; -1: that of the caller
    std::vector<int> cgroups;                // open cgroup.procs files to enter before the program starts
    std::optional<std::uint64_t> data_limit; // RLIMIT_DATA, in bytes
    bool dies_with_parent = true;            // killed when the thread that called spawn() ends
};

struct Process {
    pid_t pid = -1;
    std::shared_ptr<const FileDescriptor> pidfd; // readable when the process has ended
};

// A failure's step tells the caller how a container engine would word it.
enum class SpawnStep { Fork, EnterCgroup, EnterNetwork, ChangeDirectory, Execute };

struct SpawnFailure {
    SpawnStep step = SpawnStep::Fork;
    int error_number = 0;
};

// The child leads a session of its own and has default signal handling. Returns once the program has been started.
std::expected<Process, SpawnFailure> spawn(const SpawnRequest& request);

// The exit status as a container engine tells it, 128 + N for signal N; nothing while the process runs. Reaps it.
struct ExitStatus {
    int code = 0;
    bool killed = false; // by SIGKILL
};
std::optional<ExitStatus> exit_status(const Process& process);

// False when the process is gone.
bool send_signal(const Process& process, int signal);

// Reads `descriptor` being readable (for a pidfd: the process has ended) for at most `milliseconds`.
bool wait_readable(int descriptor, int milliseconds);

} // namespace ecsr::local
