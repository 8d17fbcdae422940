#include "local/state/state.hpp"

namespace ecsr::local {

const char* to_string(TaskStatus status) {
    switch (status) {
    case TaskStatus::Provisioning: return "PROVISIONING";
    case TaskStatus::Pending: return "PENDING";
    case TaskStatus::Activating: return "ACTIVATING";
    case TaskStatus::Running: return "RUNNING";
    case TaskStatus::Deactivating: return "DEACTIVATING";
    case TaskStatus::Stopping: return "STOPPING";
    case TaskStatus::Deprovisioning: return "DEPROVISIONING";
    case TaskStatus::Stopped: return "STOPPED";
    }
    return "STOPPED";
}

const char* to_string(Health health) {
    switch (health) {
    case Health::Unknown: return "UNKNOWN";
    case Health::Healthy: return "HEALTHY";
    case Health::Unhealthy: return "UNHEALTHY";
    }
    return "UNKNOWN";
}

const char* to_string(TargetState state) {
    switch (state) {
    case TargetState::Initial: return "initial";
    case TargetState::Healthy: return "healthy";
    case TargetState::Unhealthy: return "unhealthy";
    case TargetState::Draining: return "draining";
    case TargetState::Unused: return "unused";
    }
    return "unused";
}

const char* to_string(RolloutState state) {
    switch (state) {
    case RolloutState::InProgress: return "IN_PROGRESS";
    case RolloutState::Completed: return "COMPLETED";
    case RolloutState::Failed: return "FAILED";
    }
    return "IN_PROGRESS";
}

const char* to_string(DeploymentStatus status) {
    switch (status) {
    case DeploymentStatus::Primary: return "PRIMARY";
    case DeploymentStatus::Active: return "ACTIVE";
    case DeploymentStatus::Inactive: return "INACTIVE";
    }
    return "INACTIVE";
}

const char* to_string(ServiceStatus status) {
    switch (status) {
    case ServiceStatus::Active: return "ACTIVE";
    case ServiceStatus::Draining: return "DRAINING";
    case ServiceStatus::Inactive: return "INACTIVE";
    }
    return "INACTIVE";
}

} // namespace ecsr::local
