#include "local/scheduler/operations.hpp"
#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

TEST(TargetGroups, HaveTheDefaultsOfAnAlb) {
    AwsClient aws;
    const auto arn = aws.make_target_group("g");
    EXPECT_TRUE(arn.starts_with("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/g/"));
    const TargetGroup& group = aws.state.target_groups.at(arn);
    EXPECT_EQ(group.health_check_interval, Seconds(30));
    EXPECT_EQ(group.healthy_threshold, 5);
    EXPECT_EQ(group.matcher, "200");
    EXPECT_EQ(deregistration_delay(group), Seconds(300));
}

TEST(TargetGroups, AreModifiedMemberByMember) {
    AwsClient aws;
    const auto arn = aws.make_target_group("g", "&HealthCheckPath=/a&Matcher.HttpCode=200,202-299");
    EXPECT_EQ(aws.elb("Action=ModifyTargetGroup&TargetGroupArn=" + arn +
                          "&HealthCheckIntervalSeconds=5&HealthCheckTimeoutSeconds=2",
                      "ModifyTargetGroupResult/TargetGroups/member/HealthCheckPath"),
              "/a");
    EXPECT_EQ(aws.state.target_groups.at(arn).health_check_interval, Seconds(5));
    aws.elb("Action=ModifyTargetGroupAttributes&TargetGroupArn=" + arn +
                "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=3",
            "");
    EXPECT_EQ(deregistration_delay(aws.state.target_groups.at(arn)), Seconds(3));
}

TEST(TargetGroups, OutOfRangeAreRefusedAndStayAsTheyWere) {
    AwsClient aws;
    const auto arn = aws.make_target_group("g");
    const auto modify = [&](const std::string& members) {
        return aws.elb_refusal("Action=ModifyTargetGroup&TargetGroupArn=" + arn + members);
    };
    EXPECT_EQ(
        modify("&HealthCheckIntervalSeconds=4"),
        "ValidationError: 1 validation error detected: Value '4' at 'healthCheckIntervalSeconds' failed to satisfy "
        "constraint: Member must have value greater than or equal to 5");
    EXPECT_EQ(modify("&HealthCheckPath=/new&HealthCheckIntervalSeconds=5"),
              "ValidationError: Health check interval must be greater than the timeout.");
    EXPECT_EQ(modify("&HealthyThresholdCount=x"),
              "MalformedInput: healthyThresholdCount must be a whole number of 32 bits");
    EXPECT_EQ(modify("&HealthCheckEnabled=maybe"), "MalformedInput: healthCheckEnabled must be true or false");
    EXPECT_EQ(modify("&HealthCheckPath=nowhere"),
              "ValidationError: Health check path 'nowhere' must begin with a '/' character");
    EXPECT_EQ(modify("&HealthCheckPort=0"),
              "ValidationError: Health check port '0' must be 'traffic-port' or in the range 1-65535");
    EXPECT_EQ(modify("&Matcher.HttpCode=500"),
              "ValidationError: Health check matcher HTTP code '500' must be within '200-499' inclusive");
    EXPECT_EQ(
        aws.elb_refusal("Action=ModifyTargetGroupAttributes&TargetGroupArn=" + arn +
                        "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=3601"),
        "ValidationError: 'deregistration_delay.timeout_seconds' must be between '0' and '3600' inclusive");
    EXPECT_EQ(aws.state.target_groups.at(arn).health_check_path, "/");
}

TEST(TargetGroups, WithBadNamesOrKindsAreRefused) {
    AwsClient aws;
    const auto create = [&](const std::string& members) {
        return aws.elb_refusal("Action=CreateTargetGroup" + members);
    };
    EXPECT_EQ(
        create("&Name=-a&Protocol=HTTP&Port=80"),
        "ValidationError: Target group name '-a' can only contain characters that are alphanumeric characters and "
        "hyphens(-), and cannot begin or end with a hyphen");
    EXPECT_EQ(
        create("&Name=a23456789012345678901234567890123&Protocol=HTTP&Port=80"),
        "ValidationError: Target group name 'a23456789012345678901234567890123' cannot be longer than '32' characters");
    EXPECT_EQ(create("&Name=a&Protocol=HTTP"), "ValidationError: A port must be specified");
    EXPECT_EQ(create("&Name=a&Protocol=TCP&Port=80"), "InvalidConfigurationRequest: The local ECS has target groups of "
                                                      "protocol HTTP and of target type ip or instance alone.");
}

