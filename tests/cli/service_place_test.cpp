#include "cli/service_place.hpp"

#include <gmock/gmock.h>

namespace ecsr::cli {
namespace {

using ::testing::HasSubstr;

Result<ServicePlace> place(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "status");
    const auto line = parse_command_line(arguments, [](const std::string&) { return std::nullopt; });
    return service_place(std::get<Invocation>(*line.parsed));
}

std::string refusal(std::vector<std::string> arguments) {
    const auto found = place(std::move(arguments));
    if (found) { return "(accepted)"; }
    EXPECT_EQ(found.error().kind, ErrorKind::Usage);
    return found.error().message;
}

TEST(ServicePlace, ANameIsOfTheClusterAsWritten) {
    const auto by_name = place({"--service", "web", "--cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"});
    EXPECT_EQ(by_name->cluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop");
    EXPECT_EQ(by_name->service, "web");
    EXPECT_EQ(place({"--service", "web"})->cluster, "default");
}

TEST(ServicePlace, AnArnNamesItsClusterByArn) {
    for (const auto& cluster : std::vector<std::vector<std::string>>{
             {}, {"--cluster", "shop"}, {"--cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"}}) {
        std::vector<std::string> arguments{"--service", "arn:aws:ecs:eu-west-1:111122223333:service/shop/web"};
        arguments.insert(arguments.end(), cluster.begin(), cluster.end());
        const auto found = place(arguments);
        EXPECT_EQ(found->cluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop");
        EXPECT_EQ(found->service, "web");
    }
}

TEST(ServicePlace, AnArnOfTheOldFormIsOfTheGivenCluster) {
    const auto found = place({"--service", "arn:aws:ecs:eu-west-1:111122223333:service/web", "--cluster", "shop"});
    EXPECT_EQ(found->cluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop");
    EXPECT_EQ(found->service, "web");
}

TEST(ServicePlace, ContradictionsAreRefused) {
    const std::string arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop/web";
    EXPECT_EQ(refusal({"--service", arn, "--cluster", "other"}),
              "--service names a service of cluster \"shop\", --cluster says \"other\"; leave out --cluster or make "
              "them agree");
    EXPECT_THAT(refusal({"--service", arn, "--cluster", "arn:aws:ecs:us-east-1:111122223333:cluster/shop"}),
                HasSubstr("leave out --cluster or make them agree"));
}

TEST(ServicePlace, WhatIsNoArnOfAServiceIsRefused) {
    for (const char* text : {"arn:aws:ecs:eu-west-1:111122223333:cluster/shop", "arn:aws:iam::111122223333:role/x",
                             "arn:aws:ecs:eu-west-1:111122223333:service/", "arn:aws:ecs:::service/shop/web",
                             "arn:", "arn:aws:ecs:eu-west-1:111122223333:service/a/b/c"}) {
        EXPECT_THAT(refusal({"--service", text}), HasSubstr("is not the ARN of a service: arn:aws:ecs:REGION")) << text;
    }
}

} // namespace
} // namespace ecsr::cli
