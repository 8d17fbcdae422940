#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

// A task definition of one container that has `members` besides name, image and memory.
std::string with(const std::string& members, const std::string& task = "") {
    return R"({"family":"f",)" + task + R"("containerDefinitions":[{"name":"a","image":"i","memory":64)" + members +
           "}]}";
}

TEST(TaskDefinitions, WhatThePlaneActsOnIsReadFromTheRequest) {
    AwsClient aws;
    aws.ecs(
        "RegisterTaskDefinition",
        with(R"(,"entryPoint":["e"],"command":["c"],"environment":[{"name":"N","value":"V"}],"dockerLabels":{"l":"v"},
                 "portMappings":[{"containerPort":80,"protocol":"udp"}],"stopTimeout":7,
                 "essential":true,"workingDirectory":"/w",
                 "memoryReservation":32,"cpu":128,
                 "healthCheck":{"command":["CMD","true"],"interval":6,"timeout":3,"retries":2,"startPeriod":1}},
                 {"name":"b","image":"i","memory":4,"essential":false,
                  "dependsOn":[{"containerName":"a","condition":"HEALTHY"}])",
             R"("networkMode":"awsvpc","memory":"1.5 GB",)"));
    const TaskDefinition& read = aws.state.task_definitions.at("f").front();
    EXPECT_EQ(read.network_mode, NetworkMode::Awsvpc);
    EXPECT_EQ(read.memory_mib, 1536);
    const ContainerDefinition& a = read.containers.at(0);
    EXPECT_EQ(a.entry_point, std::vector<std::string>{"e"});
    EXPECT_EQ(a.environment.at("N"), "V");
    EXPECT_EQ(a.docker_labels.at("l"), "v");
    EXPECT_EQ(a.port_mappings.at(0).host_port, 80);
    EXPECT_EQ(a.port_mappings.at(0).protocol, "udp");
    EXPECT_EQ(a.stop_timeout, Seconds(7));
    EXPECT_EQ(a.memory_reservation_mib, 32);
    EXPECT_EQ(a.health_check->interval, Seconds(6));
    EXPECT_EQ(a.health_check->start_period, Seconds(1));
    EXPECT_EQ(read.containers.at(1).depends_on.at(0).condition, "HEALTHY");
    EXPECT_FALSE(read.containers.at(1).essential);
}

TEST(TaskDefinitions, TheAnswerHasTheDefaultsOfEcs) {
    AwsClient aws;
    const auto told =
        aws.ecs("RegisterTaskDefinition", with(R"(,"portMappings":[{"containerPort":80}])")).at("taskDefinition");
    EXPECT_EQ(told.at("networkMode"), "bridge");
    EXPECT_EQ(told.at("status"), "ACTIVE");
    const auto& container = told.at("containerDefinitions").at(0);
    EXPECT_EQ(container.at("cpu"), 0);
    EXPECT_EQ(container.at("essential"), true);
    EXPECT_EQ(container.at("environment"), json::array());
    EXPECT_EQ(container.at("portMappings").at(0).at("hostPort"), 0);
}

TEST(TaskDefinitions, ABareCommandOfAHealthCheckIsAShellCommand) {
    AwsClient aws;
    const auto told = aws.ecs("RegisterTaskDefinition", with(R"(,"healthCheck":{"command":["true"]})"));
    EXPECT_EQ(told.at("taskDefinition").at("containerDefinitions").at(0).at("healthCheck").at("command"),
              (json::array{"CMD-SHELL", "true"}));
}

