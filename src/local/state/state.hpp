// Everything the local ECS knows: one value that moves only by requests, by events from outside and by time handed in.
//
// Not thread-safe: local/plane guards it. Maps are ordered so that a seed replays.
#pragma once

#include "base/random.hpp"
#include "local/state/agenda.hpp"
#include "local/state/alarms.hpp"
#include "local/state/balancing.hpp"
#include "local/state/ids.hpp"
#include "local/state/logs.hpp"
#include "local/state/messaging.hpp"
#include "local/state/rules.hpp"
#include "local/state/scaling.hpp"
#include "local/state/service.hpp"
#include "local/state/task.hpp"
#include "local/state/task_definition.hpp"
#include "local/state/task_table.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::local {

struct Cluster {
    std::string name;
    std::string status = "ACTIVE";               // ACTIVE | INACTIVE
    std::map<std::string, std::string> settings; // "containerInsights" -> "disabled"
    std::string container_instance_id;           // 32 hex: the one instance that stands for this machine
    bool draining = false;                       // that instance is DRAINING (ECS behaviour B14)
    std::string document;                        // JSON object: further members of the request
    std::map<std::string, std::string> tags;
};

// What all tasks together may take; nothing limits what is not set.
struct Capacity {
    std::optional<int> cpu; // in units of 1/1024 vCPU
    std::optional<int> memory_mib;
    std::optional<int> tasks;
};

// What a RunTask with a clientToken has done.
struct RunToken {
    std::string request; // JSON text
    std::vector<std::string> task_ids;
    Instant used_at{};
};

struct State {
    Identity identity;
    std::map<std::string, Cluster> clusters;                             // by name
    std::map<std::string, std::vector<TaskDefinition>> task_definitions; // by family; index = revision - 1
    std::map<ServiceKey, Service> services;
    TaskTable tasks;
    std::map<std::string, LoadBalancer> load_balancers;                 // by ARN
    std::map<std::string, TargetGroup> target_groups;                   // by ARN
    std::map<std::string, Listener> listeners;                          // by ARN
    std::map<std::string, ScalableTarget> scalable_targets;             // by resource id
    std::deque<ScalingActivity> scaling_activities;                     // the newest first; outlive their target
    std::map<std::pair<std::string, std::string>, RunToken> run_tokens; // by cluster and token
    Alarms alarms;
    Messaging messaging;
    Logs logs;
    Rules rules;
    Capacity capacity; // set by whoever starts the plane; not saved
    // Tasks with network mode awsvpc have networks of their own, and addresses of network_address(). Set and not saved
    // as the capacity is.
    bool own_networks = false;
    // Of the plane itself, "http://127.0.0.1:4510"; empty: nothing reaches it, and it reaches nothing. Not saved.
    std::string endpoint_url;
    Random random{1};
    Instant time{}; // when it was last saved
    // The scheduler's memory. One that is not filled costs one look at all tasks, never a mistake; therefore it is not
    // saved.
    Agenda agenda;
    std::uint64_t next_address = 1; // of loopback_address() or network_address(); planes on one machine start far apart
};

// Lookups; null when there is none. Names may be short or ARNs.
const TaskDefinition* find_task_definition(const State& state, std::string_view arn_or_family_revision);
TargetGroup* find_target_group(State& state, std::string_view arn);
Target* find_target(TargetGroup& group, std::string_view id, int port);
std::vector<Task*> tasks_of_service(State& state, const Service& service); // STOPPED ones too
// The service of a task; null for standalone tasks.
Service* service_of(State& state, const Task& task);

// As DescribeServices counts: RUNNING, and everything before it; tasks on their way out are in neither (ECS behaviour
// B10).
struct TaskCounts {
    int running = 0;
    int pending = 0;
};
// By deployment id; a deployment without such tasks has no entry.
std::map<std::string, TaskCounts> counts_by_deployment(const State& state, const Service& service);

// healthStatus: over the essential containers that have a health check (ECS behaviour D1).
Health task_health(const Task& task);
// Under scale-in protection at `now` (ECS behaviour B13).
bool is_protected(const Task& task, Instant now);
// deregistration_delay.timeout_seconds of the group; 300 s when it is not set.
Seconds deregistration_delay(const TargetGroup& group);
// "PROVISIONING", "RUNNING", ... ; parse accepts exactly those.
const char* to_string(TaskStatus status);
const char* to_string(Health health);
const char* to_string(NetworkMode mode);
const char* to_string(TargetState state);
const char* to_string(RolloutState state);
const char* to_string(DeploymentStatus status);
const char* to_string(ServiceStatus status);
const char* to_string(ServiceDeploymentStatus status);
const char* to_string(MonitorStatus status);

} // namespace ecsr::local
