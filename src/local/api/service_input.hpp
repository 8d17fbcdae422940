// CreateService and UpdateService, taken apart. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"
#include "local/scheduler/operations.hpp"
#include "local/state/service.hpp"

#include <string>
#include <vector>

namespace ecsr::local::wire {

// Everything that create_service() asks for. What is wrong is noted in `input`.
Service read_new_service(Input& input, const std::string& cluster);

// task_definition holds the text of the request, still to be resolved. What is wrong is noted in `input`.
ServiceUpdate read_service_update(Input& input, const Service& service);

// The service's document after an update: members that the request has replace what was there.
std::string updated_document(Input& input, const Service& service);

// "EC2", "FARGATE", ...: what launchType says, else what is behind the first provider of capacityProviderStrategy.
std::string read_launch_type(Input& input);

// Target groups, network mode and platform version against the task definition, as far as create_service() and
// update_service() do not look themselves.
ApiResult<void> check_task_definition(Call& call, const std::vector<ServiceLoadBalancer>& load_balancers,
                                      const json::object& document, const TaskDefinition& definition,
                                      const std::string& launch_type);

// Availability Zone rebalancing asks for room above 100 % and for REPLICA (ECS behaviour A3).
std::optional<ApiError> refuse_rebalancing(const std::string& rebalancing, const std::string& scheduling_strategy,
                                           int maximum_percent);

} // namespace ecsr::local::wire
