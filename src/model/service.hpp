// An ECS service as DescribeServices tells it, reduced to what the product judges by.
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr {

struct Deployment {
    std::string id;              // "ecs-svc/123..."
    std::string status;          // PRIMARY | ACTIVE | INACTIVE
    std::string task_definition; // ARN
    int desired_count = 0;
    int pending_count = 0;
    int running_count = 0;
    int failed_tasks = 0;
    std::string rollout_state; // IN_PROGRESS | COMPLETED | FAILED; empty where ECS does not tell (ECS behaviour B4)
    std::string rollout_state_reason;
    Instant created_at{};
    Instant updated_at{};
};

struct ServiceEvent {
    std::string id;
    Instant created_at{};
    std::string message;
};

// A target group the service registers its tasks in.
struct TargetGroupBinding {
    std::string target_group_arn;
    std::string container_name;
    int container_port = 0;
};

struct Service {
    std::string arn;
    std::string name;
    std::string cluster_arn;
    std::string status; // ACTIVE | DRAINING | INACTIVE
    int desired_count = 0;
    int running_count = 0;
    int pending_count = 0;
    std::string launch_type;           // EC2 | FARGATE | EXTERNAL; empty with a capacity provider strategy
    std::string scheduling_strategy;   // REPLICA | DAEMON
    std::string deployment_controller; // ECS | CODE_DEPLOY | EXTERNAL
    std::string task_definition;
    std::vector<Deployment> deployments; // PRIMARY first
    std::vector<ServiceEvent> events;    // newest first, at most 100
    std::vector<TargetGroupBinding> target_groups;
    bool has_classic_load_balancer = false;
    int maximum_percent = 200;
    int minimum_healthy_percent = 100;
    Seconds health_check_grace_period{0};
    std::vector<std::string> deployment_alarms;
    Instant created_at{};
    std::map<std::string, std::string> tags;
};

// The deployment with status PRIMARY, or null.
const Deployment* primary_deployment(const Service& service);

// True while ECS replaces tasks: more than one deployment, or a PRIMARY that is IN_PROGRESS (ECS behaviour 0.10).
bool deployment_in_flight(const Service& service);

} // namespace ecsr
