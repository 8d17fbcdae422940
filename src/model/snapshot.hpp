// What is known of one service at one moment, and which part of it was read when.
//
// Filled by observe/, part by part; judged by judge/. A part that was never read has no time.
#pragma once

#include "model/balancing.hpp"
#include "model/scaling.hpp"
#include "model/service.hpp"
#include "model/task.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ecsr {

struct Snapshot {
    // DescribeServices. `service_missing` when ECS says MISSING, or the cluster is gone.
    Service service;
    bool service_missing = false;
    std::optional<Instant> service_at;

    // Every task of the service that was described, by ARN; stopped ones stay until the run ends.
    std::map<std::string, Task> tasks;
    std::map<std::string, Instant> task_at; // when each was last described
    // ListTasks with desiredStatus RUNNING, all pages; or the same brought up to date by service events.
    std::set<std::string> listed;
    std::optional<Instant> listed_at;
    std::string listed_up_to; // id of the newest service event whose effect is surely in the list; empty: none
    // Asked for and not found: DescribeTasks said MISSING (just started, or stopped over an hour ago; ECS behaviour
    // B12).
    std::set<std::string> missing;

    // Tasks of the service that ECS still tells of although they have stopped, an hour at most (ECS behaviour B12), for
    // learning from them. Only where a look asked for them.
    std::vector<Task> recently_stopped;

    std::map<std::string, TaskDefinition> task_definitions; // by ARN

    std::map<std::string, TargetGroup> target_groups; // by ARN
    TargetList targets;                               // of all target groups of the service
    std::optional<Instant> targets_at;
    std::map<std::string, std::string> instance_ids; // container instance ARN -> EC2 instance id

    std::optional<ScalableTarget> scalable_target;
    std::optional<Instant> scaling_at; // read, even if there is no scalable target

    std::map<std::string, TaskProtection> protection; // by task ARN
    std::optional<Instant> protection_at;

    std::vector<AlarmState> alarms;
    std::optional<Instant> alarms_at;

    std::vector<std::string> image_warnings; // images whose tag has moved, or that could not be checked
};

// What to read next; each part costs calls, so ask for what will be used.
struct Look {
    bool service = false;
    // Lists; describes what is listed but unknown, and what was known as live but is no longer listed. Together with
    // `service` it mostly costs no call of its own (observe/observe.hpp).
    bool list_tasks = false;
    std::vector<std::string> going = {}; // tasks that are about to stop: an event that says so needs no description
    bool describe_listed = false;        // describes every listed task again
    std::vector<std::string> tasks = {}; // describes these
    bool task_definitions = false;       // of the known tasks; each is read once
    bool target_groups = false;          // attributes of the target groups; read once
    bool targets = false;
    bool scaling = false;
    bool protection = false;       // of every known live task
    bool recently_stopped = false; // at most 100 of them
    std::vector<std::string> alarms = {};
    bool images = false; // compares image tags with the running digests (ECR)
};

// The service's targets that belong to this task: by private address or by instance and host port, per target group
// binding.
std::vector<const TargetHealth*> targets_of(const Snapshot& snapshot, const Task& task);

// It has a target in every target group of the service.
bool is_registered(const Snapshot& snapshot, const Task& task);

// Counts as healthy for its clients: RUNNING and live; HEALTHY where a health check vouches; `healthy` in every target
// group. (ECS behaviour B2, without the 40 s rule.)
bool is_healthy(const Snapshot& snapshot, const Task& task);

// Whether a health check or a target group vouches for this task.
bool is_vouched_for(const Snapshot& snapshot, const Task& task);

// Why it does not count as healthy, in a few words: "PENDING", "health check UNKNOWN", "target initial
// (Elb.InitialHealthChecking)".
std::string why_not_healthy(const Snapshot& snapshot, const Task& task);

// The listed or known live tasks of the service, oldest first.
std::vector<const Task*> live_tasks(const Snapshot& snapshot);
int live_count(const Snapshot& snapshot);
int healthy_count(const Snapshot& snapshot);

} // namespace ecsr
