// Elastic Load Balancing and STS: form parameters out, XML in.
#include "aws/elbv2/client.hpp"
#include "aws/sts/client.hpp"
#include "tests/support/scripted_caller.hpp"

#include <gmock/gmock.h>

namespace ecsr::aws {
namespace {

using ::testing::HasSubstr;
using testing::ScriptedCall;
using testing::ScriptedCaller;
using ::testing::SizeIs;

// As captured from AWS: a declaration, a name space, white space, an empty element.
const std::string recorded_groups = R"(<?xml version="1.0"?>
<DescribeTargetGroupsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
  <DescribeTargetGroupsResult>
    <TargetGroups>
      <member>
        <TargetGroupArn>arn:tg/web</TargetGroupArn><TargetGroupName>web</TargetGroupName><Protocol>HTTP</Protocol>
        <Port> 8080 </Port><VpcId>vpc-1</VpcId><HealthCheckEnabled>true</HealthCheckEnabled>
        <HealthCheckIntervalSeconds>5</HealthCheckIntervalSeconds><HealthyThresholdCount>2</HealthyThresholdCount>
        <Matcher><HttpCode>200-299</HttpCode></Matcher><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns>
        <TargetType>ip</TargetType>
      </member>
      <member><TargetGroupArn>arn:tg/fn</TargetGroupArn><Port/><Matcher/></member>
    </TargetGroups>
  </DescribeTargetGroupsResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</DescribeTargetGroupsResponse>)";

template <class Call>
auto call_once(ScriptedCall scripted, Call call) {
    ScriptedCaller caller({std::move(scripted)});
    auto answer = call(elbv2::Client(caller));
    EXPECT_EQ(caller.unused(), 0U);
    return answer;
}

auto describe_groups(Result<std::string> answer) {
    return call_once({"DescribeTargetGroups",
                      "TargetGroupArns.member.1=arn%3Atg%2Fweb&TargetGroupArns.member.2=arn%3Atg%2Ffn",
                      std::move(answer)},
                     [](elbv2::Client client) {
                         elbv2::DescribeTargetGroupsRequest request;
                         request.target_group_arns = {"arn:tg/web", "arn:tg/fn"};
                         return client.describe_target_groups(request, {});
                     });
}

TEST(Elbv2Client, ReadsRecordedTargetGroupsIntoTheModel) {
    const auto answer = describe_groups(recorded_groups);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_THAT(answer->target_groups, SizeIs(2));
    EXPECT_EQ(answer->target_groups[0].port, 8080);
    EXPECT_EQ(answer->target_groups[0].health_check_enabled, true);
    EXPECT_EQ(answer->target_groups[0].matcher->http_code, "200-299");
    EXPECT_EQ(answer->target_groups[0].load_balancer_arns, std::vector<std::string>{"arn:lb"});
    EXPECT_EQ(answer->target_groups[1].port, std::nullopt);
    const ecsr::TargetGroup web = to_model(answer->target_groups[0], {{"deregistration_delay.timeout_seconds", "30"}});
    EXPECT_EQ(web.health_check_interval, Seconds(5));
    EXPECT_EQ(web.healthy_threshold, 2);
    EXPECT_EQ(web.deregistration_delay, Seconds(30));
    const ecsr::TargetGroup function = to_model(answer->target_groups[1], {});
    EXPECT_EQ(function.target_type, "instance");
    EXPECT_EQ(function.deregistration_delay, Seconds(300));
    EXPECT_EQ(function.health_check_interval, Seconds(30));
}

TEST(Elbv2Client, ReadsTargetHealthWithAndWithoutAReason) {
    const auto answer = call_once(
        {"DescribeTargetHealth", "TargetGroupArn=tg&Targets.member.1.Id=10.0.0.7&Targets.member.1.Port=80",
         "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>"
         "<member><HealthCheckPort>80</HealthCheckPort><TargetHealth><State>healthy</State></TargetHealth>"
         "<Target><Id>10.0.0.7</Id><Port>80</Port><AvailabilityZone>eu-west-1a</AvailabilityZone></Target></member>"
         "<member><TargetHealth><State>draining</State><Reason>Target.DeregistrationInProgress</Reason>"
         "<Description>Target deregistration is in "
         "progress</Description></TargetHealth><Target><Id>i-1</Id><Port>49153</Port></Target>"
         "</member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"},
        [](elbv2::Client client) {
            return client.describe_target_health({"tg", {{.id = "10.0.0.7", .port = 80, .availability_zone = {}}}}, {});
        });
    ASSERT_TRUE(answer) << answer.error().message;
    const ecsr::TargetHealth draining = to_model("tg", answer->target_health_descriptions.at(1));
    EXPECT_EQ(draining.target_group_arn, "tg");
    EXPECT_EQ(draining.target_id, "i-1");
    EXPECT_EQ(draining.port, 49153);
    EXPECT_EQ(draining.state, "draining");
    EXPECT_EQ(draining.reason, "Target.DeregistrationInProgress");
    EXPECT_EQ(to_model("tg", answer->target_health_descriptions.at(0)).reason, "");
}

TEST(Elbv2Client, AWrongValueAtAnyLevelIsAnErrorThatSaysWhere) {
    const auto group = [](const std::string& inside) {
        return "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups><member/><member>" + inside +
               "</member></TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>";
    };
    const std::vector<std::pair<std::string, std::string>> spoilt{
        {group("<Port>http</Port>"), R"($.TargetGroups[1].Port: expected a whole number, got "http")"},
        {group("<Port>99999999999</Port>"), R"($.TargetGroups[1].Port: expected a whole number, got "99999999999")"},
        {group("<HealthCheckEnabled>yes</HealthCheckEnabled>"),
         R"($.TargetGroups[1].HealthCheckEnabled: expected true or false, got "yes")"},
        {"<DescribeTargetGroupsResponse/>", "expected <DescribeTargetGroupsResponse><DescribeTargetGroupsResult>"},
        {"<html><body/></html>", "got <html>"},
        {R"({"TargetGroups":[]})", "not XML: "},
        {"", "not XML: "},
        {recorded_groups.substr(0, recorded_groups.size() / 2), "not XML: "},
    };
    for (const auto& [body, complaint] : spoilt) {
        const auto answer = describe_groups(body);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().kind, ErrorKind::Remote);
        EXPECT_THAT(answer.error().message, HasSubstr("elasticloadbalancing DescribeTargetGroups: "));
        EXPECT_THAT(answer.error().message, HasSubstr(complaint));
    }
}

