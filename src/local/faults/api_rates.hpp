// The rates at which ECS takes calls: token buckets for groups of operations, per account and Region (ECS behaviour
// G1). Pure: time is handed in.
#pragma once

#include "base/time.hpp"

#include <map>
#include <string_view>

namespace ecsr::local {

class ApiRates {
public:
    // Takes a token of the operation's bucket; false when there is none. Operations that the table does not name are
    // never refused.
    bool take(std::string_view ecs_operation, Instant now);

private:
    struct Level {
        double tokens = 0;
        Instant at{};
    };
    std::map<std::string_view, Level> levels_; // by bucket; one that nobody has used is full
};

} // namespace ecsr::local
