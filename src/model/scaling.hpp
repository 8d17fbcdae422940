// What Application Auto Scaling and CloudWatch say about a service, and scale-in protection of its tasks.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>

namespace ecsr {

struct SuspendedState {
    bool dynamic_scaling_in = false;
    bool dynamic_scaling_out = false;
    bool scheduled_scaling = false;
    bool operator==(const SuspendedState&) const = default;
};

// ECS behaviour E1.
struct ScalableTarget {
    std::string resource_id; // "service/CLUSTER/SERVICE"
    int min_capacity = 0;
    int max_capacity = 0;
    SuspendedState suspended;
    bool operator==(const ScalableTarget&) const = default;
};

struct AlarmState {
    std::string name;
    std::string state; // OK | ALARM | INSUFFICIENT_DATA
};

// ECS behaviour B13.
struct TaskProtection {
    bool enabled = false;
    std::optional<Instant> expires_at;
};

} // namespace ecsr
