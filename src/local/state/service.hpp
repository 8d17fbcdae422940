// Services and their deployments (ECS behaviour B).
#pragma once

#include "base/time.hpp"

#include <deque>
#include <map>
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
};

struct DeploymentConfiguration {
    int maximum_percent = 200;
    int minimum_healthy_percent = 100;
    bool circuit_breaker_enable = false;
    bool circuit_breaker_rollback = false;
    std::vector<std::string> alarm_names;
    bool alarms_enable = false;
    bool alarms_rollback = false;
};

struct ServiceEvent {
    std::string id;
    Instant created_at{};
    std::string message; // exact texts of ECS behaviour C1
};

enum class ServiceStatus { Active, Draining, Inactive };

struct Service {
    std::string cluster; // short name
    std::string name;
    ServiceStatus status = ServiceStatus::Active;
    int desired_count = 0;
    std::string launch_type = "EC2";
    std::string scheduling_strategy = "REPLICA";
    std::string deployment_controller = "ECS";
    DeploymentConfiguration deployment_configuration;
    std::vector<ServiceLoadBalancer> load_balancers;
    Seconds health_check_grace_period{0};
    std::vector<Deployment> deployments; // PRIMARY first, then newest ACTIVE first
    std::deque<ServiceEvent> events;     // newest first, at most 100
    Instant created_at{};
    std::string availability_zone_rebalancing = "ENABLED";
    std::string client_token;
    std::string document; // JSON object: further members of the request, answered back as they came
    std::map<std::string, std::string> tags;

    // The scheduler's memory. Whoever changes a service or its tasks sets `touched`; the next advance() then draws the
    // latency of the decision that looks at it.
    bool touched = true;
    Instant next_decision_at = Instant::max(); // max() when none is under way
    Instant look_again_at = Instant::max();    // when time alone calls for a decision: grace, back-off, steady event
    std::optional<Instant> steady_since;
    Instant last_steady_event_at{};
    bool blocked_by_protection = false; // protected tasks hold up a deployment (ECS behaviour B13)
};

} // namespace ecsr::local
