// Application Auto Scaling, CloudWatch and ECR.
#include "aws/autoscaling/client.hpp"
#include "aws/cloudwatch/client.hpp"
#include "aws/ecr/client.hpp"
#include "tests/support/scripted_caller.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace ecsr::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScriptedCaller;
using ::testing::SizeIs;

TEST(AutoscalingClient, ReadsATargetAndWritesItBackAsItWas) {
    const std::string ids = R"({"ServiceNamespace":"ecs","ResourceIds":["service/prod/web"],)"
                            R"("ScalableDimension":"ecs:service:DesiredCount"})";
    ScriptedCaller caller(
        {{"DescribeScalableTargets", ids,
          R"({"ScalableTargets":[{"ServiceNamespace":"ecs","ResourceId":"service/prod/web",
            "ScalableDimension":"ecs:service:DesiredCount",
              "MinCapacity":2,"MaxCapacity":6,"RoleARN":"arn","CreationTime":1672909881.1,"SuspendedState":
              {"DynamicScalingInSuspended":false,"DynamicScalingOutSuspended":true,
                "ScheduledScalingSuspended":false}}]})"},
         {"RegisterScalableTarget",
          R"({"ServiceNamespace":"ecs","ResourceId":"service/prod/web",)"
          R"("ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,)"
          R"("MaxCapacity":6,"SuspendedState":{"DynamicScalingInSuspended":false,"DynamicScalingOutSuspended":true,)"
          R"("ScheduledScalingSuspended":false}})",
          R"({"ScalableTargetARN":"arn"})"},
         {"DeregisterScalableTarget",
          R"({"ServiceNamespace":"ecs","ResourceId":"service/prod/web",)"
          R"("ScalableDimension":"ecs:service:DesiredCount"})",
          "{}"}});
    autoscaling::Client client(caller);
    autoscaling::DescribeScalableTargetsRequest request;
    request.resource_ids = {autoscaling::ecs_resource_id("arn:aws:ecs:eu-west-1:1:cluster/prod", "web")};
    const auto answer = client.describe_scalable_targets(request, {});
    ASSERT_TRUE(answer) << answer.error().message;
    const ecsr::ScalableTarget target = to_model(answer->scalable_targets.at(0));
    EXPECT_TRUE(target.suspended.dynamic_scaling_out);
    EXPECT_TRUE(client.register_scalable_target(autoscaling::to_request(target), {}));
    autoscaling::DeregisterScalableTargetRequest deregister;
    deregister.resource_id = target.resource_id;
    EXPECT_TRUE(client.deregister_scalable_target(deregister, {}));
    EXPECT_EQ(caller.unused(), 0U);
}

TEST(AutoscalingClient, ATargetWithoutSuspensionIsNotSuspended) {
    EXPECT_EQ(autoscaling::to_model(autoscaling::ScalableTarget{}).suspended, SuspendedState{});
}

TEST(AutoscalingClient, AWrongTypeIsAnErrorThatSaysWhere) {
    ScriptedCaller caller(
        {{"DescribeScalableTargets", R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount"})",
          R"({"ScalableTargets":[{"SuspendedState":{"ScheduledScalingSuspended":"no"}}]})"}});
    const auto answer = autoscaling::Client(caller).describe_scalable_targets({}, {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message,
              "application-autoscaling DescribeScalableTargets: "
              "$.ScalableTargets[0].SuspendedState.ScheduledScalingSuspended: expected boolean, got string");
}

TEST(CloudwatchClient, AHundredAndOneAlarmsTakeTwoCallsAndPagesAreFollowed) {
    std::vector<std::string> names;
    std::string first_hundred;
    for (int i = 0; i < 101; ++i) {
        names.push_back(fmt::format("a{}", i));
        if (i < 100) { first_hundred += fmt::format("{}\"a{}\"", i == 0 ? "" : ",", i); }
    }
    const std::string types = R"("AlarmTypes":["MetricAlarm","CompositeAlarm"])";
    ScriptedCaller caller(
        {{"DescribeAlarms", R"({"AlarmNames":[)" + first_hundred + "]," + types + "}",
          R"({"MetricAlarms":[{"AlarmName":"a0","StateValue":"OK","Threshold":1.5}],
            "CompositeAlarms":[],"NextToken":"n"})"},
         {"DescribeAlarms", R"({"AlarmNames":[)" + first_hundred + "]," + types + R"(,"NextToken":"n"})",
          R"({"MetricAlarms":[],"CompositeAlarms":[{"AlarmName":"a1","StateValue":"ALARM"}]})"},
         {"DescribeAlarms", R"({"AlarmNames":["a100"],)" + types + "}", R"({"MetricAlarms":[{"AlarmName":"a100"}]})"}});
    cloudwatch::DescribeAlarmsRequest request;
    request.alarm_names = names;
    const auto answer = cloudwatch::Client(caller).describe_alarms(request, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_THAT(answer->metric_alarms, SizeIs(2));
    EXPECT_EQ(answer->composite_alarms.at(0).state_value, "ALARM");
    EXPECT_EQ(caller.unused(), 0U);
}

TEST(EcrClient, TakesImageNamesApart) {
    ecr::EcrImage image;
    ASSERT_TRUE(ecr::parse_ecr_image("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4", image));
    EXPECT_EQ(image.account, "123456789012");
    EXPECT_EQ(image.region, "eu-west-1");
    EXPECT_EQ(image.repository, "team/web");
    EXPECT_EQ(image.tag, "1.4");
    ASSERT_TRUE(ecr::parse_ecr_image("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web", image));
    EXPECT_EQ(image.tag, "latest");
    EXPECT_EQ(image.digest, "");
    ASSERT_TRUE(ecr::parse_ecr_image("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:2@sha256:ab", image));
    EXPECT_EQ(image.repository, "web");
    EXPECT_EQ(image.tag, "2");
    EXPECT_EQ(image.digest, "sha256:ab");
    for (const char* other :
         {"nginx", "nginx:1", "library/nginx", "public.ecr.aws/nginx/nginx:1", "localhost:5000/web",
          "1234.dkr.ecr.eu-west-1.amazonaws.com/web", "123456789012.dkr.ecr.eu-west-1.example.com/web"}) {
        EXPECT_FALSE(ecr::parse_ecr_image(other, image)) << other;
    }
}

TEST(EcrClient, AnIndexBringsTheDigestsOfItsPlatforms) {
    ecr::Image image{.image_id = {"sha256:index", "1"},
                     .image_manifest = R"({"manifests":[{"digest":"sha256:amd"},{"digest":"sha256:arm"}]})",
                     .image_manifest_media_type = {}};
    EXPECT_THAT(ecr::digests_of(image), ElementsAre("sha256:index", "sha256:amd", "sha256:arm"));
    image.image_manifest = R"({"config":{},"layers":[{"digest":"sha256:layer"}]})";
    EXPECT_THAT(ecr::digests_of(image), ElementsAre("sha256:index"));
    image.image_manifest = "not JSON";
    EXPECT_THAT(ecr::digests_of(image), ElementsAre("sha256:index"));
}

} // namespace
} // namespace ecsr::aws
