// Policies, scheduled actions and activities of Application Auto Scaling (ECS behaviour E1, E3, E4).
#include "tests/local/api/aws_client.hpp"

#include <fmt/format.h>

namespace ecsr::local {
namespace {

using namespace testing;

std::string of_service(const std::string& members) {
    return R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","ResourceId":"service/c/s")" +
           (members.empty() ? "" : "," + members) + "}";
}

std::string tracking(const std::string& name, const std::string& configuration) {
    return of_service(fmt::format(R"("PolicyName":"{}","PolicyType":"TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration":{})",
                                  name, configuration));
}

std::string steps(const std::string& configuration) {
    return of_service(R"("PolicyName":"p","PolicyType":"StepScaling","StepScalingPolicyConfiguration":)" +
                      configuration);
}

std::string scheduled(const std::string& members) {
    return of_service(R"("ScheduledActionName":"a",)" + members);
}

constexpr const char* cpu = R"("PredefinedMetricSpecification":{"PredefinedMetricType":
    "ECSServiceAverageCPUUtilization"})";

class Policies : public ::testing::Test {
protected:
    void SetUp() override {
        aws.make_service(5);
        aws.scaling("RegisterScalableTarget", of_service(R"("MinCapacity":1,"MaxCapacity":9)"));
    }
    json::value only(const char* operation, const char* member) {
        const auto told = aws.scaling(operation, R"({"ServiceNamespace":"ecs"})").at(member).as_array();
        EXPECT_EQ(told.size(), 1U);
        return told.at(0);
    }
    AwsClient aws;
};

TEST_F(Policies, AreToldAsTheyWerePut) {
    const std::string configurations[] = {
        R"({"TargetValue":50.5,"PredefinedMetricSpecification":{"PredefinedMetricType":
            "ECSServiceAverageMemoryUtilization"},"ScaleOutCooldown":60,"ScaleInCooldown":0,"DisableScaleIn":true})",
        R"({"TargetValue":100,"PredefinedMetricSpecification":{"PredefinedMetricType":"ALBRequestCountPerTarget",
            "ResourceLabel":"app/l/1/targetgroup/t/2"},"DisableScaleIn":false})",
        R"({"TargetValue":1,"CustomizedMetricSpecification":{"MetricName":"m","Namespace":"n","Statistic":"Sum",
            "Unit":"Count","Dimensions":[{"Name":"d","Value":"v"}]},"DisableScaleIn":false})",
        R"({"TargetValue":1,"CustomizedMetricSpecification":{"Metrics":[{"Id":"a","MetricStat":{"Metric":
            {"MetricName":"m","Namespace":"n"},"Stat":"Sum"},"ReturnData":false},{"Id":"b","Expression":"a / 2",
            "Label":"half","ReturnData":true}]},"DisableScaleIn":false})"};
    for (const auto& configuration : configurations) {
        aws.scaling("PutScalingPolicy", tracking("p", configuration));
        const auto told = only("DescribeScalingPolicies", "ScalingPolicies");
        EXPECT_EQ(told.at("TargetTrackingScalingPolicyConfiguration"), json::parse(configuration));
        EXPECT_EQ(told.at("PolicyType"), "TargetTrackingScaling");
        EXPECT_EQ(told.at("Alarms").as_array().size(), 2U);
        EXPECT_EQ(aws.state.alarms.by_name.size(), 2U) << "those of the metric before are gone";
    }
    const std::string step = R"({"AdjustmentType":"PercentChangeInCapacity","StepAdjustments":[
        {"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10,"ScalingAdjustment":10},
        {"MetricIntervalLowerBound":10,"ScalingAdjustment":30}],"MinAdjustmentMagnitude":2,"Cooldown":60,
        "MetricAggregationType":"Maximum"})";
    aws.scaling("PutScalingPolicy", steps(step));
    const auto told = only("DescribeScalingPolicies", "ScalingPolicies");
    EXPECT_EQ(told.at("StepScalingPolicyConfiguration"), json::parse(step));
    EXPECT_TRUE(told.at("Alarms").as_array().empty());
    EXPECT_TRUE(aws.state.alarms.by_name.empty());
}