TEST(TargetGroups, TheSameNameMeansTheSameGroupOrAnError) {
    AwsClient aws;
    const auto arn = aws.make_target_group("g");
    EXPECT_EQ(aws.make_target_group("g"), arn);
    EXPECT_EQ(aws.elb_refusal("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=81&TargetType=ip"),
              "DuplicateTargetGroupName: A target group with the same name 'g' exists, but with different settings");
}

TEST(TargetGroups, AreDescribedByNameArnAndLoadBalancer) {
    AwsClient aws;
    const auto used = aws.make_target_group("used");
    aws.make_target_group("unused");
    const auto balancer = aws.make_load_balancer("b");
    aws.make_listener(balancer, used, 80);
    const std::string path = "DescribeTargetGroupsResult/TargetGroups/member/TargetGroupName";
    EXPECT_EQ(aws.elb("Action=DescribeTargetGroups&Names.member.1=unused", path), "unused");
    EXPECT_EQ(aws.elb("Action=DescribeTargetGroups&TargetGroupArns.member.1=" + used, path), "used");
    EXPECT_EQ(aws.elb("Action=DescribeTargetGroups&LoadBalancerArn=" + balancer, path), "used");
    EXPECT_EQ(aws.elb_refusal("Action=DescribeTargetGroups&Names.member.1=x"),
              "TargetGroupNotFound: One or more target groups not found");
    EXPECT_EQ(aws.elb_refusal("Action=DescribeTargetGroups&LoadBalancerArn=x"),
              "LoadBalancerNotFound: Load balancer 'x' not found");
}

TEST(TargetGroups, ComeInPages) {
    AwsClient aws;
    for (const char* name : {"a", "b", "c"}) { aws.make_target_group(name); }
    const auto marker = aws.elb("Action=DescribeTargetGroups&PageSize=2", "DescribeTargetGroupsResult/NextMarker");
    ASSERT_FALSE(marker.empty());
    EXPECT_EQ(
        aws.elb("Action=DescribeTargetGroups&PageSize=2&Marker=" + marker, "DescribeTargetGroupsResult/NextMarker"),
        "");
    EXPECT_EQ(aws.elb_refusal("Action=DescribeTargetGroups&Marker=x"), "ValidationError: The marker is not valid.");
}

TEST(TargetGroups, InUseCannotBeDeleted) {
    AwsClient aws;
    const auto group = aws.make_target_group("g");
    const auto balancer = aws.make_load_balancer("b");
    const auto listener = aws.make_listener(balancer, group, 80);
    EXPECT_EQ(aws.elb_refusal("Action=DeleteTargetGroup&TargetGroupArn=" + group),
              "ResourceInUse: Target group '" + group + "' is currently in use by a listener or a rule");
    aws.elb("Action=DeleteLoadBalancer&LoadBalancerArn=" + balancer, "");
    EXPECT_TRUE(aws.state.listeners.empty());
    aws.elb("Action=DeleteTargetGroup&TargetGroupArn=" + group, "");
    aws.elb("Action=DeleteTargetGroup&TargetGroupArn=" + group, "");
    EXPECT_TRUE(aws.state.target_groups.empty());
}

