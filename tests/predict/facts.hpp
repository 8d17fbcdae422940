// A service that has told how it behaves. All times lie around one fixed moment.
#pragma once

#include "model/snapshot.hpp"
#include "tests/support/manual_clock.hpp"

#include <string>

namespace ecsr::testing {

inline const std::string predict_arns = "arn:aws:ecs:eu-west-1:123456789012:";

inline Task told_task(const std::string& id, Instant created, Millis start) {
    Task task;
    task.arn = predict_arns + "task/shop/" + id;
    task.task_definition = predict_arns + "task-definition/web:1";
    task.group = "service:web";
    task.last_status = task.desired_status = "RUNNING";
    task.health_status = "UNKNOWN";
    task.created_at = created;
    task.started_at = created + start;
    return task;
}

inline Task stopped_task(const std::string& id, Instant created, const std::string& code, Instant ordered,
                         Millis stop) {
    Task task = told_task(id, created, Seconds(2));
    task.last_status = task.desired_status = "STOPPED";
    task.stop_code = code;
    task.stopping_at = ordered;
    task.stopped_at = ordered + stop;
    return task;
}

inline void add_event(Snapshot& snapshot, Instant at, const std::string& text) { // the oldest first
    auto& events = snapshot.service.events;
    events.insert(events.begin(), {"e" + std::to_string(events.size()), at, "(service web) " + text});
}

// Two tasks of a deployment, 4 s old decisions, steady 9 s after the last of them ran.
inline Snapshot telling_service() {
    const Instant t = fixed_epoch;
    Snapshot snapshot;
    Service& service = snapshot.service;
    service.arn = predict_arns + "service/shop/web";
    service.name = "web";
    service.cluster_arn = predict_arns + "cluster/shop";
    service.status = "ACTIVE";
    service.desired_count = service.running_count = 2;
    service.scheduling_strategy = "REPLICA";
    service.deployment_controller = "ECS";
    service.task_definition = predict_arns + "task-definition/web:1";
    Deployment deployment;
    deployment.id = "ecs-svc/1";
    deployment.status = "PRIMARY";
    deployment.rollout_state = "COMPLETED";
    deployment.task_definition = service.task_definition;
    deployment.created_at = t;
    service.deployments = {deployment};
    TaskDefinition definition;
    definition.arn = service.task_definition;
    definition.network_mode = "bridge";
    ContainerDefinition container;
    container.name = "app";
    container.image = "app:1";
    container.has_health_check = true;
    container.health_check.interval = Seconds(5);
    definition.containers = {container};
    snapshot.task_definitions[definition.arn] = definition;
    for (const Task& task :
         {told_task("a", t + Seconds(4), Seconds(10)), told_task("b", t + Seconds(5), Seconds(20))}) {
        snapshot.tasks[task.arn] = task;
        snapshot.tasks[task.arn].health_status = "HEALTHY";
        snapshot.tasks[task.arn].task_definition = definition.arn;
        snapshot.listed.insert(task.arn);
        snapshot.task_at[task.arn] = t + std::chrono::hours(1);
    }
    add_event(snapshot, t + Seconds(4), "has started 2 tasks: (task a) (task b).");
    add_event(snapshot, t + Seconds(25 + 9), "has reached a steady state.");
    snapshot.service_at = snapshot.listed_at = t + std::chrono::hours(1);
    return snapshot;
}

} // namespace ecsr::testing
