#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

TEST(Routing, TheTargetHeaderTellsServiceAndOperation) {
    AwsClient aws;
    EXPECT_TRUE(aws.ecs("ListClusters", "{}").contains("clusterArns"));
    EXPECT_TRUE(aws.scaling("DescribeScalableTargets", R"({"ServiceNamespace":"ecs"})").contains("ScalableTargets"));
}

TEST(Routing, AnEmptyBodyIsAnEmptyRequest) {
    AwsClient aws;
    EXPECT_TRUE(aws.ecs("ListClusters", "").contains("clusterArns"));
}

TEST(Routing, TheCredentialScopeTellsWhoseActionItIs) {
    AwsClient aws;
    const auto sts = aws.query_raw("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    EXPECT_EQ(AwsClient::text_at(sts, "GetCallerIdentityResult/UserId"), "AKIDEXAMPLE");
}

TEST(Routing, WithoutAuthorizationTheVersionTells) {
    AwsClient aws;
    const auto answer = aws.send({"POST", "/", {}, "Action=DescribeLoadBalancers&Version=2015-12-01"});
    EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST(Routing, WithoutAVersionTheActionTells) {
    AwsClient aws;
    const auto answer = aws.send({"GET", "/?Action=GetCallerIdentity", {}, ""});
    EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST(Routing, AnActionThatTwoServicesHaveAndNothingElseTellsNone) {
    AwsClient aws;
    // CloudWatch alone lists tags with this name in Query; nobody has "Describe".
    const auto answer = aws.send({"POST", "/", {}, "Action=Describe"});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(AwsClient::text_at(answer, "Error/Code"), "InvalidAction");
}

TEST(Routing, TheClassicLoadBalancerApiIsNotMistakenForTheNewOne) {
    AwsClient aws;
    const auto answer = aws.query_raw("elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2012-06-01");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(AwsClient::text_at(answer, "Error/Message"),
              "Could not find operation DescribeLoadBalancers for version 2012-06-01");
}

TEST(Routing, ARequestThatTellsNothingIsUnrecognized) {
    AwsClient aws;
    const auto answer = aws.send({"POST", "/", {}, ""});
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(AwsClient::text_at(answer, "Error/Code"), "UnrecognizedClientException");
}

TEST(Routing, AnUnknownJsonOperationIsUnknown) {
    AwsClient aws;
    EXPECT_EQ(aws.ecs_raw("Frobnicate", "{}").status, 404);
    EXPECT_EQ(aws.ecs_refusal("Frobnicate", "{}"), "UnknownOperationException: ");
    EXPECT_EQ(AwsClient::refusal(aws.post_json("Logs_20140328.StartQuery", "{}")), "UnknownOperationException: ");
}

TEST(Routing, AKnownOperationThatThePlaneLacksIsUnsupported) {
    AwsClient aws;
    EXPECT_EQ(
        aws.ecs_refusal("StartTask", "{}"),
        "UnsupportedFeatureException: The local ECS does not support StartTask: it places tasks itself, on its one "
        "container instance: use RunTask.");
}

TEST(Errors, AJsonErrorNamesItsTypeInBodyAndHeader) {
    AwsClient aws;
    const auto answer = aws.ecs_raw("ListTasks", R"({"cluster":"nowhere"})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"__type":"ClusterNotFoundException","message":"Cluster not found."})");
    EXPECT_EQ(find_header(answer.headers, "x-amzn-ErrorType"), "ClusterNotFoundException");
    EXPECT_EQ(find_header(answer.headers, "Content-Type"), "application/x-amz-json-1.1");
    EXPECT_EQ(find_header(answer.headers, "x-amzn-RequestId").size(), 36U);
}

TEST(Errors, EveryRequestHasAnIdOfItsOwn) {
    AwsClient aws;
    const auto first = aws.ecs_raw("ListClusters", "{}");
    const auto second = aws.ecs_raw("ListClusters", "{}");
    EXPECT_NE(find_header(first.headers, "x-amzn-RequestId"), find_header(second.headers, "x-amzn-RequestId"));
}

TEST(Errors, AQueryErrorHasTypeCodeMessageAndRequestId) {
    AwsClient aws;
    const auto answer =
        aws.query_raw("elasticloadbalancing",
                      "Action=DescribeTargetGroups&Version=2015-12-01&TargetGroupArns.member.1=%3Cunknown%3E");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(AwsClient::text_at(answer, "Error/Type"), "Sender");
    EXPECT_EQ(AwsClient::text_at(answer, "Error/Code"), "TargetGroupNotFound");
    EXPECT_EQ(AwsClient::text_at(answer, "RequestId").size(), 36U);
    EXPECT_EQ(find_header(answer.headers, "Content-Type"), "text/xml");
}

TEST(Errors, CloudWatchTellsTheShortCodeToClientsThatAskForIt) {
    AwsClient aws;
    const std::string target = "GraniteServiceVersion20100801.SetAlarmState";
    const std::string body = R"({"AlarmName":"a","StateValue":"OK","StateReason":"r"})";
    const auto with = aws.post_json(target, body, "1.0", {{"x-amzn-query-mode", "true"}});
    EXPECT_EQ(find_header(with.headers, "x-amzn-query-error"), "ResourceNotFound;Sender");
    EXPECT_EQ(find_header(with.headers, "Content-Type"), "application/x-amz-json-1.0");
    const auto without = aws.post_json(target, body, "1.0");
    EXPECT_EQ(find_header(without.headers, "x-amzn-query-error"), "");
}

TEST(Errors, ABodyThatIsNoJsonObjectCannotBeRead) {
    AwsClient aws;
    EXPECT_TRUE(aws.ecs_refusal("ListClusters", "{").starts_with("SerializationException: The body is not JSON"));
    EXPECT_EQ(aws.ecs_refusal("ListClusters", "[]"), "SerializationException: The body is no JSON object.");
}

TEST(Errors, ParametersThatAreNotTextAreRefused) {
    AwsClient aws;
    EXPECT_EQ(aws.elb_refusal("Action=CreateLoadBalancer&Name=n&Subnets.member.1=%FF"),
              "MalformedInput: The parameters are not UTF-8 text.");
    EXPECT_TRUE(aws.state.load_balancers.empty());
}

TEST(Errors, AMemberOfTheWrongTypeIsNamed) {
    AwsClient aws;
    EXPECT_EQ(aws.ecs_refusal("ListClusters", R"({"maxResults":"ten"})"),
              "SerializationException: maxResults must be a whole number of 32 bits");
    EXPECT_EQ(aws.ecs_refusal("CreateCluster", R"({"settings":[{"name":1}]})"),
              "SerializationException: settings.1.member.name must be a string");
}

TEST(Errors, AMissingMemberIsNamedWithTheCodeOfItsService) {
    AwsClient aws;
    EXPECT_EQ(aws.scaling_refusal("DescribeScalableTargets", "{}"),
              "ValidationException: 1 validation error detected: Value null at 'serviceNamespace' failed to satisfy "
              "constraint: Member must not be null");
    EXPECT_EQ(aws.elb_refusal("Action=CreateLoadBalancer"),
              "ValidationError: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member "
              "must not be null");
}

TEST(OwnPages, HealthNamesTheServices) {
    AwsClient aws;
    for (const char* path : {"/", "/_local/health"}) {
        const auto answer = aws.send({"GET", path, {}, ""});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(
            answer.body,
            R"({"status":"ok","services":["ecs","application-autoscaling","elasticloadbalancing","monitoring","logs",)"
            R"("events","sns","sts"]})"
            "\n");
    }
}

TEST(OwnPages, MemoryTellsBytesPerTask) {
    AwsClient aws;
    aws.make_service(2);
    aws.let_the_scheduler_act();
    const auto answer = aws.send({"GET", "/_local/memory?cluster=c&service=s", {}, ""});
    const auto page = json::parse(answer.body).as_object();
    ASSERT_EQ(page.at("tasks").as_array().size(), 2U);
    const auto& task = page.at("tasks").as_array()[0].as_object();
    EXPECT_EQ(task.at("bytes").as_int64(), 1'024);
    EXPECT_EQ(task.at("containers").as_object().at("side").as_int64(), 24);
}

TEST(OwnPages, MemoryOfAnUnknownServiceSaysWhatToAskFor) {
    AwsClient aws;
    const auto answer = aws.send({"GET", "/_local/memory?cluster=c", {}, ""});
    EXPECT_EQ(answer.status, 404);
    EXPECT_NE(answer.body.find("/_local/memory?cluster=CLUSTER&service=SERVICE"), std::string::npos);
    EXPECT_EQ(aws.send({"GET", "/_local/unknown", {}, ""}).status, 404);
}

TEST(Changes, ReadingChangesNothingAndWritingTellsWhat) {
    AwsClient aws;
    aws.make_cluster();
    EXPECT_EQ(aws.last_change, Change::State);
    aws.ecs("ListClusters", "{}");
    EXPECT_EQ(aws.last_change, Change::Nothing);
    aws.make_target_group("g");
    EXPECT_EQ(aws.last_change, Change::Balancing);
    aws.ecs_refusal("CreateService", R"({"cluster":"c"})");
    EXPECT_EQ(aws.last_change, Change::Nothing);
}

} // namespace
} // namespace ecsr::local
