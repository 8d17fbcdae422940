#include "aws/signing.hpp"
#include "base/time.hpp"
#include "sigv4/sigv4.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const SigningKey example_key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};

std::string authorization(const HttpRequest& request) {
    return std::string(find_header(request.headers, "Authorization"));
}

// AWS's published test suite for Signature Version 4, case get-vanilla.
TEST(Signing, PublishedVectorOfAPlainGet) {
    HttpRequest request{"GET", "https://example.amazonaws.com/", {}, ""};
    sign(request, example_key, {"us-east-1", "service", false}, parse_rfc3339("2015-08-30T12:36:00Z").value());
    EXPECT_EQ(
        authorization(request),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

// The worked example of the AWS General Reference.
TEST(Signing, PublishedVectorOfIamListUsers) {
    HttpRequest request{"GET",
                        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
                        {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
                        ""};
    sign(request, example_key, {"us-east-1", "iam", false}, parse_rfc3339("2015-08-30T12:36:00Z").value());
    EXPECT_EQ(sha256_hex(canonical_request(request, {"us-east-1", "iam", false})),
              "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    EXPECT_THAT(authorization(request),
                EndsWith("SignedHeaders=content-type;host;x-amz-date, "
                         "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
}

// The worked example of the Amazon S3 API Reference.
TEST(Signing, PublishedVectorOfAnS3Get) {
    const SigningKey key{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
    HttpRequest request{"GET", "https://examplebucket.s3.amazonaws.com/test.txt", {{"Range", "bytes=0-9"}}, ""};
    sign(request, key, {"us-east-1", "s3", true}, parse_rfc3339("2013-05-24T00:00:00Z").value());
    EXPECT_THAT(authorization(request),
                EndsWith("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                         "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

std::string canonical(const std::string& url, HttpHeaders headers = {}) {
    return canonical_request({"GET", url, std::move(headers), ""}, {"eu-west-1", "lambda", false});
}

TEST(Signing, PathIsNormalisedAndEncodedOnceMore) {
    EXPECT_THAT(canonical("https://h/a/./b/../c//%3A:$+*/"), HasSubstr("GET\n/a/c/%253A%3A%24%2B%2A/\n"));
    EXPECT_THAT(canonical("https://h"), HasSubstr("GET\n/\n"));
    EXPECT_THAT(canonical("https://h/../.."), HasSubstr("GET\n/\n"));
}

TEST(Signing, PathOfS3StaysAsItIs) {
    const std::string text = canonical_request({"GET", "https://h/a//./b%20c", {}, ""}, {"eu-west-1", "s3", true});
    EXPECT_THAT(text, HasSubstr("GET\n/a//./b%20c\n"));
}

TEST(Signing, QueryIsSortedByKeyThenValue) {
    EXPECT_THAT(canonical("https://h/?b=2&policy&a=z&a=%20&b=10"), HasSubstr("\na=%20&a=z&b=10&b=2&policy=\n"));
}

TEST(Signing, HeadersAreLowerCaseTrimmedAndJoined) {
    const std::string text = canonical("https://h/", {{"X-B", "  a   b "}, {"x-a", ""}, {"X-B", "c"}});
    EXPECT_THAT(text, HasSubstr("\nhost:h\nx-a:\nx-b:a b,c\n\nhost;x-a;x-b\n"));
}

TEST(Signing, HeadersThatChangeOnTheWayAreNotSigned) {
    const std::string text = canonical("https://h/", {{"User-Agent", "u"}, {"Expect", "100-continue"}, {"TE", "x"}});
    EXPECT_THAT(text, Not(HasSubstr("user-agent")));
    EXPECT_THAT(text, Not(HasSubstr("expect")));
    EXPECT_THAT(text, Not(HasSubstr("te:")));
}

TEST(Signing, HostHasAPortOnlyWhenItIsNotTheSchemesOwn) {
    EXPECT_THAT(canonical("https://H.example:443/"), HasSubstr("\nhost:h.example\n"));
    EXPECT_THAT(canonical("http://127.0.0.1:4510/"), HasSubstr("\nhost:127.0.0.1:4510\n"));
}

TEST(Signing, SessionTokenIsSentAndSigned) {
    HttpRequest request{"POST", "https://h/", {{"X-Amz-Security-Token", "old"}, {"Date", "yesterday"}}, "{}"};
    sign(request, {"AK", "secret", "token"}, {"eu-west-1", "ecs", false}, Instant{});
    EXPECT_EQ(find_header(request.headers, "X-Amz-Security-Token"), "token");
    EXPECT_EQ(find_header(request.headers, "Date"), "");
    EXPECT_THAT(authorization(request), HasSubstr("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
}

TEST(Signing, SigningAgainReplacesTheSignature) {
    HttpRequest once{"POST", "https://h/", {}, "{}"};
    sign(once, example_key, {"eu-west-1", "ecs", false}, Instant(Seconds(100)));
    HttpRequest twice{"POST", "https://h/", {}, "{}"};
    sign(twice, example_key, {"eu-west-1", "ecs", false}, Instant(Seconds(1)));
    sign(twice, example_key, {"eu-west-1", "ecs", false}, Instant(Seconds(100)));
    EXPECT_EQ(once.headers, twice.headers);
}

TEST(Signing, DigestsAreHexadecimal) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex(std::string("a\0b", 3)), "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138");
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

} // namespace
} // namespace ecsr::aws
