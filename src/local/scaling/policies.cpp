#include "local/scaling/policies.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

namespace ecsr::local {

namespace {

// ECS behaviour E3.
constexpr double low_share = 0.9; // of the target
constexpr int high_periods = 3;
constexpr int low_periods = 15;

AlarmMetric service_metric(const std::string& resource_id, const char* name) {
    const auto parts = split(resource_id, '/');
    return {.name_space = "AWS/ECS",
            .name = name,
            .dimensions = {{"ClusterName", parts[1]}, {"ServiceName", parts[2]}},
            .period = Seconds(60),
            .statistic = "Average",
            .unit = "Percent"};
}

// "app/NAME/ID/targetgroup/NAME/ID".
AlarmMetric request_metric(const std::string& label) {
    const auto group = label.find("/targetgroup/");
    return {.name_space = "AWS/ApplicationELB",
            .name = "RequestCountPerTarget",
            .dimensions = {{"LoadBalancer", label.substr(0, group)}, {"TargetGroup", label.substr(group + 1)}},
            .period = Seconds(60),
            .statistic = "Sum",
            .unit = ""};
}

AlarmMetric metric_of(const TargetTracking& tracking, const std::string& resource_id) {
    if (tracking.metric) { return *tracking.metric; }
    if (tracking.predefined == "ALBRequestCountPerTarget") { return request_metric(tracking.resource_label); }
    return service_metric(resource_id, tracking.predefined == "ECSServiceAverageCPUUtilization" ? "CPUUtilization"
                                                                                                : "MemoryUtilization");
}

Alarm alarm_for(const ScalingPolicy& policy, const std::string& resource_id, bool high) {
    const TargetTracking& tracking = *policy.tracking;
    Alarm alarm;
    alarm.name = high ? policy.high_alarm : policy.low_alarm;
    alarm.description = fmt::format("DO NOT EDIT OR DELETE. For TargetTrackingScalingPolicy {}.", policy.arn);
    alarm.queries = tracking.queries;
    if (tracking.queries.empty()) { alarm.metric = metric_of(tracking, resource_id); }
    alarm.comparison = high ? "GreaterThanThreshold" : "LessThanThreshold";
    alarm.threshold = high ? tracking.target : tracking.target * low_share;
    alarm.evaluation_periods = high ? high_periods : low_periods;
    alarm.treat_missing_data = "missing";
    alarm.alarm_actions = {policy.arn};
    return alarm;
}

auto key(const AlarmMetric& metric) {
    return std::tie(metric.name_space, metric.name, metric.dimensions, metric.statistic, metric.unit);
}

bool is_same(const std::optional<AlarmMetric>& a, const std::optional<AlarmMetric>& b) {
    return a.has_value() == b.has_value() && (!a || key(*a) == key(*b));
}

bool is_same_query(const AlarmQuery& a, const AlarmQuery& b) {
    return a.id == b.id && a.expression == b.expression && a.returns_data == b.returns_data &&
           is_same(a.metric, b.metric);
}

void name_alarms(State& state, ScalingPolicy& policy, const std::string& resource_id) {
    policy.high_alarm = fmt::format("TargetTracking-{}-AlarmHigh-{}", resource_id, new_uuid(state.random));
    policy.low_alarm = fmt::format("TargetTracking-{}-AlarmLow-{}", resource_id, new_uuid(state.random));
}

void delete_own_alarms(State& state, const ScalingPolicy& policy, Instant now) {
    for (const auto& name : {policy.high_alarm, policy.low_alarm}) {
        if (!name.empty()) { delete_alarm(state, name, now); }
    }
}

std::string new_arn(State& state, const std::string& resource_id, const std::string& name) {
    return fmt::format("arn:aws:autoscaling:{}:{}:scalingPolicy:{}:resource/ecs/{}:policyName/{}",
                       state.identity.region, state.identity.account_id, new_uuid(state.random), resource_id, name);
}

} // namespace

bool tracks_the_same(const TargetTracking& a, const TargetTracking& b) {
    return a.predefined == b.predefined && a.resource_label == b.resource_label && is_same(a.metric, b.metric) &&
           std::ranges::equal(a.queries, b.queries, is_same_query);
}

ScalingPolicy& put_policy(State& state, ScalableTarget& target, ScalingPolicy policy, Instant now) {
    auto [entry, is_new] = target.policies.try_emplace(policy.name);
    ScalingPolicy& kept = entry->second;
    policy.arn = is_new ? new_arn(state, target.resource_id, policy.name) : kept.arn;
    policy.created_at = is_new ? now : kept.created_at;
    const bool same_metric = policy.tracking && kept.tracking && tracks_the_same(*policy.tracking, *kept.tracking);
    if (same_metric) {
        policy.high_alarm = kept.high_alarm;
        policy.low_alarm = kept.low_alarm;
    } else {
        delete_own_alarms(state, kept, now);
        if (policy.tracking) { name_alarms(state, policy, target.resource_id); }
    }
    kept = std::move(policy);
    if (kept.tracking) {
        for (const bool high : {true, false}) { put_alarm(state, alarm_for(kept, target.resource_id, high), now); }
    }
    return kept;
}

void delete_policy(State& state, ScalableTarget& target, const std::string& name, Instant now) {
    const auto found = target.policies.find(name);
    if (found == target.policies.end()) { return; }
    delete_own_alarms(state, found->second, now);
    target.policies.erase(found);
}

std::vector<const Alarm*> alarms_of(const State& state, const ScalingPolicy& policy) {
    std::vector<const Alarm*> alarms;
    for (const auto& [name, alarm] : state.alarms.by_name) {
        for (const auto* actions : {&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions}) {
            if (std::ranges::find(*actions, policy.arn) == actions->end()) { continue; }
            alarms.push_back(&alarm);
            break;
        }
    }
    return alarms;
}

} // namespace ecsr::local
