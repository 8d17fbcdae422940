// How ECS shows a service. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <map>
#include <string>
#include <vector>

namespace ecsr::local::wire {

using CountsByDeployment = std::map<std::string, TaskCounts>;

// Parts that service deployments and service revisions (ECS behaviour B15) show too.
json::object configuration_view(const Call& call, const DeploymentConfiguration& configuration);
json::array load_balancers_view(const Call& call, const std::vector<ServiceLoadBalancer>& load_balancers);
// Launch type or capacity providers, whichever the service was made with; the platform; the network.
void put_launch(json::object& object, const std::string& launch_type, const json::object& document);
// Of the revision that a deployment brings into service, with its tasks at this moment.
json::object revision_summary(const Call& call, const Service& service, const std::string& deployment_id,
                              const CountsByDeployment& counts);

json::object service_view(const Call& call, const Service& service, bool with_tags);

} // namespace ecsr::local::wire
