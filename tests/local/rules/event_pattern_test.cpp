// The examples of "Comparison operators for use in event patterns" and "Event patterns" in the EventBridge guide.
#include "local/rules/json_pattern.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

namespace json = boost::json;

bool matches(std::string_view pattern, const char* event) {
    const auto parsed = parse_event_pattern(pattern);
    EXPECT_TRUE(parsed) << pattern << ": " << parsed.error().message;
    return parsed && matches_event(*parsed, json::parse(event).as_object());
}

constexpr const char* instance_event = R"({"version":"0","id":"3e3c153a","detail-type":"EC2 Instance State-change",
    "source":"aws.ec2","account":"123456789012","time":"2022-04-28T00:00:00Z","region":"us-east-1",
    "resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-1","arn:other"],
    "detail":{"instance-id":"i-1","state":"stopping","c-count":5,"d-count":"12","x-limit":3.018e2,"source-ip":
    "10.0.0.123","eventName":"","EventTime":null,"nested":{"ok":true}}})";

TEST(EventPattern, EveryFieldMustHaveOneOfItsValues) {
    EXPECT_TRUE(matches(R"({"source":["aws.ec2"],"detail":{"state":["running","stopping"]}})", instance_event));
    EXPECT_FALSE(matches(R"({"source":["aws.ec2"],"detail":{"state":["running"]}})", instance_event));
    EXPECT_FALSE(matches(R"({"source":["aws.ec2"],"nowhere":["x"]})", instance_event));
}

TEST(EventPattern, EmptyTextAndNullAreValues) {
    EXPECT_TRUE(matches(R"({"detail":{"eventName":[""]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"EventTime":[null]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[null]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"absent":[null]}})", instance_event));
}

TEST(EventPattern, AListMatchesByAnyItem) {
    EXPECT_TRUE(matches(R"({"resources":["arn:other"]})", instance_event));
    EXPECT_TRUE(matches(R"({"resources":[{"prefix":"arn:aws:ec2:"}]})", instance_event));
    EXPECT_FALSE(matches(R"({"resources":["arn:third"]})", instance_event));
}

TEST(EventPattern, PrefixAndSuffix) {
    EXPECT_TRUE(matches(R"({"region":[{"prefix":"us-"}]})", instance_event));
    EXPECT_FALSE(matches(R"({"region":[{"prefix":"eu-"}]})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"prefix":{"equals-ignore-case":"STOP"}}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"suffix":"ping"}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"suffix":"PING"}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"suffix":{"equals-ignore-case":"PING"}}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"c-count":[{"prefix":"5"}]}})", instance_event));
}

TEST(EventPattern, EqualsIgnoringCase) {
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"equals-ignore-case":"StopPing"}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"equals-ignore-case":"stop"}]}})", instance_event));
}

TEST(EventPattern, AnythingBut) {
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"anything-but":"initializing"}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"anything-but":"stopping"}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"x-limit":[{"anything-but":123}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"anything-but":["stopped","overloaded"]}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"x-limit":[{"anything-but":[100,301.8]}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"absent":[{"anything-but":"x"}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"anything-but":{"prefix":"init"}}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"anything-but":{"prefix":["init","stop"]}}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"anything-but":{"suffix":"ping"}}]}})", instance_event));
    EXPECT_FALSE(
        matches(R"({"detail":{"state":[{"anything-but":{"equals-ignore-case":"STOPPING"}}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"anything-but":{"wildcard":"*pp*"}}]}})", instance_event));
}

TEST(EventPattern, Numbers) {
    EXPECT_TRUE(matches(R"({"detail":{"c-count":[{"numeric":[">",0,"<=",5]}],"x-limit":[{"numeric":["=",3.018e2]}]}})",
                        instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"c-count":[{"numeric":[">",5]}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"c-count":[{"numeric":[">=",5]}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"d-count":[{"numeric":["<",100]}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"c-count":[5.0]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"c-count":["5"]}})", instance_event));
}

TEST(EventPattern, Exists) {
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"exists":true}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"exists":false}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"absent":[{"exists":false}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"other":{"absent":[{"exists":false}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"nested":[{"exists":true}]}})", instance_event)) << "only leaves exist";
}

TEST(EventPattern, Wildcards) {
    EXPECT_TRUE(matches(R"({"detail":{"state":[{"wildcard":"s*p*g"}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"state":[{"wildcard":"s*x"}]}})", instance_event));
}

TEST(EventPattern, Networks) {
    EXPECT_TRUE(matches(R"({"detail":{"source-ip":[{"cidr":"10.0.0.0/24"}]}})", instance_event));
    EXPECT_FALSE(matches(R"({"detail":{"source-ip":[{"cidr":"10.0.1.0/24"}]}})", instance_event));
    EXPECT_TRUE(matches(R"({"detail":{"source-ip":[{"cidr":"0.0.0.0/0"}]}})", instance_event));
}

TEST(EventPattern, AlternativesStandBesideWhatMustHold) {
    const char* pattern = R"({"source":["aws.ec2"],"detail":{"$or":[{"c-count":[{"numeric":[">",100]}]},
        {"d-count":[{"numeric":["<",1]}]},{"x-limit":[{"numeric":["=",3.018e2]}]}]}})";
    EXPECT_TRUE(matches(pattern, instance_event));
    EXPECT_FALSE(matches(R"({"source":["aws.ecs"],"$or":[{"region":["us-east-1"]},{"id":["x"]}]})", instance_event));
    EXPECT_FALSE(matches(R"({"$or":[{"region":["eu-west-1"]},{"id":["x"]}]})", instance_event));
}

TEST(EventPattern, MembersOfOnePatternHoldForOneItemOfAList) {
    const char* event = R"({"detail":{"containers":[{"name":"web","exitCode":0},{"name":"side","exitCode":137}]}})";
    EXPECT_TRUE(matches(R"({"detail":{"containers":{"exitCode":[137]}}})", event));
    EXPECT_TRUE(matches(R"({"detail":{"containers":{"name":["side"],"exitCode":[137]}}})", event));
    EXPECT_FALSE(matches(R"({"detail":{"containers":{"name":["web"],"exitCode":[137]}}})", event));
    EXPECT_TRUE(matches(R"({"detail":{"containers":{"reason":[{"exists":false}]}}})", event));
}

TEST(EventPattern, WhatIsNoPatternIsRefused) {
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "Filter is not an object"},
        {"{}", "Empty objects are not allowed"},
        {R"({"a":[]})", "Empty arrays are not allowed"},
        {R"({"a":"b"})", "\"a\" must be an object or an array"},
        {R"({"a":[{"begins":"b"}]})", "Unrecognized match type begins"},
        {R"({"a":[{"prefix":"b","suffix":"c"}]})", "Only one key allowed in match expression"},
        {R"({"a":[{"prefix":3}]})", "prefix match pattern must be a string"},
        {R"({"a":[{"exists":"yes"}]})", "exists match pattern must be either true or false."},
        {R"({"a":[{"numeric":["~",1]}]})", "Unrecognized numeric range operator: \"~\""},
    };
    for (const auto& [text, problem] : cases) {
        const auto parsed = parse_event_pattern(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().message, problem);
    }
    EXPECT_FALSE(parse_event_pattern("{"));
    EXPECT_FALSE(parse_event_pattern(R"({"a":[{"anything-but":[]}]})"));
    EXPECT_FALSE(parse_event_pattern(R"({"a":[{"cidr":"10.0.0.0"}]})"));
}

} // namespace
} // namespace ecsr::local
