#include "local/api/scaling_policy_input.hpp"

#include "base/text.hpp"
#include "local/api/scaling_resource.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_steps = 20; // E1
constexpr double infinite = std::numeric_limits<double>::infinity();

double lower_of(const StepAdjustment& step) {
    return step.lower.value_or(-infinite);
}

double upper_of(const StepAdjustment& step) {
    return step.upper.value_or(infinite);
}

void refuse(Input& input, std::string message) {
    input.note({scaling_invalid, std::move(message)});
}

// The intervals lie side by side, without a gap and without an overlap.
void check_intervals(Input& input, std::vector<StepAdjustment> steps) {
    std::ranges::sort(steps, {}, lower_of);
    for (const auto& step : steps) {
        if (!step.lower && !step.upper) {
            return refuse(input, "At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be "
                                 "specified for every StepAdjustment");
        }
        if (lower_of(step) >= upper_of(step)) {
            return refuse(input, "MetricIntervalLowerBound must be less than MetricIntervalUpperBound");
        }
    }
    for (std::size_t i = 1; i < steps.size(); ++i) {
        const double before = upper_of(steps[i - 1]);
        const double after = lower_of(steps[i]);
        if (before != after) {
            return refuse(input, fmt::format("StepAdjustment intervals can't {}",
                                             before > after ? "overlap" : "have a gap between them"));
        }
    }
}

std::optional<Seconds> read_cooldown(Input& input, std::string_view member) {
    const auto seconds = input.integer_between(member, 0, std::numeric_limits<int>::max());
    return seconds ? std::optional(Seconds(*seconds)) : std::nullopt;
}

StepScaling read_steps(Input& input) {
    StepScaling step;
    step.adjustment_type =
        input.text_among("AdjustmentType", {"ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"})
            .value_or("");
    if (!input.has("AdjustmentType")) { refuse(input, "AdjustmentType must be specified"); }
    for (auto& each : input.objects("StepAdjustments")) {
        step.steps.push_back({each.number("MetricIntervalLowerBound"), each.number("MetricIntervalUpperBound"),
                              each.required_integer("ScalingAdjustment")});
    }
    if (step.steps.empty()) { refuse(input, "At least one StepAdjustment must be specified"); }
    if (step.steps.size() > most_steps) {
        refuse(input, fmt::format("There can be at most {} StepAdjustments", most_steps));
    }
    check_intervals(input, step.steps);
    step.minimum_magnitude = input.integer_between("MinAdjustmentMagnitude", 1, std::numeric_limits<int>::max());
    if (step.minimum_magnitude && step.adjustment_type != "PercentChangeInCapacity") {
        refuse(input, "MinAdjustmentMagnitude is only supported with AdjustmentType PercentChangeInCapacity");
    }
    step.cooldown = read_cooldown(input, "Cooldown");
    step.aggregation = input.text_among("MetricAggregationType", {"Average", "Minimum", "Maximum"}).value_or("");
    return step;
}

AlarmMetric read_metric(Input& input) {
    AlarmMetric metric;
    metric.name_space = input.required_text("Namespace");
    metric.name = input.required_text("MetricName");
    metric.dimensions = input.pairs("Dimensions", "Name", "Value");
    return metric;
}

AlarmQuery read_query(Input& input) {
    AlarmQuery query;
    query.id = input.required_text("Id");
    query.expression = input.text_or("Expression", "");
    query.label = input.text_or("Label", "");
    query.returns_data = input.boolean("ReturnData");
    if (auto stat = input.object("MetricStat")) {
        if (auto metric = stat->object("Metric")) { query.metric = read_metric(*metric); }
        if (!query.metric) { refuse(*stat, "MetricStat must name a Metric"); }
        if (query.metric) {
            query.metric->statistic = stat->required_text("Stat");
            query.metric->unit = stat->text_or("Unit", "");
        }
    }
    if (input.good() && query.metric.has_value() == !query.expression.empty()) {
        refuse(input, "Exactly one of Expression and MetricStat must be specified for every metric");
    }
    return query;
}

