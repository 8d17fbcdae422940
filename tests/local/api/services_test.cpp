#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

std::string create(const std::string& members, const std::string& name = "s") {
    return R"({"cluster":"c","serviceName":")" + name + "\"" + members + "}";
}

constexpr const char* one = R"(,"taskDefinition":"app","desiredCount":1)";
constexpr const char* network = R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["a"]}})";

TEST(Services, TheFirstAnswerHasADeploymentAndCountsOfZero) {
    AwsClient aws;
    aws.make_cluster();
    const auto service = aws.ecs("CreateService", create(one)).at("service");
    EXPECT_EQ(service.at("serviceArn"), json::value(ecs_arns + "service/c/s"));
    EXPECT_EQ(service.at("status"), "ACTIVE");
    EXPECT_EQ(service.at("taskDefinition"), json::value(ecs_arns + "task-definition/app:1"));
    EXPECT_EQ(service.at("runningCount"), 0);
    EXPECT_EQ(service.at("launchType"), "EC2");
    EXPECT_EQ(service.at("availabilityZoneRebalancing"), "ENABLED");
    EXPECT_EQ(service.at("deploymentConfiguration").at("maximumPercent"), 200);
    const auto& deployment = service.at("deployments").at(0);
    EXPECT_EQ(deployment.at("status"), "PRIMARY");
    EXPECT_EQ(deployment.at("rolloutState"), "IN_PROGRESS");
    EXPECT_DOUBLE_EQ(service.at("createdAt").to_number<double>(), to_epoch_seconds(aws.now));
}

TEST(Services, MembersThatThePlaneDoesNotActOnAreAnsweredBack) {
    AwsClient aws;
    aws.make_cluster();
    const auto service =
        aws.ecs("CreateService",
                create(std::string(one) +
                       R"(,"placementStrategy":[{"type":"spread","field":"x"}],"enableExecuteCommand":true,
                "capacityProviderStrategy":[{"capacityProvider":"instances","weight":1}],"propagateTags":"SERVICE",
                "enableECSManagedTags":true,"serviceRegistries":[{"registryArn":"r"}],"tags":[{"key":"k","value":"v"}],
                "serviceConnectConfiguration":{"enabled":false})"))
            .at("service");
    EXPECT_EQ(service.at("placementStrategy").at(0).at("field"), "x");
    EXPECT_EQ(service.at("enableExecuteCommand"), true);
    EXPECT_EQ(service.at("capacityProviderStrategy").at(0).at("weight"), 1);
    EXPECT_FALSE(service.as_object().contains("launchType"));
    EXPECT_EQ(service.at("propagateTags"), "SERVICE");
    EXPECT_EQ(service.at("tags").at(0).at("value"), "v");
    EXPECT_EQ(service.at("deployments").at(0).at("serviceConnectConfiguration").at("enabled"), false);
    EXPECT_FALSE(service.as_object().contains("serviceConnectConfiguration"));
}

TEST(Services, AProviderStandsForItsLaunchTypeWhichHasPlatforms) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("RegisterTaskDefinition", R"({"family":"vpc","networkMode":"awsvpc","ephemeralStorage":{"sizeInGiB":21},
                "containerDefinitions":[{"name":"a","image":"b","memory":64}]})");
    const auto on = [](const std::string& more) {
        return create(R"(,"taskDefinition":"vpc","desiredCount":1,
                "networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"]}},)" +
                      more);
    };
    const std::string fargate = R"("capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT"}])";
    EXPECT_EQ(aws.ecs_refusal("CreateService", on(fargate + R"(,"platformVersion":"1.3")")),
              "PlatformUnknownException: The specified platform does not exist.");
    EXPECT_EQ(aws.ecs_refusal("CreateService", on(fargate + R"(,"platformVersion":"1.3.0")")),
              "PlatformTaskDefinitionIncompatibilityException: One or more of the requested capabilities are not "
              "supported.");
    EXPECT_EQ(aws.ecs_refusal("CreateService", on(R"("platformVersion":"LATEST")")),
              "InvalidParameterException: The platform version must be null when specifying an EC2 launch type.");
    const auto made = aws.ecs("CreateService", on(fargate)).at("service");
    EXPECT_FALSE(made.as_object().contains("launchType"));
    EXPECT_EQ(made.at("platformVersion"), "LATEST");
    EXPECT_EQ(aws.state.services.begin()->second.launch_type, "FARGATE");
}

