// The tasks of one service, counted the way a decision needs them (ECS behaviour B2, B3, D4).
#pragma once

#include "local/scheduler/health.hpp"
#include "local/scheduler/placement.hpp"

#include <vector>

namespace ecsr::local {

// Live tasks: desired status RUNNING.
struct Share {
    std::vector<Task*> good, waiting, bad;

    int healthy() const { return static_cast<int>(good.size()); }
    int starting() const { return static_cast<int>(waiting.size()); }
    int unhealthy() const { return static_cast<int>(bad.size()); }
    int live() const { return healthy() + starting() + unhealthy(); }
};

struct Census {
    Share primary;
    Share older;                         // tasks of every deployment but PRIMARY
    std::vector<int> unfinished;         // tasks not STOPPED, by index in Service::deployments
    int stopping = 0;                    // told to stop and not STOPPED
    int older_unfinished = 0;            // not STOPPED, of every deployment but PRIMARY
    ZoneCounts zones;                    // live tasks
    Instant changes_at = Instant::max(); // when time alone changes a verdict

    int live() const { return primary.live() + older.live(); }
};

// Index of the deployment that started the task; the number of deployments when it left the list.
std::size_t deployment_index(const Service& service, const Task& task);

// `wanted`: a service with more live PRIMARY tasks than that shows no patience with unhealthy ones (ECS behaviour B5
// case 5).
Census take_census(const Service& service, const std::vector<Task*>& tasks, const TargetIndex& targets, int wanted,
                   Millis healthy_after, Instant now);

} // namespace ecsr::local
