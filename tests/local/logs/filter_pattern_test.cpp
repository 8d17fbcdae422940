// The examples of "Filter pattern syntax" in the CloudWatch Logs guide.
#include "local/logs/filter_pattern.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

bool matches(std::string_view pattern, std::string_view message) {
    const auto parsed = FilterPattern::parse(pattern);
    EXPECT_TRUE(parsed) << pattern << ": " << parsed.error().message;
    return parsed && parsed->matches(message);
}

constexpr const char* bad_request = "[ERROR 400] BAD REQUEST";
constexpr const char* unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST";
constexpr const char* missing = "[ERROR 419] MISSING ARGUMENTS";
constexpr const char* invalid = "[ERROR 420] INVALID ARGUMENTS";

TEST(FilterPattern, WithoutTermsEverythingMatches) {
    EXPECT_TRUE(matches("", "anything"));
    EXPECT_TRUE(matches("  ", ""));
}

TEST(FilterPattern, EveryTermMustBeThereInAnyOrder) {
    EXPECT_TRUE(matches("ERROR", bad_request));
    EXPECT_FALSE(matches("ERROR", "[INFO 200] fine"));
    EXPECT_FALSE(matches("ERROR", "[error 400]"));
    EXPECT_TRUE(matches("ARGUMENTS ERROR", missing));
    EXPECT_FALSE(matches("ERROR ARGUMENTS", bad_request));
}

TEST(FilterPattern, APhraseIsExact) {
    EXPECT_TRUE(matches(R"("INTERNAL SERVER ERROR")", "[ERROR 500] INTERNAL SERVER ERROR"));
    EXPECT_FALSE(matches(R"("SERVER INTERNAL")", "[ERROR 500] INTERNAL SERVER ERROR"));
    EXPECT_TRUE(matches(R"("said \"no\"")", R"(it said "no")"));
}

TEST(FilterPattern, ExcludedTermsMustNotBeThere) {
    EXPECT_TRUE(matches("ERROR -ARGUMENTS", bad_request));
    EXPECT_FALSE(matches("ERROR -ARGUMENTS", missing));
    EXPECT_FALSE(matches(R"(-"MISSING ARG")", missing));
}

TEST(FilterPattern, OneOfTheOptionalTermsIsEnough) {
    EXPECT_TRUE(matches("?ERROR ?WARN", "WARN: x"));
    EXPECT_TRUE(matches("?ERROR ?WARN", unauthorized));
    EXPECT_FALSE(matches("?ERROR ?WARN", "INFO"));
}

TEST(FilterPattern, OptionalTermsBesideOthersAreForgotten) {
    EXPECT_TRUE(matches("?ERROR ?WARN -ARGUMENTS", "INFO"));
    EXPECT_FALSE(matches("?ERROR -ARGUMENTS", invalid));
}

constexpr const char* event = R"({"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","bandwidth":80,
    "arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],
    "SomeObject":null,"cluster.name":"c","ThisFlag":true})";

TEST(FilterPattern, SelectorsFindMembers) {
    EXPECT_TRUE(matches(R"({ $.eventType = "UpdateTrail" })", event));
    EXPECT_TRUE(matches("{ $.eventType = UpdateTrail }", event));
    EXPECT_FALSE(matches(R"({ $.eventType = "Other" })", event));
    EXPECT_TRUE(matches(R"({ $.arrayKey[0] = "value" })", event));
    EXPECT_FALSE(matches(R"({ $.arrayKey[5] = "value" })", event));
    EXPECT_TRUE(matches("{ $.objectList[1].id = 2 }", event));
    EXPECT_TRUE(matches(R"({ $['cluster.name'] = "c" })", event));
}

TEST(FilterPattern, StarsStandForAnything) {
    EXPECT_TRUE(matches("{ $.sourceIPAddress = 111.111.* }", event));
    EXPECT_FALSE(matches("{ $.sourceIPAddress != 111.111.* }", event));
    EXPECT_TRUE(matches(R"({ $.sourceIPAddress != "123.123.*" })", event));
    EXPECT_TRUE(matches(R"({ $.eventType = "*Trail" })", event));
}

TEST(FilterPattern, NumbersAreCompared) {
    EXPECT_TRUE(matches("{ $.bandwidth > 75 }", event));
    EXPECT_FALSE(matches("{ $.bandwidth > 80 }", event));
    EXPECT_TRUE(matches("{ $.bandwidth >= 80 }", event));
    EXPECT_TRUE(matches("{ $.bandwidth < 8.1e1 }", event));
    EXPECT_TRUE(matches("{ $.bandwidth != 81 }", event));
    EXPECT_FALSE(matches("{ $.eventType > 1 }", event));
}

TEST(FilterPattern, WhatIsNotThereIsNotCompared) {
    EXPECT_FALSE(matches("{ $.nothing != 1 }", event));
    EXPECT_TRUE(matches("{ $.nothing NOT EXISTS }", event));
    EXPECT_FALSE(matches("{ $.eventType NOT EXISTS }", event));
    EXPECT_TRUE(matches("{ $.SomeObject IS NULL }", event));
    EXPECT_TRUE(matches("{ $.ThisFlag IS TRUE }", event));
    EXPECT_FALSE(matches("{ $.ThisFlag IS FALSE }", event));
}

TEST(FilterPattern, ConditionsAreCombined) {
    EXPECT_TRUE(matches(R"({ ($.bandwidth = 1) || ($.eventType = "UpdateTrail" && $.ThisFlag IS TRUE) })", event));
    EXPECT_FALSE(matches(R"({ $.bandwidth = 80 && $.eventType = "Other" })", event));
}

TEST(FilterPattern, TextThatIsNoObjectMatchesNoSelector) {
    EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "plain text"));
    EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "{broken"));
}

TEST(FilterPattern, WhatCannotBeReadIsRefused) {
    for (const char* text : {"\"open", "a.b", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ $.a = 1 } x",
                             "{ ($.a = 1 }", "[ip, user]", "%regex%", "{ $.a IS 3 }"}) {
        EXPECT_FALSE(FilterPattern::parse(text)) << text;
    }
    EXPECT_FALSE(FilterPattern::parse("{ " + std::string(1000, '(')));
}

} // namespace
} // namespace ecsr::local
