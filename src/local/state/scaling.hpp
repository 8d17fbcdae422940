// Application Auto Scaling: targets, policies, scheduled actions, and what became of them (ECS behaviour E).
#pragma once

#include "base/time.hpp"
#include "local/state/alarms.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

struct SuspendedState {
    bool dynamic_scaling_in = false;
    bool dynamic_scaling_out = false;
    bool scheduled_scaling = false;
};

// Of a step policy; counted from the alarm's threshold. Nothing: without end.
struct StepAdjustment {
    std::optional<double> lower, upper;
    int adjustment = 0;
};

struct StepScaling {
    std::string adjustment_type; // ChangeInCapacity | PercentChangeInCapacity | ExactCapacity
    std::vector<StepAdjustment> steps;
    std::optional<int> minimum_magnitude; // MinAdjustmentMagnitude
    std::optional<Seconds> cooldown;
    std::string aggregation; // MetricAggregationType; empty: not told
};

struct TargetTracking {
    double target = 0;
    std::string predefined; // ECSServiceAverageCPUUtilization, ...; empty: customized
    std::string resource_label;
    std::optional<AlarmMetric> metric; // customized: this, or `queries`
    std::vector<AlarmQuery> queries;
    std::optional<Seconds> out_cooldown, in_cooldown;
    bool disable_scale_in = false;
};

// Exactly one of `step` and `tracking` is set.
struct ScalingPolicy {
    std::string name;
    std::string arn;
    Instant created_at{};
    std::optional<StepScaling> step;
    std::optional<TargetTracking> tracking;
    std::string high_alarm, low_alarm; // names of those that target tracking owns (ECS behaviour E3)

    // Its memory: the last time it scaled, and what from and to (E2).
    std::optional<Instant> out_at, in_at;
    int out_from = 0, out_to = 0;
};

struct ScheduledAction {
    std::string name;
    std::string arn;
    std::string schedule; // "cron(0 3 * * ? *)"
    std::string timezone; // empty: UTC
    std::optional<Instant> start, end;
    std::optional<int> min_capacity, max_capacity;
    Instant created_at{};
    Instant next_at = Instant::max(); // when it is due; max(): never again
};

// Key: ResourceId "service/CLUSTER/SERVICE".
struct ScalableTarget {
    std::string resource_id;
    int min_capacity = 0;
    int max_capacity = 0;
    std::string role_arn;
    SuspendedState suspended;
    Instant created_at{};
    std::string arn;
    std::map<std::string, std::string> tags;
    std::map<std::string, ScalingPolicy> policies;    // by name; gone with the target
    std::map<std::string, ScheduledAction> scheduled; // by name; gone with the target
    // The newest action of each alarm that was not carried out because scaling is suspended; resuming looks at them
    // (E2). Not saved: the next minute brings them again.
    std::map<std::string, ScalingAction> held;
};

enum class ActivityStatus { Pending, InProgress, Successful, Overridden, Unfulfilled, Failed };

// Why nothing was scaled; the capacities are those that the reason is about.
struct NotScaledReason {
    std::string code; // "AlreadyAtMaxCapacity"
    std::optional<int> maximum, minimum, current;
};

// ECS behaviour E4.
struct ScalingActivity {
    std::string id; // UUID
    std::string resource_id;
    std::string description, cause;
    Instant started_at{};
    std::optional<Instant> ended_at;
    ActivityStatus status = ActivityStatus::Pending;
    std::string status_message;
    std::optional<NotScaledReason> not_scaled;
    std::optional<int> desired; // what InProgress waits for
};

constexpr Millis activity_retention = std::chrono::hours(6 * 7 * 24);
constexpr std::size_t activities_kept = 2'000; // of all targets together

// "Pending", "InProgress", ...
const char* to_string(ActivityStatus status);

} // namespace ecsr::local
