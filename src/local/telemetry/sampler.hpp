// The metrics that ECS and Container Insights tell of what runs here (ECS behaviour F1, F2).
#pragma once

#include "local/state/outside.hpp"
#include "local/state/state.hpp"
#include "local/telemetry/metric_store.hpp"

namespace ecsr::local {

// Looks at every RUNNING task and writes the datapoints of the minute that begins at `at`:
// AWS/ECS MemoryUtilization of each service, and where the cluster's containerInsights is "enabled" or "enhanced"
// ECS/ContainerInsights' MemoryUtilized, MemoryReserved, RunningTaskCount, PendingTaskCount, DesiredTaskCount,
// DeploymentCount, TaskCount and ServiceCount. Tasks without a memory limit or reservation have no utilization.
void sample(const State& state, Runtime& runtime, MetricStore& store, Instant at, Instant now);

} // namespace ecsr::local