TEST(TaskDefinitions, BadOnesAreRefusedAndTakeNoRevision) {
    AwsClient aws;
    const std::pair<std::string, std::string> cases[] = {
        {"{}", "ClientException: Family should not be null or empty."},
        {R"({"family":"a b","memory":"64","containerDefinitions":[{"name":"a","image":"i"}]})",
         "ClientException: Family contains invalid characters."},
        {R"({"family":"f"})", "ClientException: Container list cannot be empty."},
        {R"({"family":"f","containerDefinitions":[{"image":"i"}]})",
         "ClientException: Container.name should not be null or empty."},
        {R"({"family":"f","containerDefinitions":[{"name":"n"}]})",
         "ClientException: Container.image should not be null or empty."},
        {R"({"family":"f","containerDefinitions":[{"name":"n","image":"i"}]})",
         "ClientException: Invalid setting for container 'n'. At least one of 'memory' or 'memoryReservation' must be "
         "specified."},
        {with(R"(},{"name":"a","image":"i","memory":4)"), "ClientException: Container names must be unique: a"},
        {with(R"(,"essential":false)"), "ClientException: Task definition must have at least one essential container."},
        {with(R"(,"dependsOn":[{"containerName":"z","condition":"START"}])"),
         "ClientException: Container 'a' has an invalid dependency on container 'z'."},
        {with(R"(,"healthCheck":{"command":["sh","-c"]})"),
         "ClientException: A health check command must begin with CMD or CMD-SHELL."},
        {with(R"(,"healthCheck":{"command":["CMD","x"],"interval":4})"),
         "InvalidParameterException: 1 validation error detected: Value '4' at "
         "'containerDefinitions.1.member.healthCheck.interval' failed to satisfy constraint: Member must have value "
         "greater than or equal to 5"},
        {with("", R"("memory":"lots",)"), "ClientException: Invalid 'memory' setting for task."},
        {with("", R"("requiresCompatibilities":["FARGATE"],)"),
         "ClientException: Fargate only supports network mode 'awsvpc'."},
        {with("", R"("cpu":"many",)"), "ClientException: Invalid 'cpu' setting for task."},
        {with("", R"("networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"memory":"512",)"),
         "ClientException: Fargate requires task definition to have both 'cpu' and 'memory'."},
        {with("", R"("networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"1024","memory":"1024",)"),
         "ClientException: No Fargate configuration exists for given values."},
        {with(R"(,"stopTimeout":121)",
              R"("networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512",)"),
         "ClientException: Invalid setting for container 'a'. The 'stopTimeout' must be 2 to 120 seconds on "
         "Fargate."},
        {with(R"(,"startTimeout":1)",
              R"("networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512",)"),
         "ClientException: Invalid setting for container 'a'. The 'startTimeout' must be 2 to 120 seconds on "
         "Fargate."},
        {with(R"(},{"name":"b","image":"i","memory":4,"dependsOn":[{"containerName":"a","condition":"SUCCESS"}])"),
         "ClientException: Container 'b' can not depend on container 'a' to reach SUCCESS: it is essential."},
        {with(R"(,"dependsOn":[{"containerName":"b","condition":"START"}]},
                 {"name":"b","image":"i","memory":4,"dependsOn":[{"containerName":"a","condition":"HEALTHY"}])"),
         "ClientException: Container 'a' has a circular dependency."},
        {with(R"(,"cpu":512)",
              R"("networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512",)"),
         "ClientException: The sum of the 'cpu' of all containers must not be more than the task's 'cpu'."},
        {with(R"(,"restartPolicy":{"enabled":true,"restartAttemptPeriod":59})"),
         "InvalidParameterException: 1 validation error detected: Value '59' at "
         "'containerDefinitions.1.member.restartPolicy.restartAttemptPeriod' failed to satisfy constraint: Member must "
         "have value greater than or equal to 60"},
        {with(R"(,"restartPolicy":{"enabled":true,"ignoredExitCodes":["0"]})"),
         "SerializationException: containerDefinitions.1.member.restartPolicy.ignoredExitCodes must be a list of whole "
         "numbers"},
        {with(R"(,"portMappings":[{"containerPort":80,"hostPort":81}])", R"("networkMode":"awsvpc",)"),
         "ClientException: When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
        {with("", R"("networkMode":"ring",)"),
         "InvalidParameterException: 1 validation error detected: Value 'ring' at 'networkMode' failed to satisfy "
         "constraint: Member must satisfy enum value set: [bridge, host, awsvpc, none]"},
    };
    for (const auto& [body, wanted] : cases) {
        EXPECT_EQ(aws.ecs_refusal("RegisterTaskDefinition", body), wanted) << body;
    }
    EXPECT_TRUE(aws.state.task_definitions.empty());
}

TEST(TaskDefinitions, HaveTheSizesOfFargateInAnySpelling) {
    AwsClient aws;
    const auto body = [](const std::string& cpu, const std::string& memory) {
        return R"({"family":"f","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":")" + cpu +
               R"(","memory":")" + memory + R"(","containerDefinitions":[{"name":"a","image":"i"}]})";
    };
    const std::vector<std::pair<std::string, std::string>> good = {
        {"256", "512"},   {".25 vCPU", "2 GB"}, {"512", "1024"},     {"0.5vcpu", "4GB"}, {"1024", "8192"},
        {"2048", "4096"}, {"4096", "30720"},    {"8 vCPU", "20 GB"}, {"16384", "120 GB"}};
    for (const auto& [cpu, memory] : good) { aws.ecs("RegisterTaskDefinition", body(cpu, memory)); }
    EXPECT_EQ(aws.state.task_definitions.at("f")[3].cpu, 512);
    EXPECT_EQ(aws.state.task_definitions.at("f")[3].memory_mib, 4096);
    for (const auto& [cpu, memory] : std::vector<std::pair<std::string, std::string>>{
             {"256", "4096"}, {"128", "512"}, {"512", "1536"}, {"8192", "17408"}, {"16384", "16384"}}) {
        EXPECT_EQ(aws.ecs_refusal("RegisterTaskDefinition", body(cpu, memory)),
                  "ClientException: No Fargate configuration exists for given values.")
            << cpu << " " << memory;
    }
}

