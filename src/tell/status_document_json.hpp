// The JSON document of "status". Internal to tell/: included by .cpp files alone, because it brings Boost.JSON.
#pragma once

#include "base/json_mapper.hpp"
#include "model/snapshot.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::tell {

struct StatusDeployment {
    std::string id = {};
    std::string status = {};
    std::string rollout_state = {};
    std::string rollout_state_reason = {};
    std::string task_definition = {};
    int desired_count = 0;
    int running_count = 0;
    int pending_count = 0;
    int failed_tasks = 0;
    Instant created_at{};
};
BOOST_DESCRIBE_STRUCT(StatusDeployment, (),
                      (id, status, rollout_state, rollout_state_reason, task_definition, desired_count, running_count,
                       pending_count, failed_tasks, created_at))

struct StatusTarget {
    std::string target_group_arn = {};
    std::string id = {};
    int port = 0;
    std::string state = {};
    std::string reason = {};
};
BOOST_DESCRIBE_STRUCT(StatusTarget, (), (target_group_arn, id, port, state, reason))

struct StatusTask {
    std::string task_arn = {};
    std::string task_definition = {};
    std::string last_status = {};
    std::string desired_status = {};
    std::string health_status = {};
    bool healthy = false;
    std::string not_healthy_because = {};
    std::string availability_zone = {};
    Instant created_at{};
    std::optional<Instant> started_at = {};
    double age_seconds = 0;
    std::vector<StatusTarget> targets = {};
    bool is_protected = false;
    std::optional<Instant> protected_until = {};
};
BOOST_DESCRIBE_STRUCT(StatusTask, (),
                      (task_arn, task_definition, last_status, desired_status, health_status, healthy,
                       not_healthy_because, availability_zone, created_at, started_at, age_seconds, targets,
                       is_protected, protected_until))

struct StatusScaling {
    int min_capacity = 0;
    int max_capacity = 0;
    bool scale_in_suspended = false;
};
BOOST_DESCRIBE_STRUCT(StatusScaling, (), (min_capacity, max_capacity, scale_in_suspended))

struct StatusEvent {
    Instant created_at{};
    std::string message = {};
};
BOOST_DESCRIBE_STRUCT(StatusEvent, (), (created_at, message))

struct StatusDocument {
    std::string service = {};
    std::string service_arn = {};
    std::string cluster = {};
    std::string status = {};
    std::string launch_type = {};
    std::string scheduling_strategy = {};
    std::string deployment_controller = {};
    std::string task_definition = {};
    int desired_count = 0;
    int running_count = 0;
    int pending_count = 0;
    int healthy_count = 0;
    bool deployment_in_flight = false;
    std::vector<StatusDeployment> deployments = {};
    std::vector<StatusTask> tasks = {}; // oldest first
    std::optional<StatusScaling> autoscaling = {};
    std::vector<StatusEvent> events = {}; // newest first
    Instant read_at{};
};
BOOST_DESCRIBE_STRUCT(StatusDocument, (),
                      (service, service_arn, cluster, status, launch_type, scheduling_strategy, deployment_controller,
                       task_definition, desired_count, running_count, pending_count, healthy_count,
                       deployment_in_flight, deployments, tasks, autoscaling, events, read_at))

StatusDocument status_document(const Snapshot& snapshot, Instant now, std::size_t events);

} // namespace ecsr::tell
