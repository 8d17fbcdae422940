// A service of three healthy tasks as a snapshot, and a run over it.
#pragma once

#include "judge/recycle/run.hpp"
#include "model/snapshot.hpp"
#include "tests/support/manual_clock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>

namespace ecsr::testing {

inline std::string task_arn(int number) {
    return fmt::format("arn:aws:ecs:eu-west-1:123456789012:task/prod/{:032x}", number);
}

inline void add_task(Snapshot& snapshot, int number, Instant created_at) {
    Task task;
    task.arn = task_arn(number);
    task.group = "service:web";
    task.last_status = "RUNNING";
    task.desired_status = "RUNNING";
    task.health_status = "UNKNOWN";
    task.created_at = created_at;
    snapshot.task_at[task.arn] = fixed_epoch;
    snapshot.listed.insert(task.arn);
    snapshot.tasks[task.arn] = std::move(task);
}

inline Snapshot three_healthy_tasks() {
    Snapshot snapshot;
    snapshot.service.name = "web";
    snapshot.service.arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web";
    snapshot.service.cluster_arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
    snapshot.service.status = "ACTIVE";
    snapshot.service.desired_count = 3;
    snapshot.service_at = fixed_epoch;
    snapshot.listed_at = fixed_epoch;
    for (int number = 1; number <= 3; ++number) { add_task(snapshot, number, fixed_epoch - Seconds(3600)); }
    return snapshot;
}

inline recycle::Run rolling_run() {
    recycle::Run run;
    run.id = "r1";
    run.spec.cluster = "prod";
    run.spec.service = "web";
    run.started_at = fixed_epoch;
    run.cutoff = fixed_epoch + Millis(1);
    run.desired_before = run.desired_theirs = run.desired_ours = 3;
    run.surge = 1;
    return run;
}

} // namespace ecsr::testing
