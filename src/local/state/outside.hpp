// The border between the scheduler, which decides, and the parts that act outside: container runtimes and the balancer.
//
// The scheduler emits Effects; a Runtime and a Balancer carry them out and report Events. Neither side sees the other's
// insides.
#pragma once

#include "base/time.hpp"
#include "local/state/balancing.hpp"
#include "local/state/task.hpp"
#include "local/state/task_definition.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ecsr::local {

// ---- to the runtime ----

struct TaskLaunch {
    std::string task_id;
    std::string task_arn;
    std::string cluster;
    std::string family;
    int revision = 0;
    NetworkMode network_mode = NetworkMode::Bridge;
    std::string address; // told to the containers as HOST
    std::vector<ContainerDefinition> containers;
    std::optional<int> cpu;        // of the whole task, in units of 1/1024 vCPU
    std::optional<int> memory_mib; // limit of the whole task
};

// ---- from the runtime ----

struct ImagePullFailed {                    // also: the image has no command to run
    std::string task_id, container, reason; // "CannotPullContainerError: ..."
};
struct ContainerStarted {
    std::string task_id, container, runtime_id;
    std::vector<NetworkBinding> network_bindings;
};
struct ContainerExited {
    std::string task_id, container;
    int exit_code = 0;
    std::string reason; // "OutOfMemoryError: Container killed due to memory usage", or empty
};
struct ContainerHealthChanged {
    std::string task_id, container;
    Health health = Health::Unknown;
};
// ---- from the balancer ----
struct TargetHealthChanged {
    std::string target_group_arn, target_id;
    int port = 0;
    TargetState state = TargetState::Initial; // Healthy or Unhealthy
    std::string reason, description;          // ECS behaviour D2; empty when healthy
};
struct ListenerBound {
    std::string listener_arn;
    int bound_port = 0;
};

using Event = std::variant<ImagePullFailed, ContainerStarted, ContainerExited, ContainerHealthChanged,
                           TargetHealthChanged, ListenerBound>;

// What a container wrote to stdout and stderr since the last time.
struct ContainerOutput {
    std::string log_group, log_stream;
    std::vector<std::string> lines; // without their ends
};

using Micros = std::chrono::microseconds;

// What a running container has done since it first started. Both only rise, but where a restart begins the processor
// time anew.
struct ContainerWork {
    Micros cpu_time{0};
    int restarts = 0; // by its restart policy
};

// Runs containers. Calls return at once; what comes of them is reported by take_events(). Called from one thread at a
// time.
class Runtime {
public:
    virtual ~Runtime() = default;
    virtual void launch(const TaskLaunch& launch, Instant now) = 0;
    // STOPSIGNAL/SIGTERM to every container in reverse dependency order, SIGKILL after its stopTimeout (ECS behaviour
    // B10). Each container that ends is reported as ContainerExited. Unknown or ended tasks are ignored.
    virtual void stop(const std::string& task_id, Instant now) = 0;
    virtual std::vector<Event> take_events(Instant now) = 0;
    // Bytes in use by each running container (cgroup usage less inactive file cache), by name.
    virtual std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) = 0;
    // Of each running container, by name; one whose work cannot be told is left out.
    virtual std::map<std::string, ContainerWork> work_of(const std::string& task_id) = 0;
    // Of containers with a LogConfiguration; what is not taken for long may get lost.
    virtual std::vector<ContainerOutput> take_output() { return {}; }
    // What the container wrote to stdout and stderr, the newest part of it; kept for some ended tasks too. Nothing
    // where it is not kept.
    virtual std::optional<std::string> written_by(const std::string& /*task_id*/, const std::string& /*container*/) {
        return std::nullopt;
    }
    // The next moment at which time alone makes something happen (virtual runtime, probes); max() when none.
    virtual Instant next_event_at() = 0;
};

// Moves requests from listeners to targets. Same calling rules as Runtime.
class Balancer {
public:
    virtual ~Balancer() = default;
    // Makes the balancer serve exactly this. Draining targets get no new request but keep what they have.
    virtual void apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups, Instant now) = 0;
    virtual std::vector<Event> take_events(Instant now) = 0;
    virtual Instant next_event_at() = 0;
};

// ---- what the scheduler wants done ----

struct LaunchTask {
    TaskLaunch launch;
};
struct StopContainers {
    std::string task_id;
};
struct BalancerChanged {}; // listeners, groups or targets changed: apply() again

using Effect = std::variant<LaunchTask, StopContainers, BalancerChanged>;

} // namespace ecsr::local
