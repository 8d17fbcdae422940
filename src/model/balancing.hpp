// Target groups and the health of their targets (ECS behaviour D2).
#pragma once

#include "base/time.hpp"

#include <string>

namespace ecsr {

struct TargetGroup {
    std::string arn;
    std::string name;
    std::string target_type; // ip | instance | lambda | alb
    Seconds deregistration_delay{300};
    Seconds health_check_interval{30};
    int healthy_threshold = 5;
};

struct TargetHealth {
    std::string target_group_arn;
    std::string target_id; // IP address or instance id
    int port = 0;
    std::string state; // initial | healthy | unhealthy | draining | unused | unavailable | unhealthy.draining
    std::string reason;
    std::string description;
};

} // namespace ecsr
