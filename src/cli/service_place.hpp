// Which service the user means, by --cluster and --service.
#pragma once

#include "cli/command_line.hpp"

#include <string>

namespace ecsr::cli {

struct ServiceArn {
    std::string partition;
    std::string region;
    std::string account;
    std::string cluster; // empty in the old form, which does not tell it
    std::string service;
};

// "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE". Error: Usage.
Result<ServiceArn> parse_service_arn(const std::string& text);

struct ServicePlace {
    std::string cluster; // name or ARN
    std::string service; // name
};

// A service given as ARN names its cluster too, by ARN, so that AWS refuses one of another Region or account. Requires:
// an invocation of a command with --cluster and --service. Error: Usage, also when --cluster says something else.
Result<ServicePlace> service_place(const Invocation& invocation);

} // namespace ecsr::cli
