// Tasks and their containers (ECS behaviour B10).
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

// In the order of a task's life.
enum class TaskStatus {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
};

enum class Health { Unknown, Healthy, Unhealthy };

struct NetworkBinding {
    std::string bind_ip;
    int container_port = 0;
    int host_port = 0;
    std::string protocol = "tcp";
};

struct Container {
    std::string name;
    std::string uuid; // last part of its ARN
    std::string image;
    TaskStatus last_status = TaskStatus::Pending;
    std::optional<int> exit_code; // absent when it never ran
    std::string reason;           // exact texts of ECS behaviour C4
    Health health = Health::Unknown;
    std::string runtime_id;
    std::vector<NetworkBinding> network_bindings;
    bool essential = true;
    bool has_health_check = false;
};

// One registration of a task in a target group.
struct TargetRegistration {
    std::string target_group_arn;
    std::string target_id; // IP address, or instance id
    int port = 0;
};

// What RunTask changes of a container.
struct ContainerOverride {
    std::string name;
    std::vector<std::string> command; // empty: as defined
    std::map<std::string, std::string> environment;
    std::optional<int> cpu, memory_mib, memory_reservation_mib;
};

struct TaskOverrides {
    std::vector<ContainerOverride> containers;
    std::optional<int> cpu, memory_mib; // of the task
    std::string document;               // JSON object: as the request had it; empty when it had none
};

struct Task {
    std::string id; // 32 hex digits
    std::string cluster;
    std::string task_definition; // ARN
    std::string group;           // "service:NAME" or "family:NAME"
    std::string started_by;      // deployment id for service tasks
    std::string service;         // service name; empty for standalone tasks
    std::string launch_type = "EC2";
    std::string availability_zone;
    TaskStatus last_status = TaskStatus::Provisioning;
    TaskStatus desired_status = TaskStatus::Running; // Running or Stopped
    std::vector<Container> containers;
    std::string private_ip;                  // awsvpc: the task's own loopback address; else the host's
    std::vector<TargetRegistration> targets; // registered now
    std::string stop_code;                   // ECS behaviour C3
    std::string stopped_reason;
    std::optional<Instant> started_at, stopping_at, execution_stopped_at, stopped_at, pull_started_at, pull_stopped_at,
        connectivity_at;
    Instant created_at{};
    std::optional<Instant> protection_expires_at; // scale-in protection (ECS behaviour B13)
    int version = 1;
    std::map<std::string, std::string> tags;
    TaskOverrides overrides;

    // The scheduler's memory.
    std::optional<Instant> status_due_at; // when the next state change that only time brings is due
    bool launched = false;                // the runtime was told to start it
    bool stop_sent = false;               // the runtime was told to stop it
    bool was_healthy = false;             // has counted as healthy once (ECS behaviour B2)
    std::string unhealthy_reason;         // stoppedReason of the first bad verdict; empty while it is not bad (D4)
};

} // namespace ecsr::local
