// What requests change in the State beyond plain bookkeeping: the verbs of ECS that start something.
//
// local/api decodes and validates the wire form and calls these; each fails as AWS does (ApiError) and then has changed
// nothing.
#pragma once

#include "local/scheduler/scheduler.hpp"
#include "local/state/api_error.hpp"
#include "local/state/state.hpp"

#include <optional>
#include <string>

namespace ecsr::local {

// `service` holds everything but deployments, events and created_at; the first deployment is made here.
ApiResult<Service*> create_service(State& state, Service service, const std::string& task_definition_arn, Instant now);

struct ServiceUpdate {
    std::optional<int> desired_count;
    std::optional<std::string> task_definition; // ARN, resolved by the caller
    bool force_new_deployment = false;
    bool other_change_needs_deployment = false; // networkConfiguration, loadBalancers, ... (ECS behaviour B4)
    std::optional<DeploymentConfiguration> deployment_configuration;
    std::optional<std::vector<ServiceLoadBalancer>> load_balancers;
    std::optional<Seconds> health_check_grace_period;
    std::optional<std::string> availability_zone_rebalancing;
    std::optional<std::string> document; // replaces the service's
};
ApiResult<Service*> update_service(State& state, Service& service, const ServiceUpdate& update, Instant now);

// ACTIVE -> DRAINING -> INACTIVE (ECS behaviour B4). `force` skips the scale-to-zero requirement.
ApiResult<Service*> delete_service(State& state, Service& service, bool force, Instant now);

// StopServiceDeployment with ROLLBACK: the next decision goes back to the last deployment that completed (ECS behaviour
// B15). Error: ConflictException when the deployment is over or goes back already.
ApiResult<void> roll_back_deployment(Service& service, ServiceDeployment& record, Instant now);

// ECS behaviour B9. Idempotent; keeps the first reason.
void stop_task(State& state, Task& task, const std::string& reason, Instant now);

// DRAINING or ACTIVE again: the cluster's services decide anew (ECS behaviour B14).
void drain_instance(State& state, Cluster& cluster, bool draining);

// Sets or clears scale-in protection (ECS behaviour B13). DEPLOYMENT_BLOCKED and TASK_NOT_VALID are told by the
// caller's answer: returns the failure reason, or an empty string.
std::string protect_task(State& state, Task& task, bool enabled, Seconds expires_in, Instant now);

// ELBv2 RegisterTargets/DeregisterTargets, also used by the scheduler for its own tasks.
void register_target(TargetGroup& group, const std::string& id, int port, Instant now);
void deregister_target(TargetGroup& group, const std::string& id, int port, Instant now);

// Adds a service event (newest first, 100 kept). `text` is what follows "(service NAME) ".
void add_event(State& state, Service& service, const std::string& text, Instant now);

} // namespace ecsr::local
