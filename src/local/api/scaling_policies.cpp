// Application Auto Scaling: policies (ECS behaviour E1, E3).
#include "local/api/scaling_policy_input.hpp"
#include "local/api/scaling_resource.hpp"
#include "local/scaling/policies.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_policies = 50; // E1
constexpr int largest_page = 10;

json::array alarm_list(const State& state, const ScalingPolicy& policy) {
    json::array list;
    for (const Alarm* alarm : alarms_of(state, policy)) {
        json::object object;
        object["AlarmName"] = alarm->name;
        object["AlarmARN"] = alarm->arn;
        list.emplace_back(std::move(object));
    }
    return list;
}

json::object step_view(const StepScaling& step) {
    json::array steps;
    for (const auto& each : step.steps) {
        json::object object;
        put(object, "MetricIntervalLowerBound", each.lower);
        put(object, "MetricIntervalUpperBound", each.upper);
        object["ScalingAdjustment"] = each.adjustment;
        steps.emplace_back(std::move(object));
    }
    json::object object;
    object["AdjustmentType"] = step.adjustment_type;
    object["StepAdjustments"] = std::move(steps);
    put(object, "MinAdjustmentMagnitude", step.minimum_magnitude);
    if (step.cooldown) { object["Cooldown"] = step.cooldown->count(); }
    put(object, "MetricAggregationType", step.aggregation);
    return object;
}

json::object metric_view(const AlarmMetric& metric) {
    json::object object;
    object["MetricName"] = metric.name;
    object["Namespace"] = metric.name_space;
    if (!metric.dimensions.empty()) { object["Dimensions"] = tags_array(metric.dimensions, "Name", "Value"); }
    return object;
}

json::object query_view(const AlarmQuery& query) {
    json::object object;
    object["Id"] = query.id;
    put(object, "Expression", query.expression);
    put(object, "Label", query.label);
    put(object, "ReturnData", query.returns_data);
    if (query.metric) {
        json::object stat;
        stat["Metric"] = metric_view(*query.metric);
        stat["Stat"] = query.metric->statistic;
        put(stat, "Unit", query.metric->unit);
        object["MetricStat"] = std::move(stat);
    }
    return object;
}

json::object customized_view(const TargetTracking& tracking) {
    json::object object;
    if (tracking.metric) {
        object = metric_view(*tracking.metric);
        object["Statistic"] = tracking.metric->statistic;
        put(object, "Unit", tracking.metric->unit);
        return object;
    }
    json::array queries;
    for (const auto& query : tracking.queries) { queries.emplace_back(query_view(query)); }
    object["Metrics"] = std::move(queries);
    return object;
}

json::object tracking_view(const TargetTracking& tracking) {
    json::object object;
    object["TargetValue"] = tracking.target;
    if (tracking.predefined.empty()) {
        object["CustomizedMetricSpecification"] = customized_view(tracking);
    } else {
        json::object metric;
        metric["PredefinedMetricType"] = tracking.predefined;
        put(metric, "ResourceLabel", tracking.resource_label);
        object["PredefinedMetricSpecification"] = std::move(metric);
    }
    if (tracking.out_cooldown) { object["ScaleOutCooldown"] = tracking.out_cooldown->count(); }
    if (tracking.in_cooldown) { object["ScaleInCooldown"] = tracking.in_cooldown->count(); }
    object["DisableScaleIn"] = tracking.disable_scale_in;
    return object;
}

json::object view(const Call& call, const std::string& resource, const ScalingPolicy& policy) {
    json::object object;
    object["PolicyARN"] = policy.arn;
    object["PolicyName"] = policy.name;
    put_scalable_resource(object, resource);
    object["PolicyType"] = policy.step ? "StepScaling" : "TargetTrackingScaling";
    if (policy.step) {
        object["StepScalingPolicyConfiguration"] = step_view(*policy.step);
    } else {
        object["TargetTrackingScalingPolicyConfiguration"] = tracking_view(*policy.tracking);
    }
    object["Alarms"] = alarm_list(call.state, policy);
    object["CreationTime"] = call.time(policy.created_at);
    return object;
}

ApiResult<void> check_beside_others(const ScalableTarget& target, const ScalingPolicy& policy) {
    const bool is_new = !target.policies.contains(policy.name);
    if (is_new && target.policies.size() >= most_policies) {
        return api_fail("LimitExceededException",
                        fmt::format("The maximum number of scaling policies for {} has been reached: {}",
                                    target.resource_id, most_policies));
    }
    const bool tracked_already =
        policy.tracking && std::ranges::any_of(target.policies, [&](const auto& entry) {
            const ScalingPolicy& other = entry.second;
            return other.name != policy.name && other.tracking && tracks_the_same(*other.tracking, *policy.tracking);
        });
    if (tracked_already) {
        return api_fail(scaling_invalid,
                        "Only one TargetTrackingScaling policy for a given metric specification is allowed.");
    }
    return {};
}

ApiResult<json::object> put_scaling_policy(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    const std::string name = read_scaling_name(input, "PolicyName");
    ScalingPolicy policy = read_scaling_policy(input);
    policy.name = name;
    if (!input.good()) { return input.problem(); }
    const auto target = require_scalable_target(call, resource);
    if (!target) { return std::unexpected(target.error()); }
    if (auto fine = check_beside_others(**target, policy); !fine) { return std::unexpected(fine.error()); }
    const ScalingPolicy& kept = put_policy(call.state, **target, std::move(policy), call.now);
    json::object object;
    object["PolicyARN"] = kept.arn;
    object["Alarms"] = kept.tracking ? alarm_list(call.state, kept) : json::array();
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    return describe_held(call, input, "PolicyNames", largest_page, &ScalableTarget::policies, "ScalingPolicies", view);
}

ApiResult<json::object> delete_scaling_policy(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    const std::string name = read_scaling_name(input, "PolicyName");
    if (!input.good()) { return input.problem(); }
    const auto target = call.state.scalable_targets.find(resource);
    if (target == call.state.scalable_targets.end() || !target->second.policies.contains(name)) {
        return std::unexpected(not_found_in_scaling("scaling policy", resource));
    }
    delete_policy(call.state, target->second, name, call.now);
    return json::object();
}

constexpr Operation operations[] = {
    {"PutScalingPolicy", put_scaling_policy, Change::State},
    {"DescribeScalingPolicies", describe},
    {"DeleteScalingPolicy", delete_scaling_policy, Change::State},
};

} // namespace

std::span<const Operation> scaling_policy_operations() {
    return operations;
}

} // namespace ecsr::local::wire
