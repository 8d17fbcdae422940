// One container from its start to its end.
#pragma once

#include "local/runtime/containment.hpp"
#include "local/runtime/health_monitor.hpp"
#include "local/runtime/log_file.hpp"
#include "local/runtime/output_lines.hpp"
#include "local/runtime/ports.hpp"
#include "local/runtime/process_runtime.hpp"
#include "local/runtime/spawn.hpp"

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

struct TakenOutput {
    std::string log_group, log_stream;
    std::shared_ptr<OutputLines> lines; // held by the run and by its pipes as long as anything may come
};

// What the runs of a runtime share; outlives them.
struct RuntimeParts {
    ProcessRuntimeOptions options;
    std::filesystem::path directory; // logs/<task>/<container>.log, work/<task>
    std::unique_ptr<HelperThread> helper;
    std::unique_ptr<Containment> containment;
    PortKeeper ports{1};
    Random random{1};
    std::vector<TakenOutput> outputs; // of containers whose output is taken; gone when nothing more comes

    std::filesystem::path log_file(const std::string& task_id, const std::string& container) const;
    std::filesystem::path work_folder(const std::string& task_id) const;
};

class ContainerRun {
public:
    // Waiting: not started yet. Ended: not running any more, or never started (exit_code() is empty then).
    enum class Phase { Waiting, Running, Ended };

    ContainerRun(ContainerDefinition definition, RuntimeParts& parts)
        : definition_(std::move(definition)), parts_(parts) {}
    ~ContainerRun();
    ContainerRun(const ContainerRun&) = delete;
    ContainerRun& operator=(const ContainerRun&) = delete;

    const ContainerDefinition& definition() const { return definition_; }
    Phase phase() const { return phase_; }
    bool was_started() const { return was_started_; }
    std::optional<int> exit_code() const { return exit_code_; }
    Health health() const { return monitor_ ? monitor_->health() : Health::Unknown; }

    // Requires Waiting. The error is the reason that ECS gives; the container has Ended then.
    std::expected<ContainerStarted, std::string> start(const TaskLaunch& task, Instant now);
    // The same command once more, with the same ports. Requires Ended after start(). False when it could not be
    // started.
    bool restart(const TaskLaunch& task, Instant now);
    Millis age(Instant now) const { return now - started_at_; } // since the last start
    void never_start() { phase_ = Phase::Ended; }

    // SIGTERM now, SIGKILL after the stop timeout. Requires Running; a second call does nothing.
    void ask_to_stop(Instant now);
    bool was_asked_to_stop() const { return kill_at_.has_value(); }
    void kill();

    // Does what is due. The exit, when that has come.
    std::optional<ContainerExited> check_exit(Instant now);
    // Does what is due. The health, when that has changed.
    std::optional<Health> check_health(Instant now);

    // True when nothing of the container is left on this machine; false: call it again.
    bool clean_up();
    // Blocks until the main process has ended after kill(), at most that long.
    void wait_for_end(int milliseconds) const;

    // When time alone makes something happen; max() when never.
    Instant next_event_at() const;
    std::uint64_t memory_usage() const;

private:
    void begin(Instant now);
    std::expected<void, std::string> prepare(const TaskLaunch& task, const std::string& id);
    std::expected<void, std::string> start_main(const TaskLaunch& task);
    SpawnRequest request_for(const std::vector<std::string>& arguments, const std::string& executable) const;
    std::expected<Process, SpawnFailure> spawn_on_helper(const SpawnRequest& request);
    FileDescriptor collect_output(const TaskLaunch& task);
    void start_probe(Instant now);
    std::optional<bool> probe_result(Instant now);
    void kill_probe();

    const ContainerDefinition definition_;
    RuntimeParts& parts_;

    Phase phase_ = Phase::Waiting;
    bool was_started_ = false;
    std::optional<int> exit_code_;
    std::string working_directory_;
    std::vector<std::string> environment_;
    std::vector<AssignedPort> ports_;
    std::unique_ptr<Cell> cell_;
    Process process_;
    std::shared_ptr<LogFile> log_;       // the same for every start; the helper thread writes it
    std::shared_ptr<OutputLines> lines_; // the same; null when nobody takes them
    Instant started_at_{};
    std::uint64_t kills_before_ = 0; // memory kills before the last start
    std::optional<Instant> kill_at_; // set by ask_to_stop()
    bool was_killed_ = false;        // by us
    std::optional<HealthMonitor> monitor_;
    std::optional<Process> probe_;
};

} // namespace ecsr::local