TEST(LoadBalancers, AreOnThisMachine) {
    AwsClient aws;
    const auto arn = aws.make_load_balancer("b");
    EXPECT_TRUE(arn.starts_with("arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/b/"));
    const std::string path = "DescribeLoadBalancersResult/LoadBalancers/member/";
    EXPECT_EQ(aws.elb("Action=DescribeLoadBalancers&Names.member.1=b", path + "DNSName"), "localhost");
    EXPECT_EQ(aws.elb("Action=DescribeLoadBalancers&LoadBalancerArns.member.1=" + arn, path + "State/Code"), "active");
    EXPECT_EQ(aws.elb("Action=DescribeLoadBalancers", path + "CreatedTime"), to_rfc3339(aws.now));
    EXPECT_EQ(aws.elb_refusal("Action=DescribeLoadBalancers&Names.member.1=x"),
              "LoadBalancerNotFound: Load balancers '[x]' not found");
}

TEST(LoadBalancers, OfOtherTypesOrWithTakenNamesAreRefused) {
    AwsClient aws;
    aws.make_load_balancer("b");
    aws.make_load_balancer("b");
    EXPECT_EQ(aws.elb_refusal("Action=CreateLoadBalancer&Name=b&Scheme=internal"),
              "DuplicateLoadBalancerName: A load balancer with the same name 'b' exists, but with different settings");
    EXPECT_EQ(aws.elb_refusal("Action=CreateLoadBalancer&Name=n&Type=network"),
              "InvalidConfigurationRequest: The local ECS has load balancers of type application alone.");
}

TEST(LoadBalancers, ProtectedAgainstDeletionStay) {
    AwsClient aws;
    const auto arn = aws.make_load_balancer("b");
    aws.elb("Action=ModifyLoadBalancerAttributes&LoadBalancerArn=" + arn +
                "&Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value=true",
            "");
    EXPECT_TRUE(
        aws.elb_refusal("Action=DeleteLoadBalancer&LoadBalancerArn=" + arn).starts_with("OperationNotPermitted: "));
    EXPECT_EQ(aws.state.load_balancers.size(), 1U);
}

class Listeners : public ::testing::Test {
protected:
    void SetUp() override {
        group = aws.make_target_group("g");
        balancer = aws.make_load_balancer("b");
    }
    std::string create(const std::string& members) {
        return aws.elb_refusal("Action=CreateListener&LoadBalancerArn=" + balancer + members);
    }
    std::string action() const {
        return "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group;
    }

    AwsClient aws;
    std::string group, balancer;
};

TEST_F(Listeners, TellThePortThatAnswers) {
    const auto arn = aws.make_listener(balancer, group, 80);
    const std::string path = "DescribeListenersResult/Listeners/member/";
    EXPECT_EQ(aws.elb("Action=DescribeListeners&LoadBalancerArn=" + balancer, path + "Port"), "80");
    aws.state.listeners.at(arn).bound_port = 41234;
    EXPECT_EQ(aws.elb("Action=DescribeListeners&ListenerArns.member.1=" + arn, path + "Port"), "41234");
    EXPECT_EQ(aws.elb("Action=DescribeListeners&ListenerArns.member.1=" + arn,
                      path + "DefaultActions/member/ForwardConfig/TargetGroups/member/TargetGroupArn"),
              group);
}

TEST_F(Listeners, ForwardToOneGroupOrAreRefused) {
    EXPECT_EQ(
        create("&Protocol=HTTP&Port=80"),
        "ValidationError: 1 validation error detected: Value null at 'defaultActions' failed to satisfy constraint: "
        "Member must not be null");
    EXPECT_EQ(create("&Protocol=HTTP" + action()), "ValidationError: A listener port must be specified");
    EXPECT_EQ(create("&Protocol=HTTPS&Port=80" + action()),
              "ValidationError: Listener protocol 'HTTPS' must be one of 'HTTP'");
    EXPECT_EQ(
        create("&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=redirect&DefaultActions.member.1.TargetGroupArn=x"),
        "InvalidLoadBalancerAction: The local ECS has listener actions of type forward alone, not 'redirect'.");
    EXPECT_EQ(create("&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward"),
              "ValidationError: A target group ARN must be specified");
    EXPECT_EQ(
        create("&Protocol=HTTP&Port=80&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=x"),
        "TargetGroupNotFound: Target group 'x' not found");
    EXPECT_EQ(aws.elb_refusal("Action=CreateListener&LoadBalancerArn=x&Protocol=HTTP&Port=80" + action()),
              "LoadBalancerNotFound: Load balancer 'x' not found");
    EXPECT_TRUE(aws.state.listeners.empty());
}

