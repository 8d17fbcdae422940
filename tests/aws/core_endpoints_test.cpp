#include "aws/endpoints.hpp"
#include "tests/support/fake_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using testing::FakeMachine;
using ::testing::HasSubstr;

const ServiceInfo ecs{"ecs", "ecs", "ECS", "ecs", Protocol::Json11, "T", ""};
const ServiceInfo elb{"elasticloadbalancing",
                      "elasticloadbalancing",
                      "ELASTIC_LOAD_BALANCING_V2",
                      "elastic_load_balancing_v2",
                      Protocol::Query,
                      "",
                      "2015-12-01"};
const ServiceInfo sts{"sts", "sts", "STS", "sts", Protocol::Query, "", "2011-06-15"};

// A machine whose default profile uses the services section "here".
struct Fixture {
    FakeMachine machine;
    std::string region = "eu-west-1";
    std::optional<std::string> asked;

    Result<Endpoints> create() {
        const auto config = load_shared_config(machine.environment());
        EXPECT_TRUE(config.has_value());
        return Endpoints::create(asked, region, machine.environment(), *config, config->profile("default"));
    }

    std::string url(const ServiceInfo& service) {
        const auto endpoints = create();
        if (!endpoints) { return endpoints.error().message; }
        const auto result = endpoints->url_of(service);
        return result ? *result : result.error().message;
    }
};

TEST(Region, FlagThenEnvironmentThenProfile) {
    FakeMachine machine;
    ConfigSection profile;
    profile.values["region"] = "eu-west-4";
    EXPECT_EQ(resolve_region(std::nullopt, machine.environment(), &profile), "eu-west-4");
    machine.variables["AWS_DEFAULT_REGION"] = "eu-west-3";
    EXPECT_EQ(resolve_region(std::nullopt, machine.environment(), &profile), "eu-west-3");
    machine.variables["AWS_REGION"] = "eu-west-2";
    EXPECT_EQ(resolve_region(std::nullopt, machine.environment(), &profile), "eu-west-2");
    EXPECT_EQ(resolve_region("eu-west-1", machine.environment(), &profile), "eu-west-1");
}

TEST(Region, NoneAtAllSaysHowToSetIt) {
    FakeMachine machine;
    machine.variables["AWS_REGION"] = "";
    const auto region = resolve_region(std::nullopt, machine.environment(), nullptr);
    ASSERT_FALSE(region.has_value());
    EXPECT_EQ(region.error().kind, ErrorKind::Usage);
    EXPECT_EQ(region.error().message, "no region: pass --region, set AWS_REGION, or set region in the profile");
}

TEST(Region, WhatCannotBePartOfAHostNameIsRefused) {
    for (const char* text : {"eu west 1", "EU-WEST-1", "evil.example/", "", "-a", "a@b"}) {
        const auto region = resolve_region(text, empty_environment(), nullptr);
        ASSERT_FALSE(region.has_value()) << text;
        EXPECT_THAT(region.error().message, HasSubstr("is not a region"));
    }
}

TEST(Endpoints, OwnHostDependsOnPartitionFipsAndDualStack) {
    struct Case {
        const char* region;
        bool fips;
        bool dual_stack;
        const ServiceInfo* service;
        const char* url;
    };
    const Case cases[] = {
        {"eu-west-1", false, false, &ecs, "https://ecs.eu-west-1.amazonaws.com"},
        {"us-east-1", true, false, &ecs, "https://ecs-fips.us-east-1.amazonaws.com"},
        {"eu-west-1", false, true, &ecs, "https://ecs.eu-west-1.api.aws"},
        {"us-east-1", true, true, &elb, "https://elasticloadbalancing-fips.us-east-1.api.aws"},
        {"cn-north-1", false, false, &ecs, "https://ecs.cn-north-1.amazonaws.com.cn"},
        {"cn-north-1", false, true, &ecs, "https://ecs.cn-north-1.api.amazonwebservices.com.cn"},
        {"us-gov-west-1", false, false, &ecs, "https://ecs.us-gov-west-1.amazonaws.com"},
        {"us-gov-west-1", true, false, &ecs, "https://ecs-fips.us-gov-west-1.amazonaws.com"},
        {"us-gov-west-1", true, false, &elb, "https://elasticloadbalancing.us-gov-west-1.amazonaws.com"},
        {"us-isob-east-1", false, false, &ecs, "https://ecs.us-isob-east-1.sc2s.sgov.gov"},
        {"xx-new-1", false, false, &sts, "https://sts.xx-new-1.amazonaws.com"},
    };
    for (const Case& c : cases) {
        Fixture fixture;
        fixture.region = c.region;
        fixture.machine.variables["AWS_USE_FIPS_ENDPOINT"] = c.fips ? "true" : "false";
        fixture.machine.files["/fake/home/.aws/config"] =
            std::string("[default]\nuse_dualstack_endpoint = ") + (c.dual_stack ? "True" : "false") + "\n";
        EXPECT_EQ(fixture.url(*c.service), c.url);
    }
}

