// Deployments of a service: what DescribeServices lists (ECS behaviour B4) and the history behind it (B15).
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

enum class RolloutState { InProgress, Completed, Failed };
enum class DeploymentStatus { Primary, Active, Inactive };

struct ServiceLoadBalancer {
    std::string target_group_arn;
    std::string container_name;
    int container_port = 0;

    bool operator==(const ServiceLoadBalancer&) const = default;
};

struct Deployment {
    std::string id; // "ecs-svc/<19 digits>"
    DeploymentStatus status = DeploymentStatus::Primary;
    std::string task_definition; // ARN
    int desired_count = 0;       // as shown; 0 in the answer that created it (ECS behaviour B4)
    int failed_tasks = 0;
    RolloutState rollout_state = RolloutState::InProgress;
    std::string rollout_state_reason;
    Instant created_at{};
    Instant updated_at{};
    std::vector<ServiceLoadBalancer> load_balancers; // those its tasks register with

    // The scheduler's memory.
    int start_failures = 0;    // rounds of starts in a row in which no task reached RUNNING (ECS behaviour B8)
    Instant no_start_before{}; // throttled until then
    int crash_rounds = 0;      // rounds in a row whose tasks ran, and ended before they were healthy
    Instant no_restart_before{};
};

struct DeploymentConfiguration {
    int maximum_percent = 200;
    int minimum_healthy_percent = 100;
    bool circuit_breaker_enable = false;
    bool circuit_breaker_rollback = false;
    std::string breaker_threshold_type = "BOUNDED_PERCENT"; // | UNBOUNDED_PERCENT | COUNT (ECS behaviour B6)
    int breaker_threshold_value = 50;
    bool breaker_reset_on_healthy_task = true;
    std::vector<std::string> alarm_names;
    bool alarms_enable = false;
    bool alarms_rollback = false;
};

enum class ServiceDeploymentStatus {
    Pending,
    InProgress,
    Successful,
    StopRequested,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
};

// Of the circuit breaker and of the alarms.
enum class MonitorStatus { Disabled, Monitoring, Triggered, MonitoringComplete };

// One attempt to bring a revision into service, as the ServiceDeployments API tells it (ECS behaviour B15).
struct ServiceDeployment {
    std::string id; // 21 characters that are safe in URLs
    ServiceDeploymentStatus status = ServiceDeploymentStatus::Pending;
    std::string status_reason;
    std::string target;               // the id of its Deployment
    std::vector<std::string> sources; // those of the Deployments that it replaces
    DeploymentConfiguration configuration;
    Instant created_at{};
    Instant updated_at{};
    std::optional<Instant> started_at, finished_at, stopped_at;

    std::string rollback_reason;
    std::string rollback_target; // id of the Deployment that it goes back to
    std::optional<Instant> rollback_started_at;

    MonitorStatus breaker = MonitorStatus::Disabled;
    int failure_count = 0;
    int threshold = 0;
    MonitorStatus alarms = MonitorStatus::Disabled;
    std::vector<std::string> triggered_alarms;
    std::optional<Instant> bake_until; // alarms may still fail it until then (ECS behaviour B7)
};

// What a Deployment brings into service. Named by the digits of its id.
struct ServiceRevision {
    std::string deployment_id;
    std::string task_definition; // ARN
    std::string launch_type;
    std::vector<ServiceLoadBalancer> load_balancers;
    std::string document; // the service's at that time
    Instant created_at{};
};

} // namespace ecsr::local