TEST(Services, CreationIsRefusedForManyReasons) {
    AwsClient aws;
    aws.make_cluster();
    const std::pair<std::string, std::string> cases[] = {
        {create(R"(,"desiredCount":1)"), "InvalidParameterException: TaskDefinition can not be blank."},
        {create(R"(,"taskDefinition":"app")"), "InvalidParameterException: Desired count can not be blank."},
        {create(R"(,"taskDefinition":"unknown","desiredCount":1)"), "ClientException: TaskDefinition not found."},
        {create(one, "a b"),
         "InvalidParameterException: Service name must be 1 to 255 letters, digits, hyphens and underscores."},
        {create(std::string(one) + R"(,"launchType":"EC2","capacityProviderStrategy":[{"capacityProvider":"x"}])"),
         "InvalidParameterException: Specifying both a launch type and capacity provider strategy is not supported. "
         "Remove "
         "one and try again."},
        {create(std::string(one) + R"(,"schedulingStrategy":"DAEMON")"),
         "InvalidParameterException: The daemon scheduling strategy does not support a desired count for services. "
         "Remove "
         "the desired count value and try again"},
        {create(std::string(one) +
                R"(,"availabilityZoneRebalancing":"ENABLED","deploymentConfiguration":{"maximumPercent":100})"),
         "InvalidParameterException: Availability Zone Rebalancing does not support maximumPercent <= 100 % as "
         "deployment "
         "configuration."},
        {create(R"(,"taskDefinition":"app","schedulingStrategy":"DAEMON","launchType":"FARGATE")"),
         "InvalidParameterException: The daemon scheduling strategy does not support the Fargate launch type."},
        {create(R"(,"taskDefinition":"app","schedulingStrategy":"DAEMON","deploymentConfiguration":)"
                R"({"maximumPercent":200})"),
         "InvalidParameterException: The daemon scheduling strategy supports maximumPercent 100 alone."},
        {create(R"(,"taskDefinition":"app","schedulingStrategy":"DAEMON","availabilityZoneRebalancing":"ENABLED")"),
         "InvalidParameterException: Availability Zone Rebalancing does not support DAEMON services"},
        {create(std::string(one) + R"(,"deploymentConfiguration":{"strategy":"BLUE_GREEN"})"),
         "UnsupportedFeatureException: The local ECS supports the deployment strategy ROLLING alone."},
        {create(std::string(one) + R"(,"launchType":"FARGATE")"),
         "ClientException: Task definition does not support launch_type FARGATE."},
        {create(std::string(one) + "," + network), "InvalidParameterException: Network Configuration is not valid for "
                                                   "the given networkMode of this task definition."},
        {create(std::string(one) + R"(,"loadBalancers":[{"loadBalancerName":"classic"}])"),
         "InvalidParameterException: Classic Load Balancers are not supported: use targetGroupArn."},
        {create(std::string(one) +
                R"(,"loadBalancers":[{"targetGroupArn":"arn:x","containerName":"app","containerPort":8080}])"),
         "InvalidParameterException: The target group with targetGroupArn arn:x does not exist."},
    };
    for (const auto& [body, wanted] : cases) { EXPECT_EQ(aws.ecs_refusal("CreateService", body), wanted) << body; }
    EXPECT_TRUE(aws.state.services.empty());
}

TEST(Services, CreatingTheSameOneTwiceAnswersWithTheFirst) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("CreateService", create(one));
    aws.ecs("CreateService", create(one));
    EXPECT_EQ(aws.state.services.size(), 1U);
    EXPECT_EQ(aws.ecs_refusal("CreateService", create(R"(,"taskDefinition":"app","desiredCount":2)")),
              "InvalidParameterException: Creation of service was not idempotent.");
}

