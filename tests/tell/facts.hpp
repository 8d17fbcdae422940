// A service and its runs as they are told in these tests: all times lie around one fixed moment.
#pragma once

#include "act/journal.hpp"
#include "model/snapshot.hpp"

#include <string>

namespace ecsr::testing {

inline const Instant noon = *parse_rfc3339("2026-11-20T12:00:00Z");
inline const std::string arn_prefix = "arn:aws:ecs:eu-west-1:123456789012:";
inline const std::string group_arn =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/cart/0123456789abcdef";

inline std::string task_arn(const std::string& id) {
    return arn_prefix + "task/shop/" + id;
}

inline Task running_task(const std::string& id, const std::string& address, Millis age) {
    Task task;
    task.arn = task_arn(id);
    task.task_definition = arn_prefix + "task-definition/cart:7";
    task.last_status = "RUNNING";
    task.desired_status = "RUNNING";
    task.health_status = "UNKNOWN";
    task.availability_zone = "eu-west-1a";
    task.created_at = noon - age;
    task.started_at = noon - age + Millis(2'000);
    Container container;
    container.name = "web";
    container.private_ip = address;
    task.containers = {container};
    return task;
}

inline Snapshot service_of_two() {
    Snapshot snapshot;
    Service& service = snapshot.service;
    service.arn = arn_prefix + "service/shop/cart";
    service.name = "cart";
    service.cluster_arn = arn_prefix + "cluster/shop";
    service.status = "ACTIVE";
    service.desired_count = 2;
    service.running_count = 2;
    service.launch_type = "FARGATE";
    service.scheduling_strategy = "REPLICA";
    service.deployment_controller = "ECS";
    service.task_definition = arn_prefix + "task-definition/cart:7";
    Deployment deployment;
    deployment.id = "ecs-svc/1234567890123456789";
    deployment.status = "PRIMARY";
    deployment.task_definition = service.task_definition;
    deployment.desired_count = 2;
    deployment.running_count = 2;
    deployment.rollout_state = "COMPLETED";
    deployment.created_at = noon - std::chrono::hours(76);
    service.deployments = {deployment};
    service.events = {{"e2", noon - Millis(30'000), "(service cart) has reached a steady state."},
                      {"e1", noon - Millis(90'000), "(service cart) has started 1 tasks: (task bbbb2222)."}};
    service.target_groups = {{group_arn, "web", 8080}};
    snapshot.service_at = noon;
    for (const auto& task : {running_task("aaaa1111", "10.0.0.1", std::chrono::hours(76)),
                             running_task("bbbb2222", "10.0.0.2", Millis(90'000))}) {
        snapshot.tasks[task.arn] = task;
        snapshot.task_at[task.arn] = noon;
        snapshot.listed.insert(task.arn);
    }
    snapshot.listed_at = noon;
    snapshot.targets = {{group_arn, "10.0.0.1", 8080, "healthy", "", ""},
                        {group_arn, "10.0.0.2", 8080, "initial", "Elb.InitialHealthChecking", ""}};
    snapshot.targets_at = noon;
    snapshot.protection[task_arn("aaaa1111")] = {true, noon + std::chrono::hours(1)};
    snapshot.protection_at = noon;
    snapshot.scalable_target = ScalableTarget{"service/shop/cart", 2, 10, {true, false, false}};
    snapshot.scaling_at = noon;
    return snapshot;
}

inline act::RunRecord finished_run() {
    act::RunRecord record;
    recycle::Run& run = record.run;
    run.id = "0123abcdef";
    run.spec.cluster = "shop";
    run.spec.service = "cart";
    run.drain = Drain::ScaleIn;
    run.started_at = noon - Millis(95'250);
    run.cutoff = run.started_at;
    run.phase = recycle::Phase::Ended;
    run.desired_before = run.desired_theirs = run.desired_ours = 2;
    run.replaced = {{task_arn("aaaa1111"), task_arn("cccc3333"), 1, noon - Millis(60'000), noon - Millis(55'500),
                     noon - Millis(95'000)},
                    {task_arn("bbbb2222"), "", 2, noon - Millis(10'000), std::nullopt, noon - Millis(55'000)}};
    run.skipped = {{task_arn("dddd4444"), "protected from scale-in by somebody else"}};
    run.lowest_healthy = 2;
    run.ending = recycle::Ending{recycle::Outcome::Done, "2 tasks recycled", {}};
    run.ended_at = noon;
    record.calls = {9, {{"DescribeServices", 4}, {"UpdateService", 5}}};
    return record;
}

inline act::RunRecord unfinished_run() {
    act::RunRecord record = finished_run();
    recycle::Run& run = record.run;
    run.id = "fedcba9876";
    run.ending.reset();
    run.ended_at.reset();
    run.replaced.pop_back();
    run.batch = {task_arn("bbbb2222")};
    run.lowest_healthy = -1;
    run.restored = false;
    return record;
}

} // namespace ecsr::testing
