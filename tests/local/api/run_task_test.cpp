#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

std::string order(const std::string& members) {
    return R"({"cluster":"c","taskDefinition":"app")" + members + "}";
}

std::string cause(AwsClient& aws, const std::string& members) {
    return aws.ecs_refusal("RunTask", order(members));
}

TEST(RunTaskApi, AnswersTheTasksThatItStarted) {
    AwsClient aws;
    aws.make_cluster();
    const auto answer = aws.ecs(
        "RunTask", order(R"(,"count":2,"startedBy":"me","tags":[{"key":"a","value":"b"}],"overrides":{"memory":"99",
        "containerOverrides":[{"name":"app","command":["x"],"environment":[{"name":"A","value":"1"}]}]})"));
    EXPECT_EQ(answer.at("failures"), json::array());
    ASSERT_EQ(answer.at("tasks").as_array().size(), 2U);
    const auto& task = answer.at("tasks").at(0);
    EXPECT_EQ(task.at("lastStatus"), "PROVISIONING");
    EXPECT_EQ(task.at("desiredStatus"), "RUNNING");
    EXPECT_EQ(task.at("group"), "family:app");
    EXPECT_EQ(task.at("startedBy"), "me");
    EXPECT_EQ(task.at("memory"), "99");
    EXPECT_EQ(task.at("tags").at(0).at("value"), "b");
    EXPECT_EQ(task.at("overrides").at("containerOverrides").at(0).at("command"), json::array{"x"});
    EXPECT_EQ(aws.last_change, Change::State);
    EXPECT_EQ(aws.ecs("ListTasks", R"({"cluster":"c","startedBy":"me"})").at("taskArns").as_array().size(), 2U);
    EXPECT_EQ(aws.ecs("ListTasks", R"({"cluster":"c","family":"app"})").at("taskArns").as_array().size(), 2U);
    EXPECT_TRUE(aws.ecs_refusal("ListTasks", R"({"cluster":"c","startedBy":"me","launchType":"EC2"})")
                    .starts_with("InvalidParameterException"));
}

TEST(RunTaskApi, AClientTokenIsGoodForOneRun) {
    AwsClient aws;
    aws.make_cluster();
    const auto first = aws.ecs("RunTask", order(R"(,"clientToken":"t")"));
    const auto again = aws.ecs("RunTask", order(R"(,"clientToken":"t")"));
    EXPECT_EQ(again.at("tasks").at(0).at("taskArn"), first.at("tasks").at(0).at("taskArn"));
    EXPECT_EQ(aws.state.tasks.size(), 1U);
    EXPECT_TRUE(cause(aws, R"(,"clientToken":"t","count":2)").starts_with("ConflictException"));
    aws.ecs("RunTask", order(R"(,"clientToken":"u")"));
    EXPECT_EQ(aws.state.tasks.size(), 2U);
}

TEST(RunTaskApi, TellsWhyATaskFoundNoPlace) {
    AwsClient aws;
    aws.make_cluster();
    aws.state.capacity.memory_mib = 100;
    const auto answer = aws.ecs("RunTask", order(R"(,"count":2)"));
    EXPECT_EQ(answer.at("tasks").as_array().size(), 1U);
    EXPECT_EQ(answer.at("failures").at(0).at("reason"), "RESOURCE:MEMORY");
    EXPECT_TRUE(text(answer.at("failures").at(0).at("arn")).starts_with(ecs_arns + "container-instance/c/"));
    const auto instance =
        text(aws.ecs("ListContainerInstances", R"({"cluster":"c"})").at("containerInstanceArns").at(0));
    const auto told =
        aws.ecs("DescribeContainerInstances", R"({"cluster":"c","containerInstances":[")" + instance + "\"]}")
            .at("containerInstances")
            .at(0);
    EXPECT_EQ(told.at("registeredResources").at(0).at("integerValue"), 100);
    EXPECT_EQ(told.at("remainingResources").at(0).at("integerValue"), 36);
}

TEST(RunTaskApi, PropagatesTheTagsOfTheTaskDefinition) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("TagResource",
            R"({"resourceArn":")" + ecs_arns + R"(task-definition/app:1","tags":[{"key":"team","value":"x"}]})");
    const auto answer = aws.ecs("RunTask", order(R"(,"propagateTags":"TASK_DEFINITION")"));
    EXPECT_EQ(answer.at("tasks").at(0).at("tags").at(0).at("key"), "team");
}

TEST(RunTaskApi, IsRefusedForManyReasons) {
    AwsClient aws;
    aws.make_cluster();
    EXPECT_EQ(aws.ecs_refusal("RunTask", R"({"cluster":"c","taskDefinition":"unknown"})"),
              "ClientException: TaskDefinition not found.");
    EXPECT_EQ(aws.ecs_refusal("RunTask", R"({"cluster":"none","taskDefinition":"app"})"),
              "ClusterNotFoundException: Cluster not found.");
    EXPECT_TRUE(cause(aws, R"(,"count":11)").starts_with("InvalidParameterException"));
    EXPECT_EQ(cause(aws, R"(,"group":"service:x")"), "InvalidParameterException: Invalid namespace for group.");
    EXPECT_EQ(cause(aws, R"(,"overrides":{"containerOverrides":[{"name":"z"}]})"),
              "InvalidParameterException: Override for container named z is not a container in the TaskDefinition.");
    EXPECT_EQ(cause(aws, R"(,"launchType":"FARGATE")"),
              "ClientException: Task definition does not support launch_type FARGATE.");
    EXPECT_TRUE(cause(aws, R"(,"launchType":"EC2","capacityProviderStrategy":[{"capacityProvider":"p"}])")
                    .starts_with("InvalidParameterException"));
    aws.ecs("DeregisterTaskDefinition", R"({"taskDefinition":"app:1"})");
    EXPECT_EQ(aws.ecs_refusal("RunTask", R"({"cluster":"c","taskDefinition":"app:1"})"),
              "InvalidParameterException: TaskDefinition is inactive");
    EXPECT_TRUE(aws.state.tasks.empty());
    EXPECT_EQ(
        aws.ecs_refusal("StartTask", R"({"cluster":"c","taskDefinition":"app","containerInstances":["x"]})"),
        "UnsupportedFeatureException: The local ECS does not support StartTask: it places tasks itself, on its one "
        "container instance: use RunTask.");
}

} // namespace
} // namespace ecsr::local
