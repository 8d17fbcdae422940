// The `container` runtime: a container is one of Docker or Podman.
//
// Everything that it makes in the engine carries the label "ecs-recycler.owner": the containers of a process that is
// gone are removed by the next one that starts.
#pragma once

#include "base/error.hpp"
#include "base/transport.hpp"
#include "local/state/outside.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct EngineRuntimeOptions {
    Transport* transport = nullptr; // connected to the engine's socket; outlives the runtime
    // The images "ecs-recycler/<name>[:tag]" are made of this program, which runs them as {executable, "workload",
    // name, command...}.
    std::string executable;
    std::vector<std::string> workloads; // the names that exist; any other "ecs-recycler/..." cannot be pulled
    std::filesystem::path temp_directory = "/tmp"; // the runtime's own folder is made in it
    std::uint64_t seed = 1;                        // for names
    // Called from other threads when take_events() has something to do. It must return at once and must not call the
    // runtime.
    std::function<void()> notify;
};

class EngineRuntime : public Runtime {
public:
    // Removes the containers and images that runtimes of processes of this machine that are gone have left. Errors: Io
    // (the folder cannot be made), those of EngineApi (the engine does not answer).
    static Result<std::unique_ptr<EngineRuntime>> create(EngineRuntimeOptions options);

    // Removes every container, running or not, the folder, and the image of the built-in workloads. Images that were
    // pulled stay.
    ~EngineRuntime() override;
    EngineRuntime(const EngineRuntime&) = delete;
    EngineRuntime& operator=(const EngineRuntime&) = delete;

    // A container that cannot be started is reported as ImagePullFailed, whose reason tells what failed
    // (CannotPullContainerError, CannotCreateContainerError, CannotStartContainerError, with the engine's words: ECS
    // behaviour C4).
    void launch(const TaskLaunch& launch, Instant now) override;
    void stop(const std::string& task_id, Instant now) override;
    // Ends the largest container of a task whose containers together are over the task's limit, where their cgroups
    // are on this machine.
    std::vector<Event> take_events(Instant now) override;
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) override;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) override;
    std::vector<ContainerOutput> take_output() override;
    std::optional<std::string> written_by(const std::string& task_id, const std::string& container) override;
    Instant next_event_at() override;

    // "Podman Engine 4.3.1".
    const std::string& engine() const;

private:
    class Impl;
    explicit EngineRuntime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Where engines listen, the most preferred place first: what DOCKER_HOST says ("unix://..."), else Docker's socket and
// Podman's. Error: Usage (DOCKER_HOST is no Unix socket).
Result<std::vector<std::filesystem::path>> engine_sockets(const std::string& docker_host,
                                                          const std::string& xdg_runtime_dir);

} // namespace ecsr::local
