// An ECS task as DescribeTasks tells it, and the task definition it was made from.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr {

struct NetworkBinding {
    int container_port = 0;
    int host_port = 0;
};

struct Container {
    std::string name;
    std::string image;
    std::string image_digest;
    std::string last_status;
    std::string health_status;    // HEALTHY | UNHEALTHY | UNKNOWN
    std::optional<int> exit_code; // absent when it never ran
    std::string reason;
    std::vector<NetworkBinding> network_bindings;
    std::string private_ip; // awsvpc
};

struct Task {
    std::string arn;
    std::string task_definition; // ARN
    std::string group;           // "service:NAME"
    std::string started_by;      // id of the deployment that started it
    std::string last_status;     // PROVISIONING .. STOPPED (ECS behaviour B10)
    std::string desired_status;  // RUNNING | STOPPED
    std::string health_status;   // HEALTHY | UNHEALTHY | UNKNOWN
    std::string launch_type;
    std::string availability_zone;
    std::string container_instance_arn; // empty on Fargate
    std::string stop_code;
    std::string stopped_reason;
    std::vector<Container> containers;
    std::optional<Instant> started_at;
    std::optional<Instant> stopping_at;
    std::optional<Instant> stopped_at;
    Instant created_at{};
};

// The scheduler still wants it: it has not been told to stop.
bool is_live(const Task& task);
bool is_running(const Task& task); // live and RUNNING
bool is_stopped(const Task& task); // STOPPED, the end of its life

// A container was killed for memory (ECS behaviour C4: the spelling differs by launch type).
bool killed_for_memory(const Task& task);

// ECS behaviour D1.
struct HealthCheck {
    Seconds interval{30};
    Seconds timeout{5};
    int retries = 3;
    Seconds start_period{0};
};

struct ContainerDefinition {
    std::string name;
    std::string image;
    bool essential = true;
    bool has_health_check = false;
    std::optional<int> memory_mib;
    std::optional<int> memory_reservation_mib;
    Seconds stop_timeout{30};
    HealthCheck health_check = {}; // where it has one
};

struct TaskDefinition {
    std::string arn;
    std::string family;
    int revision = 0;
    std::string network_mode;
    std::optional<int> memory_mib;
    std::vector<ContainerDefinition> containers;
};

// An essential container has a health check, so ECS tells HEALTHY or UNHEALTHY for the task (ECS behaviour D1).
bool has_health_check(const TaskDefinition& definition);

} // namespace ecsr
