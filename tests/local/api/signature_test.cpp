#include "local/api/signature.hpp"
#include "tests/local/api/aws_client.hpp"

namespace ecsr::local::wire {
namespace {

// The example of "Signature Version 4 signing process" in the AWS General Reference, with its signature.
HttpRequest published_example() {
    return {"GET",
            "/?Action=ListUsers&Version=2010-05-08",
            {{"Host", "iam.amazonaws.com"},
             {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
             {"X-Amz-Date", "20150830T123600Z"},
             {"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                               "SignedHeaders=content-type;host;x-amz-date, "
                               "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}},
            ""};
}

const Instant signed_at = parse_rfc3339("2015-08-30T12:36:00Z").value();

class Signature : public ::testing::Test {
protected:
    HttpRequest request = published_example();
    SignatureCheck check{Wire::Json11, "iam", signed_at};
    KnownKeys keys;

    void SetUp() override { issue("", std::nullopt); }

    void issue(const std::string& token, std::optional<Instant> expires_at) {
        keys.issue("AKIDEXAMPLE",
                   {.secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                    .session_token = token,
                    .expires_at = expires_at},
                   signed_at);
    }

    std::string& header(std::string_view name) {
        for (auto& [spelled, value] : request.headers) {
            if (spelled == name) { return value; }
        }
        return request.headers.emplace_back(name, "").second;
    }

    void replace(std::string_view name, std::string_view part, std::string_view with) {
        std::string& value = header(name);
        const auto at = value.find(part);
        ASSERT_NE(at, std::string::npos) << part;
        value.replace(at, part.size(), with);
    }

    // "Code: message", empty when the request may pass.
    std::string problem() const {
        const auto found = signature_problem(request, check, keys);
        return found ? found->code + ": " + found->message : "";
    }
    std::string code() const {
        const auto found = signature_problem(request, check, keys);
        return found ? found->code : "";
    }
};

const std::string mismatch =
    "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check "
    "your AWS Secret Access Key and signing method. Consult the service documentation for details.";

TEST_F(Signature, ThePublishedExampleIsRight) {
    EXPECT_EQ(problem(), "");
}

TEST_F(Signature, WhatIsUnderItCannotBeChanged) {
    const HttpRequest whole = request;
    const std::vector<std::pair<const char*, std::function<void()>>> changes = {
        {"method", [&] { request.method = "POST"; }},
        {"path", [&] { request.url = "/other?Action=ListUsers&Version=2010-05-08"; }},
        {"query", [&] { request.url = "/?Action=ListRoles&Version=2010-05-08"; }},
        {"body", [&] { request.body = "x"; }},
        {"header", [&] { header("Content-Type") = "application/x-www-form-urlencoded; charset=latin-1"; }},
        {"a second value", [&] { request.headers.emplace_back("Content-Type", "text/plain"); }},
        {"time", [&] { header("X-Amz-Date") = "20150830T123601Z"; }},
        {"host", [&] { header("Host") = "sts.amazonaws.com"; }},
        {"region", [&] { replace("Authorization", "us-east-1", "eu-west-1"); }},
        {"signature", [&] { replace("Authorization", "Signature=5d67", "Signature=5d68"); }},
        {"length of the signature", [&] { replace("Authorization", "Signature=5d67", "Signature="); }},
    };
    for (const auto& [what, change] : changes) {
        request = whole;
        change();
        EXPECT_EQ(problem(), mismatch) << what;
    }
}

TEST_F(Signature, OrderOfTheQueryAndBlanksInHeadersDoNotCount) {
    request.url = "/?Version=2010-05-08&Action=ListUsers";
    header("Content-Type") = "  application/x-www-form-urlencoded;   charset=utf-8 ";
    EXPECT_EQ(problem(), "");
}

TEST_F(Signature, HostAndAmzHeadersHaveToBeSigned) {
    request.headers.emplace_back("X-Amz-Target", "IAM.DeleteUser");
    EXPECT_EQ(problem(),
              "InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    request = published_example();
    replace("Authorization", "content-type;host;x-amz-date", "content-type;x-amz-date");
    EXPECT_EQ(problem(),
              "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

// ECS behaviour H6.
TEST_F(Signature, ItIsGoodForFiveMinutesInJsonProtocols) {
    check.now = signed_at + std::chrono::minutes(5);
    EXPECT_EQ(problem(), "");
    check.now = signed_at + std::chrono::minutes(6);
    EXPECT_EQ(problem(), "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than "
                         "20150830T123700Z (20150830T124200Z - 5 min.)");
    check.now = signed_at - std::chrono::minutes(6);
    EXPECT_EQ(problem(), "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than "
                         "20150830T123500Z (20150830T123000Z + 5 min.)");
}

TEST_F(Signature, ItIsGoodForFifteenMinutesInTheQueryProtocol) {
    check.wire = Wire::Query;
    check.now = signed_at + std::chrono::minutes(15);
    EXPECT_EQ(problem(), "");
    check.now = signed_at + std::chrono::minutes(16);
    EXPECT_EQ(problem(), "SignatureDoesNotMatch: Signature expired: 20150830T123600Z is now earlier than "
                         "20150830T123700Z (20150830T125200Z - 15 min.)");
}

TEST_F(Signature, InVirtualTimeItsAgeIsNotLookedAt) {
    check.now.reset();
    issue("", signed_at - Seconds(1));
    EXPECT_EQ(problem(), "");
}

TEST_F(Signature, KeysAreKnownOrNot) {
    replace("Authorization", "AKIDEXAMPLE", "AKIDSTRANGER");
    EXPECT_EQ(problem(), "UnrecognizedClientException: The security token included in the request is invalid.");
    check.wire = Wire::Query;
    EXPECT_EQ(problem(), "InvalidClientTokenId: The security token included in the request is invalid.");
}

TEST_F(Signature, AKeyOfARoleNeedsItsTokenAndEnds) {
    issue("token", signed_at + Seconds(60));
    EXPECT_EQ(code(), "UnrecognizedClientException");
    header("X-Amz-Security-Token") = "another";
    EXPECT_EQ(code(), "UnrecognizedClientException");
    header("X-Amz-Security-Token") = "token";
    EXPECT_EQ(code(), "InvalidSignatureException"); // known, and the token is not under the signature
    check.now = signed_at + Seconds(60);
    EXPECT_EQ(problem(), "ExpiredTokenException: The security token included in the request is expired");
    check.wire = Wire::Query;
    EXPECT_EQ(code(), "ExpiredToken");
}

TEST_F(Signature, TheScopeHasToFit) {
    check.signing_name = "ecs";
    EXPECT_EQ(problem(), "InvalidSignatureException: Credential should be scoped to correct service: 'ecs'. ");
    check.signing_name = "iam";
    replace("Authorization", "/20150830/", "/20150831/");
    EXPECT_EQ(problem(), "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                         "version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'.");
    replace("Authorization", "aws4_request", "aws5_request");
    EXPECT_EQ(problem(), "InvalidSignatureException: Credential should be scoped with a valid terminator: "
                         "'aws4_request', not 'aws5_request'.");
}

TEST_F(Signature, WhatIsNotWholeIsTold) {
    header("Authorization") = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE";
    EXPECT_EQ(problem(), "IncompleteSignatureException: Authorization header requires 'Signature' parameter. "
                         "Authorization header requires 'SignedHeaders' parameter. "
                         "Authorization=AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE");
    header("Authorization") = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=host, Signature=0";
    EXPECT_EQ(problem(), "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. "
                         "keyid/date/region/service/term, got 'AKIDEXAMPLE'");
    header("Authorization") = "Bearer token";
    EXPECT_EQ(problem(), "IncompleteSignatureException: Unsupported AWS 'algorithm': 'Bearer'.");
    header("Authorization") = "";
    EXPECT_EQ(problem(), "MissingAuthenticationTokenException: Missing Authentication Token");
    check.wire = Wire::Query;
    EXPECT_EQ(problem(), "MissingAuthenticationToken: Request is missing Authentication Token");
}

TEST_F(Signature, ATimeThatIsNoneIsTold) {
    for (const char* time : {"yesterday", "2015-08-30T12:36", "20151330T123600Z"}) {
        header("X-Amz-Date") = time;
        EXPECT_EQ(code(), "IncompleteSignatureException") << time;
    }
    header("X-Amz-Date") = "";
    EXPECT_EQ(code(), "IncompleteSignatureException");
}

TEST(AssumedRole, IsWhoItIsToldToBe) {
    local::testing::AwsClient aws;
    const auto assumed = aws.query_raw("sts", "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/ops&"
                                              "RoleSessionName=me&Version=2011-06-15");
    const auto key = local::testing::AwsClient::text_at(assumed, "AssumeRoleResult/Credentials/AccessKeyId");
    HttpRequest request{"POST", "/", {}, "Action=GetCallerIdentity&Version=2011-06-15"};
    request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + key +
                                                      "/20260102/us-east-1/sts/aws4_request, SignedHeaders=host, "
                                                      "Signature=0");
    const auto identity = aws.send(request);
    EXPECT_EQ(local::testing::AwsClient::text_at(identity, "GetCallerIdentityResult/Arn"),
              "arn:aws:sts::123456789012:assumed-role/ops/me");
    EXPECT_EQ(local::testing::AwsClient::text_at(identity, "GetCallerIdentityResult/Account"), "123456789012");
}

TEST(KnownKeys, OnesThatEndedADayAgoAreForgotten) {
    KnownKeys keys;
    const KnownKey key{.secret = Secret("s"), .session_token = "t", .expires_at = signed_at};
    keys.issue("OLD", key, signed_at);
    EXPECT_NE(keys.find("OLD"), nullptr);
    keys.issue("NEW", key, signed_at + std::chrono::hours(24) + Millis(1));
    EXPECT_EQ(keys.find("OLD"), nullptr);
    EXPECT_NE(keys.find("NEW"), nullptr);
    EXPECT_NE(keys.find("local"), nullptr);
}

} // namespace
} // namespace ecsr::local::wire
