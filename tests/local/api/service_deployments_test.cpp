#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

std::string newest(AwsClient& aws) {
    const auto listed = aws.ecs("ListServiceDeployments", R"({"cluster":"c","service":"s"})");
    return text(listed.at("serviceDeployments").at(0).at("serviceDeploymentArn"));
}

json::value describe(AwsClient& aws, const std::string& arn) {
    return aws.ecs("DescribeServiceDeployments", R"({"serviceDeploymentArns":[")" + arn + "\"]}")
        .at("serviceDeployments")
        .at(0);
}

TEST(ServiceDeploymentsApi, ShowsTheTasksOfEachRevision) {
    AwsClient aws;
    aws.make_service(2);
    const auto first = describe(aws, newest(aws));
    EXPECT_EQ(first.at("status"), "PENDING");
    EXPECT_FALSE(first.as_object().contains("startedAt"));
    aws.let_the_scheduler_act();
    const auto begun = describe(aws, newest(aws));
    EXPECT_EQ(begun.at("status"), "IN_PROGRESS");
    EXPECT_EQ(begun.at("targetServiceRevision").at("requestedTaskCount"), 2);
    EXPECT_EQ(begun.at("targetServiceRevision").at("pendingTaskCount"), 2);
    EXPECT_EQ(begun.at("deploymentCircuitBreaker").at("status"), "DISABLED");
    EXPECT_EQ(begun.at("alarms").at("status"), "DISABLED");
    EXPECT_EQ(begun.at("deploymentConfiguration").at("maximumPercent"), 200);
}

TEST(ServiceDeploymentsApi, FiltersByStatusAndTime) {
    AwsClient aws;
    aws.make_service();
    aws.now += Seconds(100);
    aws.ecs("UpdateService", R"({"cluster":"c","service":"s","forceNewDeployment":true})");
    const auto count = [&](const std::string& filter) {
        return aws.ecs("ListServiceDeployments", R"({"cluster":"c","service":"s")" + filter + "}")
            .at("serviceDeployments")
            .as_array()
            .size();
    };
    EXPECT_EQ(count(""), 2U);
    EXPECT_EQ(count(R"(,"status":["STOP_REQUESTED"])"), 1U);
    EXPECT_EQ(count(R"(,"status":["STOP_REQUESTED","PENDING"])"), 2U);
    const auto middle = std::to_string(to_epoch_seconds(aws.now) - 50);
    EXPECT_EQ(count(R"(,"createdAt":{"after":)" + middle + "}"), 1U);
    EXPECT_EQ(count(R"(,"createdAt":{"before":)" + middle + "}"), 1U);
    EXPECT_TRUE(aws.ecs_refusal("ListServiceDeployments", R"({"cluster":"c","service":"s","status":["BAD"]})")
                    .starts_with("InvalidParameterException"));
}

TEST(ServiceDeploymentsApi, AnUpdatedRevisionHoldsTheUpdatedConfiguration) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("RegisterTaskDefinition", R"({"family":"net","networkMode":"awsvpc","containerDefinitions":[{"name":"app",
        "image":"i","memory":64,"command":["run"]}]})");
    const auto network = [](const char* subnet) {
        return std::string(R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":[")") + subnet + "\"]}}";
    };
    aws.ecs("CreateService",
            R"({"cluster":"c","serviceName":"s","taskDefinition":"net","desiredCount":1,)" + network("a") + "}");
    aws.ecs("UpdateService", R"({"cluster":"c","service":"s",)" + network("b") + "}");
    const auto arn = text(describe(aws, newest(aws)).at("targetServiceRevision").at("arn"));
    const auto revision =
        aws.ecs("DescribeServiceRevisions", R"({"serviceRevisionArns":[")" + arn + "\"]}").at("serviceRevisions").at(0);
    EXPECT_EQ(revision.at("networkConfiguration").at("awsvpcConfiguration").at("subnets").at(0), "b");
}

TEST(ServiceDeploymentsApi, StopsByRollbackAlone) {
    AwsClient aws;
    aws.make_service();
    const std::string arn = newest(aws);
    EXPECT_EQ(
        aws.ecs_refusal("StopServiceDeployment", R"({"serviceDeploymentArn":")" + arn + R"(","stopType":"ABORT"})"),
        "InvalidParameterException: ROLLBACK is the only stopType that is supported.");
    aws.ecs("StopServiceDeployment", R"({"serviceDeploymentArn":")" + arn + "\"}");
    EXPECT_EQ(describe(aws, arn).at("status"), "ROLLBACK_REQUESTED");
}

TEST(ServiceDeploymentsApi, AnswersTheNewerBreakerSettingsToThoseWhoSetThem) {
    AwsClient aws;
    aws.make_cluster();
    const auto made = aws.ecs("CreateService", R"({"cluster":"c","serviceName":"s","taskDefinition":"app",
        "desiredCount":1,"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":false,
        "resetOnHealthyTask":false,"thresholdConfiguration":{"type":"COUNT","value":7}}}})");
    const auto& breaker = made.at("service").at("deploymentConfiguration").at("deploymentCircuitBreaker");
    EXPECT_EQ(breaker.at("thresholdConfiguration").at("value"), 7);
    EXPECT_EQ(breaker.at("resetOnHealthyTask"), false);
    aws.let_the_scheduler_act();
    EXPECT_EQ(describe(aws, newest(aws)).at("deploymentCircuitBreaker").at("threshold"), 7);
}

} // namespace
} // namespace ecsr::local