TEST(Services, OthersThanReplicaUnderEcsCanBeCreated) {
    AwsClient aws;
    aws.make_cluster();
    const auto daemon =
        aws.ecs("CreateService", create(R"(,"taskDefinition":"app","schedulingStrategy":"DAEMON")", "d"));
    EXPECT_EQ(daemon.at("service").at("deploymentConfiguration").at("maximumPercent"), 100);
    EXPECT_EQ(daemon.at("service").at("availabilityZoneRebalancing"), "DISABLED");
    const auto external =
        aws.ecs("CreateService", create(R"(,"desiredCount":1,"deploymentController":{"type":"EXTERNAL"})", "e"));
    EXPECT_EQ(external.at("service").at("deploymentController").at("type"), "EXTERNAL");
    EXPECT_TRUE(external.at("service").at("deployments").as_array().empty());
    const auto code =
        aws.ecs("CreateService", create(std::string(one) + R"(,"deploymentController":{"type":"CODE_DEPLOY"})", "cd"));
    EXPECT_FALSE(code.at("service").at("deployments").at(0).as_object().contains("rolloutState"));
}

class BalancedServices : public ::testing::Test {
protected:
    void SetUp() override {
        aws.make_cluster();
        aws.ecs("RegisterTaskDefinition",
                R"({"family":"vpc","networkMode":"awsvpc","containerDefinitions":[{"name":"web",
            "image":"i","memory":64,"portMappings":[{"containerPort":8080}]}]})");
        group = aws.make_target_group("g");
    }
    std::string balanced(const std::string& container, int port) {
        return create(R"(,"taskDefinition":"vpc","desiredCount":1,)" + std::string(network) +
                      R"(,"loadBalancers":[{"targetGroupArn":")" + group + R"(","containerName":")" + container +
                      R"(","containerPort":)" + std::to_string(port) + "}]");
    }

    AwsClient aws;
    std::string group;
};

TEST_F(BalancedServices, NeedATargetGroupThatALoadBalancerUses) {
    EXPECT_EQ(aws.ecs_refusal("CreateService", balanced("web", 8080)),
              "InvalidParameterException: The target group with targetGroupArn " + group +
                  " does not have an associated load balancer.");
    aws.make_listener(aws.make_load_balancer("b"), group, 80);
    const auto service = aws.ecs("CreateService", balanced("web", 8080)).at("service");
    EXPECT_EQ(service.at("loadBalancers").at(0).at("targetGroupArn"), json::value(group));
    EXPECT_EQ(service.at("healthCheckGracePeriodSeconds"), 0);
    EXPECT_EQ(service.at("networkConfiguration").at("awsvpcConfiguration").at("assignPublicIp"), "DISABLED");
}

TEST_F(BalancedServices, NeedAContainerWithThatPort) {
    aws.make_listener(aws.make_load_balancer("b"), group, 80);
    EXPECT_EQ(aws.ecs_refusal("CreateService", balanced("app", 8080)),
              "InvalidParameterException: The container app does not exist in the task definition.");
    EXPECT_EQ(aws.ecs_refusal("CreateService", balanced("web", 81)),
              "InvalidParameterException: The container web did not have a container port 81 defined.");
}

TEST_F(BalancedServices, NeedATargetTypeThatFitsTheNetworkMode) {
    aws.make_listener(aws.make_load_balancer("b"), group, 80);
    EXPECT_EQ(
        aws.ecs_refusal("CreateService", create(std::string(one) + R"(,"loadBalancers":[{"targetGroupArn":")" + group +
                                                R"(","containerName":"app","containerPort":8080}])")),
        "InvalidParameterException: The provided target group " + group +
            " has target type ip, which is incompatible with the bridge or host network mode specified in the task "
            "definition.");
}

