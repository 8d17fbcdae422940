// Where tasks start and which ones stop first (ECS behaviour B3).
#pragma once

#include "local/scheduler/scheduler.hpp"

#include <map>
#include <string>
#include <vector>

namespace ecsr::local {

// Live tasks of a service by Availability Zone.
using ZoneCounts = std::map<std::string, int>;

// Of <region>a, b and c the one with the fewest tasks; the first of equals.
std::string emptiest_zone(const ZoneCounts& zones, const std::string& region);

// The same with every zone of the Region, also those without a task.
ZoneCounts all_zones(const ZoneCounts& zones, const std::string& region);

enum class StopRank { Pending, Unhealthy, NotYetHealthy, Healthy }; // in the order in which they go

struct Candidate {
    Task* task = nullptr;
    StopRank rank = StopRank::Healthy;
};

// `count` of the candidates, or all: by rank, then from the zone with the most tasks, then at random. `zones` counts
// down.
std::vector<Task*> pick_victims(const std::vector<Candidate>& candidates, int count, ZoneCounts& zones, Random& random);

} // namespace ecsr::local
