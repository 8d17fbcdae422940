// The observed service on a local ECS on virtual time, behaving as was learnt. Internal to this folder.
#pragma once

#include "local/virtual/virtual_ecs.hpp"
#include "model/run_spec.hpp"
#include "model/snapshot.hpp"
#include "predict/learned.hpp"

#include <memory>
#include <string>
#include <vector>

namespace ecsr::predict {

struct Stage {
    std::unique_ptr<local::VirtualEcs> ecs;
    std::string cluster;
    std::string service;
    std::vector<std::string> tasks; // ARNs, oldest first; the service is steady
};

// Errors: Remote, when the local ECS does not know what the service is made of (the message says what); NotFound, when
// its task definition was not read; Timeout, when it does not get steady.
Result<Stage> set_stage(const Snapshot& snapshot, const Learned& learned, std::uint64_t seed, Instant now);

// Scale-in protection that somebody else has set.
Status protect(Stage& stage, const std::vector<std::string>& tasks, std::chrono::minutes expires_in);

// Tasks that are wanted, RUNNING, and vouched for by all their health checks and targets.
int healthy_tasks(const local::State& state);

} // namespace ecsr::predict