TEST(Endpoints, PartitionOfARegion) {
    EXPECT_EQ(partition_of("eu-west-1"), "aws");
    EXPECT_EQ(partition_of("cn-northwest-1"), "aws-cn");
    EXPECT_EQ(partition_of("us-gov-east-1"), "aws-us-gov");
    EXPECT_EQ(partition_of("us-iso-east-1"), "aws-iso");
}

TEST(Endpoints, EverySettingWinsOverTheOnesBehindIt) {
    Fixture fixture;
    const auto expect = [&](const char* for_ecs, const char* for_elb) {
        EXPECT_EQ(fixture.url(ecs), for_ecs);
        EXPECT_EQ(fixture.url(elb), for_elb);
    };
    const char* own_elb = "https://elasticloadbalancing.eu-west-1.amazonaws.com";
    expect("https://ecs.eu-west-1.amazonaws.com", own_elb);

    fixture.machine.files["/fake/home/.aws/config"] = "[default]\nendpoint_url = http://profile:1\n";
    expect("http://profile:1", "http://profile:1");

    fixture.machine.files["/fake/home/.aws/config"] =
        "[default]\nendpoint_url = http://profile:1\nservices = here\n"
        "[services here]\nelastic_load_balancing_v2 =\n  endpoint_url = http://services:2/\n";
    expect("http://profile:1", "http://services:2");

    fixture.machine.variables["AWS_ENDPOINT_URL"] = "http://environment:3";
    expect("http://environment:3", "http://environment:3");

    fixture.machine.variables["AWS_ENDPOINT_URL_ECS"] = "http://environment:4/prefix//";
    expect("http://environment:4/prefix", "http://environment:3");

    fixture.asked = "http://flag:5/";
    expect("http://flag:5", "http://flag:5");

    fixture.machine.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    expect("http://flag:5", "http://flag:5");

    fixture.asked.reset();
    expect("https://ecs.eu-west-1.amazonaws.com", own_elb);
}

TEST(Endpoints, BadUrlIsNamedByItsSetting) {
    Fixture fixture;
    fixture.machine.variables["AWS_ENDPOINT_URL_ECS"] = "127.0.0.1:4510";
    EXPECT_EQ(fixture.url(ecs),
              "AWS_ENDPOINT_URL_ECS: \"127.0.0.1:4510\" is not a URL: it must begin with http:// or https://");
    fixture.asked = "http://127.0.0.1:99999";
    const auto endpoints = fixture.create();
    ASSERT_FALSE(endpoints.has_value());
    EXPECT_EQ(endpoints.error().kind, ErrorKind::Usage);
    EXPECT_EQ(endpoints.error().message,
              "endpoint URL: \"http://127.0.0.1:99999\" is not a URL: the port must be 1 to 65535");
}

TEST(Endpoints, UrlThatIsSetWinsOverFips) {
    Fixture fixture;
    fixture.asked = "http://127.0.0.1:4510";
    fixture.machine.variables["AWS_USE_FIPS_ENDPOINT"] = "true";
    EXPECT_EQ(fixture.url(ecs), "http://127.0.0.1:4510");
}

TEST(Endpoints, MissingServicesSectionIsRefused) {
    Fixture fixture;
    fixture.machine.files["/fake/home/.aws/config"] = "[default]\nservices = nowhere\n";
    EXPECT_THAT(fixture.url(ecs), HasSubstr("services section \"nowhere\""));
}

TEST(Endpoints, GlobalStsIsUsedOnlyWhenAskedFor) {
    Fixture fixture;
    EXPECT_EQ(fixture.url(sts), "https://sts.eu-west-1.amazonaws.com");
    fixture.machine.variables["AWS_STS_REGIONAL_ENDPOINTS"] = "legacy";
    EXPECT_EQ(fixture.url(sts), "https://sts.amazonaws.com");
    EXPECT_EQ(fixture.create()->signing_region(sts), "us-east-1");
    EXPECT_EQ(fixture.create()->signing_region(ecs), "eu-west-1");
    fixture.region = "ap-east-1";
    EXPECT_EQ(fixture.url(sts), "https://sts.ap-east-1.amazonaws.com");
}

TEST(Endpoints, BearerTokensDoNotGoToTheUsersUrl) {
    Fixture fixture;
    fixture.asked = "http://127.0.0.1:4510";
    const auto endpoints = fixture.create()->for_bearer_tokens("us-west-2");
    EXPECT_EQ(endpoints.url_of(ecs), "https://ecs.us-west-2.amazonaws.com");
}

} // namespace
} // namespace ecsr::aws
