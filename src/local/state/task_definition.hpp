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
    std::optional<Seconds> stop_timeout; // default 30 s (ECS behaviour B10)
    std::string working_directory;
};

struct TaskDefinition {
    std::string family;
    int revision = 0;
    NetworkMode network_mode = NetworkMode::Bridge;
    std::vector<ContainerDefinition> containers;
    std::optional<int> memory_mib; // of the task
    bool active = true;
    Instant registered_at{};
    std::string document; // JSON object: the request with defaults filled in, answered by DescribeTaskDefinition
    std::map<std::string, std::string> tags;
};

} // namespace ecsr::local
