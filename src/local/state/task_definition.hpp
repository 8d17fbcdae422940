// What RegisterTaskDefinition took, as far as the plane acts on it; the rest of the request is kept as text and
// answered back.
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

enum class NetworkMode { Awsvpc, Bridge, Host, None };

struct PortMapping {
    int container_port = 0;
    int host_port = 0; // 0: the plane picks (bridge)
    std::string protocol = "tcp";
    std::string name;
};

// ECS behaviour D1.
struct HealthCheck {
    std::vector<std::string> command; // ["CMD", ...] or ["CMD-SHELL", "..."]
    Seconds interval{30};
    Seconds timeout{5};
    int retries = 3;
    Seconds start_period{0};
};

struct ContainerDependency {
    std::string container;
    std::string condition; // START, COMPLETE, SUCCESS, HEALTHY
};

// ECS behaviour B11.
struct RestartPolicy {
    std::vector<int> ignored_exit_codes;
    Seconds attempt_period{300}; // a container that has run shorter than this is not restarted
};

// Of the log driver awslogs (ECS behaviour A10).
struct LogConfiguration {
    std::string group;
    std::string stream_prefix;
    bool creates_group = false;
    std::string stream; // of one task's container: set when that is launched; empty: named by its runtime id
};

struct Ulimit {
    std::string name; // "nofile", ...
    int soft = 0;
    int hard = 0;
};

struct ContainerDefinition {
    std::string name;
    std::string image;
    std::vector<std::string> entry_point;
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> docker_labels;
    std::vector<PortMapping> port_mappings;
    std::vector<ContainerDependency> depends_on;
    std::optional<HealthCheck> health_check;
    bool essential = true;
    int cpu = 0;
    std::optional<int> memory_mib; // hard limit
    std::optional<int> memory_reservation_mib;
    std::optional<Seconds> stop_timeout;  // default 30 s (ECS behaviour B10)
    std::optional<Seconds> start_timeout; // for those that depend on it; not set: they wait for ever (B10)
    std::string working_directory;
    std::string user;                            // "NAME|UID[:GROUP|GID]"; empty: the image's
    std::vector<Ulimit> ulimits;                 // what is not named is the runtime's own
    bool init_process = false;                   // a program that reaps and forwards signals is process 1
    std::optional<RestartPolicy> restart_policy; // set when it is enabled
    std::optional<LogConfiguration> log;         // set with the driver awslogs
};

// Whether the agent starts the container again where it is, which nobody is told of (ECS behaviour B11).
bool restarts(const ContainerDefinition& container, int exit_code, Millis has_run_for);

struct TaskDefinition {
    std::string family;
    int revision = 0;
    NetworkMode network_mode = NetworkMode::Bridge;
    std::vector<ContainerDefinition> containers;
    std::optional<int> cpu;        // of the task, in units of 1/1024 vCPU
    std::optional<int> memory_mib; // of the task
    bool active = true;
    bool deleted = false; // DELETE_IN_PROGRESS: it is kept for what still runs it; never together with `active`
    Instant registered_at{};
    std::string document; // JSON object: the request with defaults filled in, answered by DescribeTaskDefinition
    std::map<std::string, std::string> tags;
};

} // namespace ecsr::local
