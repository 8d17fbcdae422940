// The service that is recycled, and what its tasks do.
#pragma once

#include "base/random.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/simulation/wire.hpp"

#include <string>

namespace ecsr::simulation {

inline constexpr const char* alarm_name = "errors";

local::SchedulerOptions scheduler_of(const Options& options);

// What RegisterTaskDefinition takes, for each revision.
std::string task_definition(const Options& options);

// Service "s" in cluster "c" with all that belongs to it, steady.
void make_service(VirtualWorld& world, const Options& options, Random& random);

// A new task may turn out worse than the others.
void draw_mood(local::TaskLaunch& launch, const Options& options, Random& random, Marks& marks);

} // namespace ecsr::simulation
