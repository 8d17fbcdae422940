// One container from its start to its end.
#pragma once

#include "local/runtime/container_life.hpp"
#include "local/runtime/containment.hpp"
#include "local/runtime/health_monitor.hpp"
#include "local/runtime/log_file.hpp"
#include "local/runtime/network_namespace.hpp"
#include "local/runtime/ports.hpp"
#include "local/runtime/process_runtime.hpp"
#include "local/runtime/spawn.hpp"
#include "local/runtime/taken_output.hpp"

#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

// What the runs of a runtime share; outlives them.
struct RuntimeParts {
    ProcessRuntimeOptions options;
    std::filesystem::path directory; // logs/<task>/<container>.log, work/<task>
    std::unique_ptr<HelperThread> helper;
    std::unique_ptr<Containment> containment;
    PortKeeper ports{1};
    Random random{1};
    // By task id, of tasks that have one of their own, or why it could not be made.
    std::map<std::string, Result<std::unique_ptr<NetworkNamespace>>> networks;
    std::vector<TakenOutput> outputs; // of containers whose output is taken; gone when nothing more comes

    std::filesystem::path log_file(const std::string& task_id, const std::string& container) const;
    std::filesystem::path work_folder(const std::string& task_id) const;
};

// A process of this machine. What it can tell is known at once: pull() and start() never have to be asked twice.
class ContainerRun : public ContainerLife {
public:
    ContainerRun(ContainerDefinition definition, RuntimeParts& parts)
        : ContainerLife(std::move(definition)), parts_(parts) {}
    ~ContainerRun() override;

    Health health() const override { return monitor_ ? monitor_->health() : Health::Unknown; }
    std::optional<Pulled> pull() override;
    std::optional<Started> start(const TaskLaunch& task, Instant now) override;
    bool restart(const TaskLaunch& task, Instant now) override;

    void ask_to_stop(Instant now) override;
    void kill() override;

    std::optional<ContainerExited> check_exit(Instant now) override;
    std::optional<Health> check_health(Instant now) override;
    bool clean_up() override;
    void wait_for_end(int milliseconds) const override;
    Instant next_event_at() const override;
    std::uint64_t memory_usage() const override;
    std::optional<Micros> cpu_time() const override;

private:
    bool was_asked_to_stop() const { return kill_at_.has_value(); }
    void begin(Instant now);
    std::expected<void, std::string> prepare(const TaskLaunch& task, const std::string& id);
    std::expected<void, std::string> start_main(const TaskLaunch& task);
    SpawnRequest request_for(const std::vector<std::string>& arguments, const std::string& executable) const;
    std::expected<Process, SpawnFailure> spawn_on_helper(const SpawnRequest& request);
    FileDescriptor collect_output(const TaskLaunch& task);
    void start_probe(Instant now);
    std::optional<bool> probe_result(Instant now);
    void kill_probe();

    RuntimeParts& parts_;

    std::string working_directory_;
    int network_ = -1; // of the task; -1: this machine's
    std::vector<std::string> environment_;
    std::vector<AssignedPort> ports_;
    std::unique_ptr<Cell> cell_;
    Process process_;
    std::shared_ptr<LogFile> log_;       // the same for every start; the helper thread writes it
    std::shared_ptr<OutputLines> lines_; // the same; null when nobody takes them
    std::uint64_t kills_before_ = 0;     // memory kills before the last start
    std::optional<Instant> kill_at_;     // set by ask_to_stop()
    bool was_killed_ = false;            // by us
    std::optional<HealthMonitor> monitor_;
    std::optional<Process> probe_;
};

} // namespace ecsr::local
