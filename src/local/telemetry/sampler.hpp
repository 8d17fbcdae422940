// The metrics that ECS and Container Insights tell of what runs here (ECS behaviour F1, F2, F3).
#pragma once

#include "local/state/outside.hpp"
#include "local/state/state.hpp"
#include "local/telemetry/metric_store.hpp"

#include <map>
#include <string>
#include <utility>

namespace ecsr::local {

// Remembers how much processor time each container had used when it last looked. Not saved: the first look after a
// start takes the average since the task started.
class Sampler {
public:
    // Looks at every RUNNING task and writes the datapoints of the minute that begins at `at`:
    // AWS/ECS CPUUtilization and MemoryUtilization of each service and cluster, over the tasks' samples; where the
    // cluster's containerInsights is "enabled" ECS/ContainerInsights by cluster, service and task definition family;
    // where it is "enhanced" also by task and container. Tasks that reserve nothing have no utilization.
    void sample(const State& state, Runtime& runtime, MetricStore& store, Instant at, Instant now);

private:
    struct Work {
        Micros cpu_time{0};
        Instant at{};
    };
    using Works = std::map<std::pair<std::string, std::string>, Work>; // by task and container

    // In units of 1/1024 vCPU, on average since the last look.
    static double cpu_units(const Works& before, const std::pair<std::string, std::string>& container, const Work& now,
                            Instant started_at);

    Works seen_;
};

} // namespace ecsr::local