TEST_F(BalancedServices, AwsvpcNeedsANetworkConfiguration) {
    EXPECT_EQ(
        aws.ecs_refusal("CreateService", create(R"(,"taskDefinition":"vpc","desiredCount":1)")),
        "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.");
}

TEST(ServiceUpdates, ANewRevisionStartsADeploymentThatShowsNoDesiredCountYet) {
    AwsClient aws;
    aws.make_service(2);
    aws.ecs("RegisterTaskDefinition",
            R"({"family":"app","containerDefinitions":[{"name":"app","image":"j","memory":64}]})");
    const auto service =
        aws.ecs("UpdateService", R"({"cluster":"c","service":"s","taskDefinition":"app"})").at("service");
    ASSERT_EQ(service.at("deployments").as_array().size(), 2U);
    EXPECT_EQ(service.at("deployments").at(0).at("taskDefinition"), json::value(ecs_arns + "task-definition/app:2"));
    EXPECT_EQ(service.at("deployments").at(0).at("desiredCount"), 0);
    EXPECT_EQ(service.at("deployments").at(1).at("status"), "ACTIVE");
    EXPECT_EQ(service.at("desiredCount"), 2);
}

TEST(ServiceUpdates, OnlySomeMembersStartADeployment) {
    AwsClient aws;
    aws.make_service();
    const auto deployments = [&](const std::string& members) {
        return aws.ecs("UpdateService", R"({"cluster":"c","service":"s",)" + members + "}")
            .at("service")
            .at("deployments")
            .as_array()
            .size();
    };
    EXPECT_EQ(deployments(R"("desiredCount":3,"taskDefinition":"app:1")"), 1U);
    EXPECT_EQ(deployments(R"("deploymentConfiguration":{"maximumPercent":150})"), 1U);
    EXPECT_EQ(deployments(R"("placementConstraints":[{"type":"distinctInstance"}])"), 1U);
    EXPECT_EQ(deployments(R"("enableExecuteCommand":true)"), 1U);
    EXPECT_EQ(deployments(R"("serviceRegistries":[{"registryArn":"r"}])"), 2U);
    EXPECT_EQ(deployments(R"("serviceRegistries":[{"registryArn":"r"}])"), 2U);
    EXPECT_EQ(deployments(R"("forceNewDeployment":true)"), 3U);
}

TEST(ServiceUpdates, MembersThatAreNotSaidStayAsTheyWere) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("CreateService", create(std::string(one) + R"(,"deploymentConfiguration":{"maximumPercent":150,
        "minimumHealthyPercent":50,"deploymentCircuitBreaker":{"enable":true,"rollback":true}},
        "propagateTags":"SERVICE")"));
    const auto service =
        aws.ecs("UpdateService", R"({"cluster":"c","service":"s","deploymentConfiguration":{"maximumPercent":175}})")
            .at("service");
    EXPECT_EQ(service.at("deploymentConfiguration").at("maximumPercent"), 175);
    EXPECT_EQ(service.at("deploymentConfiguration").at("minimumHealthyPercent"), 50);
    EXPECT_EQ(service.at("deploymentConfiguration").at("deploymentCircuitBreaker").at("rollback"), true);
    EXPECT_EQ(service.at("propagateTags"), "SERVICE");
    EXPECT_EQ(service.at("desiredCount"), 1);
}

TEST(ServiceUpdates, ARefusedOneChangesNothing) {
    AwsClient aws;
    aws.make_service();
    const auto before = aws.ecs("DescribeServices", R"({"cluster":"c","services":["s"]})");
    EXPECT_EQ(
        aws.ecs_refusal("UpdateService", R"({"cluster":"c","service":"s","desiredCount":5,"taskDefinition":"no"})"),
        "ClientException: TaskDefinition not found.");
    EXPECT_EQ(aws.ecs_refusal("UpdateService", R"({"cluster":"c","service":"s","desiredCount":-1})"),
              "InvalidParameterException: 1 validation error detected: Value '-1' at 'desiredCount' failed to satisfy "
              "constraint: Member must have value greater than or equal to 0");
    EXPECT_EQ(aws.ecs_refusal("UpdateService", R"({"cluster":"c","service":"s","desiredCount":5,
        "deploymentConfiguration":{"maximumPercent":100}})"),
              "InvalidParameterException: Availability Zone Rebalancing does not support maximumPercent <= 100 % as "
              "deployment configuration.");
    EXPECT_EQ(aws.ecs("DescribeServices", R"({"cluster":"c","services":["s"]})"), before);
    EXPECT_EQ(aws.ecs_refusal("UpdateService", R"({"cluster":"c","service":"x","desiredCount":5})"),
              "ServiceNotFoundException: Service not found.");
}

