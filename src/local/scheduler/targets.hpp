// The targets of a task in its target groups. register_target() and deregister_target() are in operations.hpp.
#pragma once

#include "local/scheduler/turn.hpp"

namespace ecsr::local {

// Registers the task with every target group of its deployment: in groups of type `ip` by its own address, in the
// others by the cluster's instance; awsvpc tasks by container port, the others by host port. Groups that are gone are
// left out.
void register_task(Turn& turn, Task& task);

// Takes the task out of its target groups, where its targets drain from now on. Returns the longest deregistration
// delay.
Seconds deregister_task(Turn& turn, Task& task);

// The services whose tasks register there decide anew.
void touch_services_behind(State& state, const std::string& target_group_arn);

// Forgets targets whose draining is over.
void drop_drained_targets(State& state, Instant now);

} // namespace ecsr::local
