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

const char* to_string(NetworkMode mode) {
    switch (mode) {
    case NetworkMode::Awsvpc: return "awsvpc";
    case NetworkMode::Bridge: return "bridge";
    case NetworkMode::Host: return "host";
    case NetworkMode::None: return "none";
    }
    return "none";
}

const char* to_string(Health health) {
    switch (health) {
    case Health::Unknown: return "UNKNOWN";
    case Health::Healthy: return "HEALTHY";
    case Health::Unhealthy: return "UNHEALTHY";
    }
    return "UNKNOWN";
}

const char* to_string(DeliveryStatus status) {
    switch (status) {
    case DeliveryStatus::Waiting: return "waiting";
    case DeliveryStatus::Delivered: return "delivered";
    case DeliveryStatus::GaveUp: return "gave up";
    case DeliveryStatus::NotDelivered: return "not delivered";
    }
    return "not delivered";
}

const char* to_string(AlarmState state) {
    switch (state) {
    case AlarmState::Ok: return "OK";
    case AlarmState::Alarm: return "ALARM";
    case AlarmState::InsufficientData: return "INSUFFICIENT_DATA";
    }
    return "INSUFFICIENT_DATA";
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

const char* to_string(ServiceDeploymentStatus status) {
    switch (status) {
    case ServiceDeploymentStatus::Pending: return "PENDING";
    case ServiceDeploymentStatus::InProgress: return "IN_PROGRESS";
    case ServiceDeploymentStatus::Successful: return "SUCCESSFUL";
    case ServiceDeploymentStatus::StopRequested: return "STOP_REQUESTED";
    case ServiceDeploymentStatus::Stopped: return "STOPPED";
    case ServiceDeploymentStatus::RollbackRequested: return "ROLLBACK_REQUESTED";
    case ServiceDeploymentStatus::RollbackInProgress: return "ROLLBACK_IN_PROGRESS";
    case ServiceDeploymentStatus::RollbackSuccessful: return "ROLLBACK_SUCCESSFUL";
    case ServiceDeploymentStatus::RollbackFailed: return "ROLLBACK_FAILED";
    }
    return "PENDING";
}

const char* to_string(ActivityStatus status) {
    switch (status) {
    case ActivityStatus::Pending: return "Pending";
    case ActivityStatus::InProgress: return "InProgress";
    case ActivityStatus::Successful: return "Successful";
    case ActivityStatus::Overridden: return "Overridden";
    case ActivityStatus::Unfulfilled: return "Unfulfilled";
    case ActivityStatus::Failed: return "Failed";
    }
    return "Failed";
}

const char* to_string(MonitorStatus status) {
    switch (status) {
    case MonitorStatus::Disabled: return "DISABLED";
    case MonitorStatus::Monitoring: return "MONITORING";
    case MonitorStatus::Triggered: return "TRIGGERED";
    case MonitorStatus::MonitoringComplete: return "MONITORING_COMPLETE";
    }
    return "DISABLED";
}

} // namespace ecsr::local
