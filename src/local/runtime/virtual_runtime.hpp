// The `virtual` runtime: no processes. What a container does comes from its dockerLabels (virtual_behaviour.hpp), when
// it does it from the time handed in.
#pragma once

#include "base/random.hpp"
#include "local/runtime/dependency.hpp"
#include "local/runtime/health_monitor.hpp"
#include "local/runtime/virtual_behaviour.hpp"
#include "local/state/outside.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ecsr::local {

class VirtualRuntime : public Runtime {
public:
    // `random`: for names and for the noise of memory curves.
    explicit VirtualRuntime(Random random) : random_(random) {}

    // Labels that cannot be read keep the container from starting: its reason is one line that names the label.
    void launch(const TaskLaunch& launch, Instant now) override;
    void stop(const std::string& task_id, Instant now) override;
    std::vector<Event> take_events(Instant now) override;
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) override;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) override;
    // Exact, but for the memory of noisy and saw-toothed containers near their limit: there it may be too early.
    Instant next_event_at() override;

    // Would a health check of this target succeed? For target groups of type `ip` the address is the task's; those of
    // type `instance` are told apart by port alone.
    bool serves(const std::string& target_id, int port, Instant now) const;

    std::size_t running() const;

private:
    enum class Phase { Waiting, Running, Ended };

    struct VirtualContainer {
        ContainerDefinition definition;
        Behaviour behaviour;
        std::string start_failure;
        Phase phase = Phase::Waiting;
        bool was_started = false;
        std::optional<int> exit_code;
        int restarts = 0;
        Millis cpu_before{0}; // of a whole processor, used before the last restart
        Instant pulled_at{};
        Instant started_at{};
        std::optional<Instant> kill_at; // asked to stop
        std::optional<HealthMonitor> monitor;
        std::uint64_t seed = 0;
        std::vector<NetworkBinding> bindings;
    };
    struct VirtualTask {
        TaskLaunch launch;
        std::vector<VirtualContainer> containers;
        bool stopping = false;
        bool failed = false; // an essential container could not start
        Instant next = Instant::min();
    };
    struct Socket {
        std::string address; // "": the host's
        int port = 0;
        bool operator==(const Socket&) const = default;
    };
    struct SocketHash {
        std::size_t operator()(const Socket& socket) const {
            return std::hash<std::string>()(socket.address) + static_cast<std::size_t>(socket.port);
        }
    };
    struct Owner {
        const VirtualTask* task = nullptr; // in tasks_
        std::size_t container = 0;         // its place there
    };
    void advance(VirtualTask& task, Instant now);
    bool move(VirtualTask& task, VirtualContainer& container, Instant now);
    bool start_if_ready(VirtualTask& task, VirtualContainer& container, Instant now);
    void start(VirtualTask& task, VirtualContainer& container, Instant now);
    void refuse(VirtualTask& task, VirtualContainer& container, std::string reason);
    void end(VirtualTask& task, VirtualContainer& container, int code, const char* reason);
    bool restart(VirtualTask& task, VirtualContainer& container, int code, Instant now);
    bool end_if_due(VirtualTask& task, VirtualContainer& container, Instant now);
    void check_health(VirtualTask& task, VirtualContainer& container, Instant now);
    bool is_out_of_memory(const VirtualTask& task, const VirtualContainer& container, Instant now) const;
    static const VirtualContainer* find(const VirtualTask& task, const std::string& name);
    static Progress progress_of(const VirtualContainer& container);
    static Readiness readiness(const VirtualTask& task, const VirtualContainer& container, Instant now,
                               std::string& obstacle);
    static Instant waits_until(const VirtualTask& task, const VirtualContainer& container, Instant now);
    static bool is_needed(const VirtualTask& task, const VirtualContainer& container);
    static Instant next_of(const VirtualTask& task, const VirtualContainer& container, Instant now);
    static Instant memory_due(const VirtualTask& task, const VirtualContainer& container, Instant now);
    void bind_ports(const VirtualTask& task, VirtualContainer& container);
    void release_ports(const VirtualTask& task, const VirtualContainer& container);

    Random random_;
    std::unordered_map<std::string, VirtualTask> tasks_; // by id; over ones are dropped
    std::set<std::pair<Instant, std::string>> due_;
    std::unordered_map<Socket, Owner, SocketHash> ports_;
    std::vector<Event> events_;
    int next_port_ = 32'768;
    Instant now_{}; // of the last call
};

} // namespace ecsr::local
