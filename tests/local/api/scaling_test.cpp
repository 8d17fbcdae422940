#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

std::string target(const std::string& members, const std::string& resource = "service/c/s") {
    return R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","ResourceId":")" + resource +
           "\"" + members + "}";
}

class ScalableTargets : public ::testing::Test {
protected:
    void SetUp() override { aws.make_service(5); }
    json::value only() {
        return aws.scaling("DescribeScalableTargets", R"({"ServiceNamespace":"ecs"})").at("ScalableTargets").at(0);
    }
    int desired() { return aws.state.services.at({"c", "s"}).desired_count; }
    AwsClient aws;
};

TEST_F(ScalableTargets, ClampTheDesiredCountAtOnce) {
    aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1,"MaxCapacity":3)"));
    EXPECT_EQ(desired(), 3);
    aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":4,"MaxCapacity":8)"));
    EXPECT_EQ(desired(), 4);
    aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1)"));
    EXPECT_EQ(desired(), 4);
}

TEST_F(ScalableTargets, KeepWhatTheRequestDoesNotSay) {
    const auto arn = aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1,"MaxCapacity":9,"RoleARN":"r",
        "SuspendedState":{"DynamicScalingInSuspended":true})"))
                         .at("ScalableTargetARN");
    EXPECT_EQ(aws.scaling("RegisterScalableTarget", target(R"(,"SuspendedState":{"ScheduledScalingSuspended":true})"))
                  .at("ScalableTargetARN"),
              arn);
    const auto told = only();
    EXPECT_EQ(told.at("MaxCapacity"), 9);
    EXPECT_EQ(told.at("RoleARN"), "r");
    EXPECT_EQ(told.at("SuspendedState").at("DynamicScalingInSuspended"), true);
    EXPECT_EQ(told.at("SuspendedState").at("DynamicScalingOutSuspended"), false);
    EXPECT_EQ(told.at("SuspendedState").at("ScheduledScalingSuspended"), true);
}

TEST_F(ScalableTargets, AreRefused) {
    const std::pair<std::string, std::string> cases[] = {
        {target(""),
         "ValidationException: MinCapacity and MaxCapacity are required when registering a new scalable target"},
        {target(R"(,"MinCapacity":3,"MaxCapacity":2)"),
         "ValidationException: Maximum capacity cannot be less than minimum capacity"},
        {target(R"(,"MinCapacity":1,"MaxCapacity":2)", "service/c/x"),
         "ValidationException: ECS service doesn't exist: service/c/x"},
        {target(R"(,"MinCapacity":1,"MaxCapacity":2)", "s"), "ValidationException: ECS service doesn't exist: s"},
        {R"({"ServiceNamespace":"dynamodb","ResourceId":"t","ScalableDimension":"d"})",
         "ValidationException: Unsupported service namespace: dynamodb: the local ECS scales ecs alone."},
    };
    for (const auto& [body, wanted] : cases) { EXPECT_EQ(aws.scaling_refusal("RegisterScalableTarget", body), wanted); }
    const char* unknown = R"({"ServiceNamespace":"ecz","ResourceId":"t","ScalableDimension":"d"})";
    for (const char* operation : {"RegisterScalableTarget", "DescribeScalableTargets", "DescribeScalingActivities"}) {
        EXPECT_TRUE(aws.scaling_refusal(operation, unknown)
                        .starts_with("ValidationException: 1 validation error detected: Value 'ecz' at "
                                     "'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value "
                                     "set: [ecs, "))
            << operation;
    }
    EXPECT_TRUE(aws.state.scalable_targets.empty());
    EXPECT_EQ(desired(), 5);
}

TEST_F(ScalableTargets, AreDescribedInPagesAndDeregistered) {
    aws.ecs("CreateService", R"({"cluster":"c","serviceName":"t","taskDefinition":"app","desiredCount":1})");
    aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1,"MaxCapacity":9)"));
    aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1,"MaxCapacity":9)", "service/c/t"));
    const auto first = aws.scaling("DescribeScalableTargets", R"({"ServiceNamespace":"ecs","MaxResults":1})");
    EXPECT_EQ(first.at("ScalableTargets").at(0).at("ResourceId"), "service/c/s");
    const auto second = aws.scaling("DescribeScalableTargets",
                                    R"({"ServiceNamespace":"ecs","NextToken":")" + text(first.at("NextToken")) + "\"}");
    EXPECT_EQ(second.at("ScalableTargets").at(0).at("ResourceId"), "service/c/t");
    EXPECT_TRUE(aws.scaling_refusal("DescribeScalableTargets", R"({"ServiceNamespace":"ecs","NextToken":"x"})")
                    .starts_with("InvalidNextTokenException: "));
    EXPECT_TRUE(aws.scaling("DescribeScalableTargets", R"({"ServiceNamespace":"ecs","ResourceIds":["service/c/x"]})")
                    .at("ScalableTargets")
                    .as_array()
                    .empty());
    EXPECT_TRUE(aws.scaling("DescribeScalableTargets", R"({"ServiceNamespace":"rds"})")
                    .at("ScalableTargets")
                    .as_array()
                    .empty());
    aws.scaling("DeregisterScalableTarget", target(""));
    EXPECT_EQ(aws.scaling_refusal("DeregisterScalableTarget", target("")),
              "ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: service/c/s, "
              "scalable dimension: ecs:service:DesiredCount");
}

TEST_F(ScalableTargets, HaveTagsAndNoPoliciesOrActivities) {
    const auto arn =
        aws.scaling("RegisterScalableTarget", target(R"(,"MinCapacity":1,"MaxCapacity":9,"Tags":{"a":"b"})"))
            .at("ScalableTargetARN");
    EXPECT_EQ(aws.scaling("ListTagsForResource", R"({"ResourceARN":")" + text(arn) + "\"}").at("Tags"),
              (json::object{{"a", "b"}}));
    aws.scaling("TagResource", R"({"ResourceARN":")" + text(arn) + R"(","Tags":{"c":"d"}})");
    aws.scaling("UntagResource", R"({"ResourceARN":")" + text(arn) + R"(","TagKeys":["a"]})");
    EXPECT_EQ(aws.scaling("ListTagsForResource", R"({"ResourceARN":")" + text(arn) + "\"}").at("Tags"),
              (json::object{{"c", "d"}}));
    EXPECT_TRUE(aws.scaling("DescribeScalingPolicies", R"({"ServiceNamespace":"ecs"})")
                    .at("ScalingPolicies")
                    .as_array()
                    .empty());
    EXPECT_TRUE(aws.scaling("DescribeScalingActivities", R"({"ServiceNamespace":"ecs"})")
                    .at("ScalingActivities")
                    .as_array()
                    .empty());
}

} // namespace
} // namespace ecsr::local
