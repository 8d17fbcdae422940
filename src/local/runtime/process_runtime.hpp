// The `process` runtime: a container is a process of this machine under a real memory limit.
//
// A limit is a memory cgroup (v2, else v1), or a watchdog on resident memory where neither can be had. Containers and
// all their descendants end with the runtime, also when this process is killed.
#pragma once

#include "base/error.hpp"
#include "local/state/outside.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

enum class MemoryGuard { CgroupV2, CgroupV1, Watchdog };

const char* to_string(MemoryGuard guard);

struct ProcessRuntimeOptions {
    // Runs the images "ecs-recycler/<name>[:tag]" as {executable, "workload", name, command...}.
    std::string executable = "/proc/self/exe";
    std::vector<std::string> workloads; // the names that exist; any other "ecs-recycler/..." cannot be pulled
    std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; // PATH of the containers
    std::string home = "/";                                                            // HOME of the containers
    std::filesystem::path temp_directory = "/tmp"; // the runtime's own folder is made in it
    std::uint64_t seed = 1;                        // for names and for where the search for free ports begins
    // Of the plane: containers are told where they may ask about themselves. Empty: they are not told.
    std::string endpoint_url;
    // Each task with network mode awsvpc gets a network namespace of its own, which has the task's address. Needs root.
    bool own_networks = false;
    // With own_networks: called on a thread inside the network of a task that begins, to open there what its containers
    // ask (endpoint_url). What it returns is let go of when the task has ended. May be empty.
    std::function<std::shared_ptr<void>()> move_in;
    // The guard to use; by default the first one that works here. A forced guard that does not work is an error.
    std::optional<MemoryGuard> memory_guard;
    // Called from another thread, often and at once, when take_events() has something to do: a container ended. It must
    // return at once and must not call the runtime. Without it next_event_at() asks to be polled while processes run.
    std::function<void()> notify;
};

class ProcessRuntime : public Runtime {
public:
    // Removes what crashed runtimes of processes that are gone have left, and makes this one's folder and cgroups.
    // Errors: Io (the folder cannot be made, the forced memory guard does not work here), Usage (own_networks do not
    // work here).
    static Result<std::unique_ptr<ProcessRuntime>> create(ProcessRuntimeOptions options);

    // Kills every container that still runs (SIGKILL; stop() before is the gentle way), waits for their end and removes
    // the folder, the logs and the cgroups.
    ~ProcessRuntime() override;
    ProcessRuntime(const ProcessRuntime&) = delete;
    ProcessRuntime& operator=(const ProcessRuntime&) = delete;

    // A container that cannot be started is reported as ImagePullFailed, whose reason tells what failed
    // (CannotPullContainerError, CannotStartContainerError, ...: ECS behaviour C4); it has no exit code then.
    // An essential one keeps the containers of its task that have not started yet from starting.
    void launch(const TaskLaunch& launch, Instant now) override;
    // A container that has not started is never started, and nothing is reported for it.
    void stop(const std::string& task_id, Instant now) override;
    std::vector<Event> take_events(Instant now) override;
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) override;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) override;
    std::vector<ContainerOutput> take_output() override;
    std::optional<std::string> written_by(const std::string& task_id, const std::string& container) override;
    Instant next_event_at() override;

    MemoryGuard memory_guard() const;

    // Containers that run now.
    std::size_t running() const;

    // What the container wrote to stdout and stderr, the newest part of it (up to 2 MiB); kept for the last 50 ended
    // tasks. Error: NotFound.
    Result<std::string> logs(std::string_view task_id, std::string_view container) const;

private:
    class Impl;
    explicit ProcessRuntime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ecsr::local
