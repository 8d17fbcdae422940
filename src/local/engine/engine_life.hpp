// One container of a container engine, from its start to its end. Internal to local/engine.
#pragma once

#include "local/engine/background.hpp"
#include "local/engine/engine_parts.hpp"
#include "local/engine/log_follower.hpp"
#include "local/engine/memory_watch.hpp"
#include "local/engine/task_network.hpp"
#include "local/runtime/container_life.hpp"
#include "local/runtime/health_monitor.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace ecsr::local {

class EngineLife : public ContainerLife {
public:
    EngineLife(ContainerDefinition definition, const TaskLaunch& task, std::shared_ptr<TaskNetwork> network,
               EngineParts& parts);

    Health health() const override { return monitor_ ? monitor_->health() : Health::Unknown; }
    std::optional<Pulled> pull() override;
    std::optional<Started> start(const TaskLaunch& task, Instant now) override;
    bool restart(const TaskLaunch& task, Instant now) override;
    void never_start() override;
    void ask_to_stop(Instant now) override;
    void kill() override;
    std::optional<ContainerExited> check_exit(Instant now) override;
    std::optional<Health> check_health(Instant now) override;
    bool clean_up() override;
    void wait_for_end(int milliseconds) const override;
    Instant next_event_at() const override;
    std::uint64_t memory_usage() const override;
    std::optional<Micros> cpu_time() const override;

    // What it has written so far.
    Result<std::string> logs() const;
    // Takes what it writes to its log stream, where it has one.
    void follow_output(Instant now);

    // Of the task, for all its containers together.
    std::optional<std::uint64_t> task_memory_limit() const;
    // Bytes in use as its cgroup tells; 0 where that is not on this machine.
    std::uint64_t memory_in_cgroup() const;
    // The task has grown over its limit, and this container is the one that goes.
    void kill_for_memory();

private:
    struct Running {
        std::string id;
        std::vector<PublishedPort> ports;
        std::shared_ptr<MemoryWatch> memory; // null when nothing can be watched here
    };
    using Run = std::expected<Running, std::string>;
    struct Exit {
        int code = 0;
        std::string reason;
    };

    EngineContainer container_of(const NetworkPlace& place) const;
    std::vector<std::string> environment() const;
    Run create_and_start() const;
    Run start_existing(const std::string& id) const;
    Exit watch_to_the_end(const Running& running, const std::stop_token& stop);
    void begin(Running running, Instant now);
    void save_logs(const std::string& id) const;
    void read_output(LogFollower& follower, const std::string& id) const;
    std::vector<NetworkBinding> bindings() const;

    const TaskLaunch task_; // without its containers
    const std::shared_ptr<TaskNetwork> network_;
    EngineParts& parts_;
    const std::string workload_; // of a built-in image

    std::string image_; // id
    std::optional<Running> running_;
    std::optional<HealthMonitor> monitor_;
    bool stop_asked_ = false;
    bool kill_asked_ = false;
    std::atomic<bool> over_task_limit_ = false; // set before it is killed for that; read when it has ended
    std::shared_ptr<LogFollower> follower_;     // null: nobody takes the output
    Instant next_read_{};

    // What goes on; the threads use the above only as it was given to them.
    Background<std::expected<std::string, std::string>> pulling_;
    Background<Run> starting_;
    mutable Background<Exit> waiting_;
    Background<Status> ending_;
    Background<bool> probing_;
    Background<Status> reading_;
    Background<Status> removing_;
};

} // namespace ecsr::local