TEST_F(Listeners, ShareNoPortAndNoGroupWithAnotherLoadBalancer) {
    aws.make_listener(balancer, group, 80);
    EXPECT_EQ(create("&Protocol=HTTP&Port=80" + action()),
              "DuplicateListener: A listener already exists on this port for this load balancer '" + balancer + "'");
    const auto other = aws.make_load_balancer("other");
    EXPECT_TRUE(aws.elb_refusal("Action=CreateListener&LoadBalancerArn=" + other + "&Protocol=HTTP&Port=80" + action())
                    .starts_with("TargetGroupAssociationLimit: "));
}

TEST_F(Listeners, AreModifiedAndDeleted) {
    const auto arn = aws.make_listener(balancer, group, 80);
    aws.state.listeners.at(arn).bound_port = 41234;
    const auto second = aws.make_target_group("second");
    aws.elb("Action=ModifyListener&ListenerArn=" + arn +
                "&DefaultActions.member.1.Type=forward&DefaultActions.member.1." +
                "ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + second,
            "");
    EXPECT_EQ(aws.state.listeners.at(arn).target_group_arn, second);
    EXPECT_EQ(aws.state.listeners.at(arn).bound_port, 41234);
    EXPECT_EQ(
        aws.elb("Action=ModifyListener&ListenerArn=" + arn + "&Port=81", "ModifyListenerResult/Listeners/member/Port"),
        "81");
    aws.elb("Action=DeleteListener&ListenerArn=" + arn, "");
    EXPECT_EQ(aws.elb_refusal("Action=DeleteListener&ListenerArn=" + arn),
              "ListenerNotFound: One or more listeners not found");
    EXPECT_EQ(aws.elb_refusal("Action=DescribeListeners"),
              "ValidationError: You must specify either listener ARNs or a load balancer ARN");
}

class TargetHealth : public Listeners {
protected:
    void SetUp() override {
        Listeners::SetUp();
        aws.make_listener(balancer, group, 80);
        aws.elb("Action=RegisterTargets&TargetGroupArn=" + group +
                    "&Targets.member.1.Id=127.1.2.3&Targets.member.1.Port=8080",
                "");
    }
    // "state reason description" of the only target.
    std::string health(const std::string& members = "") {
        const auto answer = aws.query_raw(
            "elasticloadbalancing", "Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=" + group + members);
        const std::string path = "DescribeTargetHealthResult/TargetHealthDescriptions/member/TargetHealth/";
        return AwsClient::text_at(answer, path + "State") + "|" + AwsClient::text_at(answer, path + "Reason") + "|" +
               AwsClient::text_at(answer, path + "Description");
    }
    Target& target() { return aws.state.target_groups.at(group).targets.at(0); }
};

TEST_F(TargetHealth, IsInitialHealthyOrUnhealthyAsTheBalancerSays) {
    EXPECT_EQ(health(), "initial|Elb.RegistrationInProgress|Target registration is in progress");
    target().state = TargetState::Healthy;
    EXPECT_EQ(health(), "healthy||");
    target().state = TargetState::Unhealthy;
    target().reason = "Target.ResponseCodeMismatch";
    target().description = "Health checks failed with these codes: [503]";
    EXPECT_EQ(health(), "unhealthy|Target.ResponseCodeMismatch|Health checks failed with these codes: [503]");
}

TEST_F(TargetHealth, IsUnusedWithoutAListenerAndUnavailableWithoutChecks) {
    target().state = TargetState::Healthy;
    aws.elb("Action=ModifyTargetGroup&HealthCheckEnabled=false&TargetGroupArn=" + group, "");
    EXPECT_EQ(health(), "unavailable|Target.HealthCheckDisabled|Health checks are disabled");
    aws.state.listeners.clear();
    EXPECT_EQ(health(),
              "unused|Target.NotInUse|Target group is not configured to receive traffic from the load balancer");
}