TEST(TaskDefinitions, KeepTheRestartPolicyOfAContainer) {
    AwsClient aws;
    aws.ecs("RegisterTaskDefinition",
            with(R"(,"restartPolicy":{"enabled":true,"ignoredExitCodes":[0,2],"restartAttemptPeriod":60})"));
    aws.ecs("RegisterTaskDefinition", with(R"(,"restartPolicy":{"enabled":false})"));
    const auto& revisions = aws.state.task_definitions.at("f");
    EXPECT_EQ(revisions[0].containers[0].restart_policy->ignored_exit_codes, (std::vector<int>{0, 2}));
    EXPECT_EQ(revisions[0].containers[0].restart_policy->attempt_period, Seconds(60));
    EXPECT_FALSE(revisions[1].containers[0].restart_policy);
}

TEST(TaskDefinitions, WithoutARevisionTheNewestActiveOneIsMeant) {
    AwsClient aws;
    for (int i = 0; i < 3; ++i) { aws.ecs("RegisterTaskDefinition", with("")); }
    aws.ecs("DeregisterTaskDefinition", R"({"taskDefinition":"f:3"})");
    EXPECT_EQ(aws.ecs("DescribeTaskDefinition", R"({"taskDefinition":"f"})").at("taskDefinition").at("revision"), 2);
    const auto gone = aws.ecs("DescribeTaskDefinition", R"({"taskDefinition":"f:3"})").at("taskDefinition");
    EXPECT_EQ(gone.at("status"), "INACTIVE");
    EXPECT_TRUE(gone.as_object().contains("deregisteredAt"));
    for (const char* unknown : {"g", "f:4", "f:0", "f:x"}) {
        EXPECT_EQ(aws.ecs_refusal("DescribeTaskDefinition", std::string(R"({"taskDefinition":")") + unknown + "\"}"),
                  "ClientException: Unable to describe task definition.")
            << unknown;
    }
    EXPECT_EQ(aws.ecs_refusal("DeregisterTaskDefinition", R"({"taskDefinition":"f"})"),
              "ClientException: Task definition must have a revision: f");
}

TEST(TaskDefinitions, ListsFilterSortAndPage) {
    AwsClient aws;
    for (int i = 0; i < 11; ++i) { aws.ecs("RegisterTaskDefinition", with("")); }
    aws.ecs("DeregisterTaskDefinition", R"({"taskDefinition":"f:1"})");
    const auto newest = aws.ecs("ListTaskDefinitions", R"({"familyPrefix":"f","sort":"DESC","maxResults":1})");
    EXPECT_EQ(newest.at("taskDefinitionArns"), (json::array{ecs_arns + "task-definition/f:11"}));
    const auto next = aws.ecs("ListTaskDefinitions", R"({"familyPrefix":"f","sort":"DESC","nextToken":")" +
                                                         text(newest.at("nextToken")) + "\"}");
    EXPECT_EQ(next.at("taskDefinitionArns").as_array().size(), 9U);
    EXPECT_EQ(next.at("taskDefinitionArns").at(0), json::value(ecs_arns + "task-definition/f:10"));
    EXPECT_EQ(aws.ecs("ListTaskDefinitions", R"({"status":"INACTIVE"})").at("taskDefinitionArns").as_array().size(),
              1U);
    EXPECT_EQ(aws.ecs("ListTaskDefinitionFamilies", R"({"familyPrefix":"x"})").at("families"), json::array());
    EXPECT_EQ(aws.ecs("ListTaskDefinitionFamilies", "{}").at("families"), json::array{"f"});
}

TEST(TaskDefinitions, OfInactiveRevisionsAreDeletedAndKeptForWhatRunsThem) {
    AwsClient aws;
    aws.make_cluster();
    const std::string first = R"({"taskDefinitions":["app:1"]})";
    EXPECT_TRUE(aws.ecs("DeleteTaskDefinitions", first)
                    .at("failures")
                    .at(0)
                    .at("reason")
                    .as_string()
                    .starts_with("The specified task definition is still in ACTIVE status."));
    aws.ecs("DeregisterTaskDefinition", R"({"taskDefinition":"app:1"})");
    const auto deleted = aws.ecs("DeleteTaskDefinitions", first).at("taskDefinitions").at(0);
    EXPECT_EQ(deleted.at("status"), "DELETE_IN_PROGRESS");
    EXPECT_TRUE(deleted.as_object().contains("deleteRequestedAt"));
    EXPECT_EQ(aws.ecs("ListTaskDefinitions", R"({"status":"INACTIVE"})").at("taskDefinitionArns"), json::array());
    EXPECT_EQ(aws.ecs("DescribeTaskDefinition", R"({"taskDefinition":"app:1"})").at("taskDefinition").at("status"),
              "DELETE_IN_PROGRESS");
    EXPECT_EQ(aws.ecs_refusal("RunTask", R"({"cluster":"c","taskDefinition":"app:1"})"),
              "InvalidParameterException: TaskDefinition is inactive");
}

} // namespace
} // namespace ecsr::local
