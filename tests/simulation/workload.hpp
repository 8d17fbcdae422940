// The service that is recycled, and what its tasks do.
#pragma once

#include "base/random.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/simulation/wire.hpp"

#include <string>

namespace ecsr::simulation {

inline constexpr const char* alarm_name = "errors";
inline constexpr const char* neighbour = "neighbour"; // the family of what others run in the same cluster
inline constexpr int task_memory = 64;                // MiB

local::SchedulerOptions scheduler_of(const Options& options);

// What all tasks of the cluster together may have: enough as long as no neighbour takes it.
local::Capacity capacity_of(const Options& options);

// What RegisterTaskDefinition takes, for each revision.
std::string task_definition(const Options& options);

bool is_of_service(const local::Task& task);

// Service "s" in cluster "c" with all that belongs to it, steady.
void make_service(VirtualWorld& world, const Options& options, Random& random);

// A new task may turn out worse than the others.
void draw_mood(local::TaskLaunch& launch, const Options& options, Random& random, Marks& marks);

} // namespace ecsr::simulation
