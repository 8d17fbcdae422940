// How to reach a local ECS, for people and for machines.
#pragma once

#include <string>

namespace ecsr::tell {

struct LocalEcsFacts {
    std::string endpoint_url;
    int port = 0;
    std::string memory_guard; // what limits the memory of containers
    std::string state_folder; // empty: in memory alone
};

// Lines that a shell can evaluate, under a heading.
std::string local_ecs_text(const LocalEcsFacts& facts);
std::string local_ecs_json(const LocalEcsFacts& facts);

} // namespace ecsr::tell