TEST(Elbv2Client, MarkersAreFollowed) {
    const auto page = [](const std::string& arn, const std::string& next) {
        return "<DescribeListenersResponse><DescribeListenersResult><Listeners><member><ListenerArn>" + arn +
               "</ListenerArn><Port>80</Port><DefaultActions><member><Type>forward</Type></member></DefaultActions></"
               "member></Listeners>" +
               next + "</DescribeListenersResult></DescribeListenersResponse>";
    };
    ScriptedCaller caller({{"DescribeListeners", "LoadBalancerArn=lb", page("l1", "<NextMarker>m+2</NextMarker>")},
                           {"DescribeListeners", "LoadBalancerArn=lb&Marker=m%2B2", page("l2", "")}});
    elbv2::DescribeListenersRequest request;
    request.load_balancer_arn = "lb";
    const auto answer = elbv2::Client(caller).describe_listeners(request, {});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_THAT(answer->listeners, SizeIs(2));
    EXPECT_EQ(answer->listeners[1].listener_arn, "l2");
    EXPECT_EQ(answer->listeners[1].default_actions.at(0).type, "forward");
}

TEST(Elbv2Client, CreatesAndDeletesWhatADemoNeeds) {
    ScriptedCaller caller(
        {{"CreateTargetGroup",
          "Name=web&Protocol=HTTP&Port=80&HealthCheckPath=%2Fhealth&HealthCheckIntervalSeconds=5&Matcher.HttpCode=200&"
          "TargetType=ip",
          "<CreateTargetGroupResponse><CreateTargetGroupResult><TargetGroups><member><TargetGroupArn>tg</"
          "TargetGroupArn></member>"
          "</TargetGroups></CreateTargetGroupResult></CreateTargetGroupResponse>"},
         {"ModifyTargetGroupAttributes",
          "TargetGroupArn=tg&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=5",
          "<ModifyTargetGroupAttributesResponse><ModifyTargetGroupAttributesResult><Attributes/></"
          "ModifyTargetGroupAttributesResult>"
          "</ModifyTargetGroupAttributesResponse>"},
         {"CreateLoadBalancer", "Name=lb&Subnets.member.1=s1&Subnets.member.2=s2&Type=application",
          "<CreateLoadBalancerResponse><CreateLoadBalancerResult><LoadBalancers><member><LoadBalancerArn>lb</"
          "LoadBalancerArn>"
          "<DNSName>lb.local</DNSName><State><Code>active</Code></State></member></LoadBalancers></"
          "CreateLoadBalancerResult>"
          "</CreateLoadBalancerResponse>"},
         {"CreateListener",
          "LoadBalancerArn=lb&Protocol=HTTP&Port=8080&DefaultActions.member.1.Type=forward&DefaultActions.member.1."
          "TargetGroupArn=tg",
          "<CreateListenerResponse><CreateListenerResult><Listeners><member><ListenerArn>l</ListenerArn></member></"
          "Listeners>"
          "</CreateListenerResult></CreateListenerResponse>"},
         {"DeleteListener", "ListenerArn=l",
          "<DeleteListenerResponse><DeleteListenerResult/></DeleteListenerResponse>"},
         {"DeleteLoadBalancer", "LoadBalancerArn=lb", "<DeleteLoadBalancerResponse></DeleteLoadBalancerResponse>"},
         {"DeleteTargetGroup", "TargetGroupArn=tg", "<DeleteTargetGroupResponse/>"}});
    elbv2::Client client(caller);
    elbv2::CreateTargetGroupRequest group;
    group.name = "web";
    group.protocol = "HTTP";
    group.port = 80;
    group.health_check_path = "/health";
    group.health_check_interval_seconds = 5;
    group.matcher = {"200"};
    group.target_type = "ip";
    EXPECT_EQ(client.create_target_group(group, {})->target_groups.at(0).target_group_arn, "tg");
    EXPECT_TRUE(client.modify_target_group_attributes({"tg", {{"deregistration_delay.timeout_seconds", "5"}}}, {}));
    const auto balancer = client.create_load_balancer({"lb", {"s1", "s2"}, "", "application"}, {});
    EXPECT_EQ(balancer->load_balancers.at(0).dns_name, "lb.local");
    EXPECT_EQ(balancer->load_balancers.at(0).state->code, "active");
    EXPECT_EQ(client.create_listener({"lb", "HTTP", 8080, {{"forward", "tg"}}}, {})->listeners.at(0).listener_arn, "l");
    EXPECT_TRUE(client.delete_listener({"l"}, {}));
    EXPECT_TRUE(client.delete_load_balancer({"lb"}, {}));
    EXPECT_TRUE(client.delete_target_group({"tg"}, {}));
    EXPECT_EQ(caller.unused(), 0U);
}

TEST(StsClient, TellsWhoCalls) {
    ScriptedCaller caller(
        {{"GetCallerIdentity", "",
          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>U</UserId>"
          "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"}});
    const auto answer = sts::Client(caller).get_caller_identity({}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->account, "123456789012");
    EXPECT_EQ(answer->arn, "arn:aws:iam::1:user/a");
}

TEST(StsClient, AssumesARoleWithAnExpiry) {
    const auto answer = [](const std::string& expiration) {
        ScriptedCaller caller(
            {{"AssumeRole", "RoleArn=arn%3Arole&RoleSessionName=me&DurationSeconds=900&ExternalId=x",
              "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</"
              "SecretAccessKey>"
              "<SessionToken>T</SessionToken><Expiration>" +
                  expiration + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"}});
        return sts::Client(caller).assume_role({"arn:role", "me", 900, "x"}, {});
    };
    const auto good = answer("2026-01-02T04:04:05Z");
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->credentials.access_key_id, "A");
    EXPECT_EQ(to_rfc3339(good->credentials.expiration), "2026-01-02T04:04:05Z");
    const auto bad = answer("soon");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, R"(sts AssumeRole: $.Credentials.Expiration: expected a time, got "soon")");
}

} // namespace
} // namespace ecsr::aws