TEST_F(Policies, AreRefused) {
    const std::string value = R"({"TargetValue":50,)";
    const std::pair<std::string, std::string> cases[] = {
        {of_service(R"("PolicyName":"p","PolicyType":"PredictiveScaling")"), "Unsupported policy type"},
        {of_service(R"("PolicyName":"p","PolicyType":"StepScaling")"), "StepScalingPolicyConfiguration must be"},
        {tracking("p", "{" + std::string(cpu) + "}"), "1 validation error detected"},
        {tracking("p", R"({"TargetValue":0,)" + std::string(cpu) + "}"), "TargetValue must be greater than 0"},
        {tracking("p", R"({"TargetValue":50})"), "Exactly one of PredefinedMetricSpecification and Customized"},
        {tracking("p", value + R"("PredefinedMetricSpecification":{"PredefinedMetricType":"RDSReader"}})"),
         "Invalid predefined metric type for service namespace ecs: RDSReader"},
        {tracking("p",
                  value + R"("PredefinedMetricSpecification":{"PredefinedMetricType":"ALBRequestCountPerTarget"}})"),
         "ResourceLabel must have the form"},
        {tracking("p", value + R"("CustomizedMetricSpecification":{"MetricName":"m","Namespace":"n"}})"),
         "Statistic must be specified"},
        {steps(R"({"StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]})"), "AdjustmentType must"},
        {steps(R"({"AdjustmentType":"ExactCapacity","StepAdjustments":[]})"), "At least one StepAdjustment"},
        {steps(R"({"AdjustmentType":"ExactCapacity","StepAdjustments":[{"ScalingAdjustment":1}]})"),
         "At least one of MetricIntervalLowerBound and"},
        {steps(R"({"AdjustmentType":"ExactCapacity","StepAdjustments":[{"MetricIntervalLowerBound":0,
            "ScalingAdjustment":1},{"MetricIntervalLowerBound":5,"ScalingAdjustment":2}]})"),
         "StepAdjustment intervals can't overlap"},
        {steps(R"({"AdjustmentType":"ExactCapacity","StepAdjustments":[{"MetricIntervalUpperBound":0,
            "ScalingAdjustment":1},{"MetricIntervalLowerBound":5,"ScalingAdjustment":2}]})"),
         "StepAdjustment intervals can't have a gap"},
        {steps(R"({"AdjustmentType":"ExactCapacity","MinAdjustmentMagnitude":2,"StepAdjustments":[
            {"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]})"),
         "MinAdjustmentMagnitude is only supported with"},
    };
    for (const auto& [body, wanted] : cases) {
        const auto told = aws.scaling_refusal("PutScalingPolicy", body);
        EXPECT_TRUE(told.starts_with("ValidationException: " + wanted)) << told << "\n" << body;
    }
    EXPECT_TRUE(aws.state.scalable_targets.at("service/c/s").policies.empty());
    aws.scaling("PutScalingPolicy", tracking("p", value + cpu + "}"));
    EXPECT_EQ(aws.scaling_refusal("PutScalingPolicy", tracking("q", value + cpu + "}")),
              "ValidationException: Only one TargetTrackingScaling policy for a given metric specification is "
              "allowed.");
}

TEST_F(Policies, AreFiftyAtMostAndToldByTens) {
    for (int i = 0; i < 50; ++i) {
        aws.scaling("PutScalingPolicy", of_service(fmt::format(R"("PolicyName":"p{}","PolicyType":"StepScaling",
                        "StepScalingPolicyConfiguration":{{"AdjustmentType":"ExactCapacity","StepAdjustments":[
                        {{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}}]}})",
                                                               i)));
    }
    EXPECT_TRUE(aws.scaling_refusal("PutScalingPolicy", tracking("q", R"({"TargetValue":1,)" + std::string(cpu) + "}"))
                    .starts_with("LimitExceededException: "));
    const auto page = aws.scaling("DescribeScalingPolicies", R"({"ServiceNamespace":"ecs"})");
    EXPECT_EQ(page.at("ScalingPolicies").as_array().size(), 10U);
    EXPECT_FALSE(text(page.at("NextToken")).empty());
    const auto named = aws.scaling("DescribeScalingPolicies", R"({"ServiceNamespace":"ecs","PolicyNames":["p7"]})");
    EXPECT_EQ(named.at("ScalingPolicies").as_array().size(), 1U);
    EXPECT_EQ(aws.scaling_refusal("DescribeScalingPolicies",
                                  R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount"})"),
              "ValidationException: If you specify a scalable dimension, you must also specify a resource ID");
}

TEST_F(Policies, ScheduledActionsKeepWhatTheRequestDoesNotSay) {
    aws.scaling("PutScheduledAction", scheduled(R"x("Schedule":"cron(0 3 * * ? *)","Timezone":"Europe/Berlin",
        "ScalableTargetAction":{"MinCapacity":2})x"));
    aws.scaling("PutScheduledAction", scheduled(R"("ScalableTargetAction":{"MaxCapacity":4})"));
    const auto told = only("DescribeScheduledActions", "ScheduledActions");
    EXPECT_EQ(told.at("Schedule"), "cron(0 3 * * ? *)");
    EXPECT_EQ(told.at("Timezone"), "Europe/Berlin");
    EXPECT_EQ(told.at("ScalableTargetAction"), (json::object{{"MaxCapacity", 4}}));
    EXPECT_TRUE(text(told.at("ScheduledActionARN")).ends_with(":scheduledActionName/a"));
}

TEST_F(Policies, ScheduledActionsAreRefused) {
    const std::string minimum = R"("ScalableTargetAction":{"MinCapacity":2})";
    const std::string hourly = R"x("Schedule":"rate(1 hour)")x";
    const std::string cases[] = {
        minimum,
        hourly,
        hourly + R"(,"ScalableTargetAction":{"MinCapacity":3,"MaxCapacity":2})",
        R"("Schedule":"hourly",)" + minimum,
        hourly + R"(,"Timezone":"Mars/Base",)" + minimum,
        hourly + R"(,"StartTime":2000000000,"EndTime":1900000000,)" + minimum,
    };
    for (const auto& members : cases) {
        EXPECT_TRUE(aws.scaling_refusal("PutScheduledAction", scheduled(members)).starts_with("ValidationException: "))
            << members;
    }
    EXPECT_TRUE(aws.state.scalable_targets.at("service/c/s").scheduled.empty());
}

TEST_F(Policies, ActivitiesTellTheNewestFirst) {
    aws.scaling("RegisterScalableTarget", of_service(R"("MaxCapacity":3)"));
    aws.scaling("RegisterScalableTarget", of_service(R"("MinCapacity":2,"MaxCapacity":2)"));
    const auto told = aws.scaling("DescribeScalingActivities", R"({"ServiceNamespace":"ecs"})").at("ScalingActivities");
    ASSERT_EQ(told.as_array().size(), 2U);
    EXPECT_EQ(told.at(0).at("Cause"), "maximum capacity was set to 2");
    EXPECT_EQ(told.at(0).at("StatusCode"), "InProgress");
    EXPECT_EQ(told.at(1).at("Description"), "Setting desired count to 3.");
}

} // namespace
} // namespace ecsr::local
