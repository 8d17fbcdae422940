// CloudWatch in CBOR, and compressed bodies (ECS behaviour A5).
#include "tests/local/api/aws_client.hpp"

#include <string>

namespace ecsr::local::testing {
namespace {

HttpResponse ask(AwsClient& aws, const std::string& operation, std::string body) {
    return aws.send({"POST",
                     "/service/GraniteServiceVersion20100801/operation/" + operation,
                     {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}},
                     std::move(body)});
}

TEST(Cbor, AnswersInTheSameForm) {
    AwsClient aws;
    const auto answer = ask(aws, "ListMetrics", "\xa0");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(find_header(answer.headers, "smithy-protocol"), "rpc-v2-cbor");
    EXPECT_EQ(find_header(answer.headers, "Content-Type"), "application/cbor");
    EXPECT_EQ(answer.body, "\xa1\x67Metrics\x80");
}

TEST(Cbor, TextsAndMapsOfIndefiniteLengthAreRead) {
    AwsClient aws;
    const auto answer = ask(aws, "ListMetrics",
                            "\xbf\x69Namespace\x7f\x61"
                            "A\x61"
                            "B\xff\xff");
    EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST(Cbor, WhatIsNoMapIsRefused) {
    AwsClient aws;
    for (const std::string body : {"\x80", "\xa1",
                                   "\xa1\x61"
                                   "a\x41"
                                   "b",
                                   "\xa0\xa0", "\xa1\x01\x01", "\xff"}) {
        const auto answer = ask(aws, "ListMetrics", body);
        EXPECT_EQ(answer.status, 400);
        EXPECT_TRUE(answer.body.contains("SerializationException")) << answer.body;
    }
    EXPECT_EQ(ask(aws, "ListMetrics", std::string(100'000, '\x81')).status, 400);
    EXPECT_EQ(ask(aws, "NoSuch", "\xa0").status, 404);
}

TEST(Cbor, ABodyThatIsNoGzipDataIsRefused) {
    AwsClient aws;
    const auto answer =
        aws.post_json("GraniteServiceVersion20100801.ListMetrics", "{}", "1.0", {{"Content-Encoding", "gzip"}});
    EXPECT_TRUE(AwsClient::refusal(answer).starts_with("SerializationException")) << answer.body;
}

} // namespace
} // namespace ecsr::local::testing