TEST(ServiceDeletion, NeedsForceOrADesiredCountOfZero) {
    AwsClient aws;
    aws.make_service();
    EXPECT_EQ(aws.ecs_refusal("DeleteService", R"({"cluster":"c","service":"s"})"),
              "InvalidParameterException: The service cannot be stopped while it is scaled above 0.");
    const auto gone = aws.ecs("DeleteService", R"({"cluster":"c","service":"s","force":true})").at("service");
    EXPECT_EQ(gone.at("status"), "DRAINING");
    EXPECT_EQ(aws.ecs("ListServices", R"({"cluster":"c"})").at("serviceArns"), json::array());
    EXPECT_EQ(aws.ecs_refusal("UpdateService", R"({"cluster":"c","service":"s","desiredCount":5})"),
              "ServiceNotActiveException: Service was not ACTIVE.");
    EXPECT_EQ(aws.ecs_refusal("CreateService", create(one)),
              "InvalidParameterException: Unable to Start a service that is still Draining.");
}

TEST(ServiceDescriptions, TellWhatIsMissing) {
    AwsClient aws;
    aws.make_service();
    const auto told = aws.ecs("DescribeServices", R"({"cluster":"c","services":["s","x",
        "arn:aws:ecs:us-east-1:000000000000:service/other/s"]})");
    EXPECT_EQ(told.at("services").as_array().size(), 1U);
    EXPECT_EQ(told.at("failures").at(0).at("arn"), json::value(ecs_arns + "service/c/x"));
    EXPECT_EQ(told.at("failures").at(1).at("arn"), json::value(ecs_arns + "service/other/s"));
    EXPECT_EQ(aws.ecs_refusal("DescribeServices", R"({"cluster":"c","services":[]})"),
              "InvalidParameterException: Services cannot be empty.");
    EXPECT_EQ(aws.ecs_refusal("DescribeServices",
                              R"({"cluster":"c","services":["1","2","3","4","5","6","7","8","9","10","11"]})"),
              "InvalidParameterException: Services can have at most 10 items.");
}

TEST(ServiceLists, ComeInPagesOfTenAndFilter) {
    AwsClient aws;
    aws.make_cluster();
    for (int i = 0; i < 12; ++i) {
        aws.ecs("CreateService", create(R"(,"taskDefinition":"app","desiredCount":0)", "s" + std::to_string(i)));
    }
    const auto first = aws.ecs("ListServices", R"({"cluster":"c"})");
    EXPECT_EQ(first.at("serviceArns").as_array().size(), 10U);
    const auto second =
        aws.ecs("ListServices", R"({"cluster":"c","nextToken":")" + text(first.at("nextToken")) + "\"}");
    EXPECT_EQ(second.at("serviceArns").as_array().size(), 2U);
    EXPECT_FALSE(second.contains("nextToken"));
    EXPECT_EQ(aws.ecs("ListServices", R"({"cluster":"c","launchType":"FARGATE"})").at("serviceArns"), json::array());
    EXPECT_EQ(aws.ecs_refusal("ListServices", R"({"cluster":"c","nextToken":"guess"})"),
              "InvalidParameterException: Invalid token");
    EXPECT_TRUE(aws.ecs_refusal("ListServices", R"({"cluster":"c","maxResults":101})")
                    .ends_with("Member must have value less than or equal to 100"));
}

} // namespace
} // namespace ecsr::local
