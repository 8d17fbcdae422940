// Names and ARNs of the local ECS (ECS behaviour A9).
#pragma once

#include "base/random.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ecsr::local {

struct Identity {
    std::string region = "us-east-1";
    std::string account_id = "000000000000";
};

std::string cluster_arn(const Identity& identity, std::string_view cluster);
std::string service_arn(const Identity& identity, std::string_view cluster, std::string_view service);
std::string task_arn(const Identity& identity, std::string_view cluster, std::string_view task_id);
std::string container_arn(const Identity& identity, std::string_view cluster, std::string_view task_id,
                          std::string_view uuid);
std::string task_definition_arn(const Identity& identity, std::string_view family, int revision);
std::string container_instance_arn(const Identity& identity, std::string_view cluster, std::string_view id);
std::string service_deployment_arn(const Identity& identity, std::string_view cluster, std::string_view service,
                                   std::string_view id);
// Of the revision that the deployment "ecs-svc/<digits>" brings into service.
std::string service_revision_arn(const Identity& identity, std::string_view cluster, std::string_view service,
                                 std::string_view deployment_id);

// "i-" and 17 hex digits: how target groups of type `instance` name the one instance of a cluster. Its address is
// 127.0.0.1.
std::string instance_id(std::string_view container_instance_id);

std::string new_uuid(Random& random);                  // version 4, lower case
std::string new_deployment_id(Random& random);         // "ecs-svc/<19 digits>"
std::string new_service_deployment_id(Random& random); // 21 characters that are safe in URLs

// The number'th loopback address for a task: 127.x.y.z, never 127.0.0.*, never ending in 0 or 255. Wraps after
// 16,645,890.
std::string loopback_address(std::uint64_t number);
// The same for tasks with networks of their own: 198.18.x.y and 198.19.x.y, never 198.18.0.*.
std::string network_address(std::uint64_t number);

} // namespace ecsr::local
