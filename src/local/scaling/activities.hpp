// What became of scaling: the activities of Application Auto Scaling (ECS behaviour E4).
#pragma once

#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// The service of "service/CLUSTER/SERVICE"; null when it is not ACTIVE or there is none.
Service* service_of_resource(State& state, const std::string& resource_id);

// Its RUNNING tasks.
int running_tasks(const State& state, const Service& service);

// Sets the desired count as UpdateService does, and notes the activity: in progress until the running count is what was
// asked for, Failed with ECS's message where ECS refuses.
void set_desired(State& state, Service& service, const std::string& resource_id, int desired, std::string cause,
                 Instant now);

// Nothing is scaled, and why. The same reason again from the same cause, with nothing in between, is noted once.
void note_not_scaled(State& state, const std::string& resource_id, std::string cause, NotScaledReason reason,
                     Instant now);

// An activity that is over as soon as it begins.
void note_done(State& state, const std::string& resource_id, std::string description, std::string cause,
               ActivityStatus status, std::string message, Instant now);

// Ends what is in progress and fulfilled or overridden, forgets what is older than six weeks. True when something has
// changed.
bool finish_activities(State& state, Instant now);

} // namespace ecsr::local
