// Percent arithmetic of deployments: what is rounded which way (ECS behaviour B1).
#pragma once

#include "local/state/service.hpp"

namespace ecsr::local {

// How many tasks must stay healthy: rounded up.
int min_healthy_tasks(int desired_count, const DeploymentConfiguration& configuration);
// How many tasks may run at once: rounded down.
int max_tasks(int desired_count, const DeploymentConfiguration& configuration);
// How many failures in a row end a deployment: half of the desired count, 3 at least, 200 at most, unless the service
// says otherwise (ECS behaviour B6).
int breaker_threshold(int desired_count, const DeploymentConfiguration& configuration);

// What the scheduler aims at: 0 for a service that drains or has the EXTERNAL controller, one task per instance for
// DAEMON.
int wanted_tasks(const Service& service);

} // namespace ecsr::local