void read_customized(Input& input, TargetTracking& tracking) {
    for (auto& query : input.objects("Metrics")) { tracking.queries.push_back(read_query(query)); }
    if (!tracking.queries.empty()) { return; }
    tracking.metric = read_metric(input);
    tracking.metric->statistic =
        input.text_among("Statistic", {"Average", "Minimum", "Maximum", "SampleCount", "Sum"}).value_or("");
    if (!input.has("Statistic")) { refuse(input, "Statistic must be specified for a customized metric"); }
    tracking.metric->unit = input.text_or("Unit", "");
}

void read_predefined(Input& input, TargetTracking& tracking) {
    tracking.predefined = input.required_text("PredefinedMetricType");
    tracking.resource_label = input.text_or("ResourceLabel", "");
    constexpr std::string_view of_ecs[] = {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization",
                                           "ALBRequestCountPerTarget"};
    if (input.good() && std::ranges::find(of_ecs, tracking.predefined) == std::end(of_ecs)) {
        refuse(input, fmt::format("Invalid predefined metric type for service namespace ecs: {}; allowed are {}",
                                  tracking.predefined, fmt::join(of_ecs, ", ")));
    }
    const bool needs_label = tracking.predefined == "ALBRequestCountPerTarget";
    const auto parts = split(tracking.resource_label, '/');
    const bool names_group = parts.size() == 6 && parts[0] == "app" && parts[3] == "targetgroup";
    if (needs_label && !names_group) {
        refuse(input, "ResourceLabel must have the form "
                      "app/load-balancer-name/load-balancer-id/targetgroup/target-group-name/target-group-id");
    }
    if (!needs_label && !tracking.resource_label.empty()) {
        refuse(input, "ResourceLabel is only supported with ALBRequestCountPerTarget");
    }
}

TargetTracking read_tracking(Input& input) {
    TargetTracking tracking;
    if (!input.has("TargetValue")) { input.note_constraint("TargetValue", std::nullopt, "Member must not be null"); }
    tracking.target = input.number("TargetValue").value_or(0);
    if (input.good() && tracking.target <= 0) { refuse(input, "TargetValue must be greater than 0"); }
    auto predefined = input.object("PredefinedMetricSpecification");
    auto customized = input.object("CustomizedMetricSpecification");
    if (predefined.has_value() == customized.has_value()) {
        refuse(input, "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be "
                      "specified");
    } else if (predefined) {
        read_predefined(*predefined, tracking);
    } else {
        read_customized(*customized, tracking);
    }
    tracking.out_cooldown = read_cooldown(input, "ScaleOutCooldown");
    tracking.in_cooldown = read_cooldown(input, "ScaleInCooldown");
    tracking.disable_scale_in = input.boolean_or("DisableScaleIn", false);
    return tracking;
}

} // namespace

ScalingPolicy read_scaling_policy(Input& input) {
    ScalingPolicy policy;
    const std::string type =
        input.text_among("PolicyType", {"StepScaling", "TargetTrackingScaling", "PredictiveScaling"})
            .value_or("StepScaling");
    if (type == "PredictiveScaling") {
        refuse(input, "Unsupported policy type: PredictiveScaling: the local ECS has StepScaling and "
                      "TargetTrackingScaling.");
        return policy;
    }
    const bool is_step = type == "StepScaling";
    auto step = input.object("StepScalingPolicyConfiguration");
    auto tracking = input.object("TargetTrackingScalingPolicyConfiguration");
    if (step.has_value() != is_step || tracking.has_value() == is_step) {
        refuse(input,
               fmt::format("{} must be specified for PolicyType {}, and no other configuration",
                           is_step ? "StepScalingPolicyConfiguration" : "TargetTrackingScalingPolicyConfiguration",
                           type));
        return policy;
    }
    if (is_step) {
        policy.step = read_steps(*step);
    } else {
        policy.tracking = read_tracking(*tracking);
    }
    return policy;
}

} // namespace ecsr::local::wire
