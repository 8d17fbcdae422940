// Names and ARNs of the local ECS (ECS behaviour A9).
#pragma once

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

} // namespace ecsr::local