TEST_F(TargetHealth, IsDrainingAfterDeregistration) {
    target().state = TargetState::Healthy;
    aws.elb("Action=DeregisterTargets&TargetGroupArn=" + group +
                "&Targets.member.1.Id=127.1.2.3&Targets.member.1.Port=8080",
            "");
    EXPECT_EQ(health(), "draining|Target.DeregistrationInProgress|Target deregistration is in progress");
}

TEST_F(TargetHealth, OfWhatIsNotRegisteredIsUnused) {
    EXPECT_EQ(health("&Targets.member.1.Id=127.1.2.4"),
              "unused|Target.NotRegistered|Target is not registered to the target group");
}

TEST_F(TargetHealth, WantsTargetsThatFitTheGroup) {
    const auto add = [&](const std::string& id) {
        return aws.elb_refusal("Action=RegisterTargets&TargetGroupArn=" + group + "&Targets.member.1.Id=" + id);
    };
    EXPECT_EQ(add("i-1"), "ValidationError: The IP address 'i-1' is not a valid IPv4 address");
    EXPECT_EQ(add("127.0.0.256"), "ValidationError: The IP address '127.0.0.256' is not a valid IPv4 address");
    EXPECT_TRUE(aws.elb_refusal("Action=RegisterTargets&TargetGroupArn=" + group + "&Targets=")
                    .starts_with("ValidationError: "));
}

TEST(ElbTags, AreAddedToldAndRemovedOnAllKinds) {
    AwsClient aws;
    const auto group = aws.make_target_group("g", "&Tags.member.1.Key=first&Tags.member.1.Value=1");
    const auto balancer = aws.make_load_balancer("b");
    const auto listener = aws.make_listener(balancer, group, 80);
    const std::string all =
        "&ResourceArns.member.1=" + group + "&ResourceArns.member.2=" + balancer + "&ResourceArns.member.3=" + listener;
    aws.elb("Action=AddTags" + all + "&Tags.member.1.Key=k&Tags.member.1.Value=v", "");
    aws.elb("Action=RemoveTags&TagKeys.member.1=first" + all, "");
    const std::map<std::string, std::string> wanted = {{"k", "v"}};
    EXPECT_EQ(aws.state.target_groups.at(group).tags, wanted);
    EXPECT_EQ(aws.state.load_balancers.at(balancer).tags, wanted);
    EXPECT_EQ(aws.state.listeners.at(listener).tags, wanted);
    EXPECT_EQ(aws.elb("Action=DescribeTags" + all, "DescribeTagsResult/TagDescriptions/member/Tags/member/Value"), "v");
    EXPECT_EQ(aws.elb_refusal("Action=DescribeTags&ResourceArns.member.1=x"),
              "ValidationError: 'x' is not a valid resource ARN");
}

TEST(ListenerAttributes, AreKeptAndAnsweredBack) {
    AwsClient aws;
    const auto listener = aws.make_listener(aws.make_load_balancer("lb"), aws.make_target_group("g"), 80);
    const std::string value = "Attributes/member/Value";
    EXPECT_EQ(aws.elb("Action=DescribeListenerAttributes&ListenerArn=" + listener,
                      "DescribeListenerAttributesResult/" + value),
              "true");
    const std::string change =
        "&Attributes.member.1.Key=routing.http.response.server.enabled&Attributes.member.1.Value=false";
    EXPECT_EQ(aws.elb("Action=ModifyListenerAttributes&ListenerArn=" + listener + change,
                      "ModifyListenerAttributesResult/" + value),
              "false");
    EXPECT_EQ(aws.elb("Action=DescribeListenerAttributes&ListenerArn=" + listener,
                      "DescribeListenerAttributesResult/" + value),
              "false");
    EXPECT_TRUE(
        aws.elb_refusal("Action=DescribeListenerAttributes&ListenerArn=arn:nowhere").starts_with("ListenerNotFound"));
}

} // namespace
} // namespace ecsr::local
