#include "aws/clock_skew.hpp"
#include "aws/service_error.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_transport.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using testing::fixed_epoch;
using testing::http_answer;

TEST(ServiceError, CodeAndMessageOfEveryShapeOfAnswer) {
    struct Case {
        Protocol protocol;
        HttpResponse response;
        const char* code;
        const char* message;
    };
    const Case cases[] = {
        {Protocol::Json11, http_answer(400, R"({"__type":"ClusterNotFoundException","message":"Cluster not found."})"),
         "ClusterNotFoundException", "Cluster not found."},
        {Protocol::Json10,
         http_answer(400, R"({"__type":"com.amazonaws.monitoring#ResourceNotFound:http://x","Message":"gone"})"),
         "ResourceNotFound", "gone"},
        {Protocol::Json11, http_answer(400, R"({"code":"X","message":null})"), "X", ""},
        {Protocol::Json10,
         http_answer(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",)"
                          R"("Message":"cancelled [None, ThrottlingError]"})"),
         "ThrottlingException", "cancelled [None, ThrottlingError]"},
        {Protocol::Json10,
         http_answer(400, R"({"__type":"TransactionCanceledException",)"
                          R"("Message":"cancelled [ConditionalCheckFailed, ThrottlingError]"})"),
         "TransactionCanceledException", "cancelled [ConditionalCheckFailed, ThrottlingError]"},
        {Protocol::Json11,
         http_answer(400, R"({"message":"m"})", {{"X-Amzn-ErrorType", "ValidationException:http://internal/"}}),
         "ValidationException", "m"},
        {Protocol::Json11, http_answer(400, R"({"message":"m"})"), "400", "m"},
        {Protocol::Json11, http_answer(503, "<html>\nbusy</html>", {{"Content-Type", "text/html; charset=x"}}), "503",
         "HTTP 503 without an AWS error in it (text/html of 18 bytes)"},
        {Protocol::Json11, http_answer(500, ""), "500", "HTTP 500 without an AWS error in it (a body of 0 bytes)"},
        {Protocol::Json11, http_answer(400, "[1]"), "400", "HTTP 400 without an AWS error in it (a body of 3 bytes)"},
        {Protocol::Json11, http_answer(400, R"({"__type":"X","message":"two\nlines\t and  more"})"), "X",
         "two lines and more"},
        {Protocol::Query,
         http_answer(400, "<ErrorResponse xmlns=\"http://elb/\"><Error><Type>Sender</Type><Code>TargetGroupNotFound"
                          "</Code><Message>One or more &lt;target&gt; groups not found</Message></Error>"
                          "<RequestId>1</RequestId></ErrorResponse>"),
         "TargetGroupNotFound", "One or more <target> groups not found"},
        {Protocol::Query,
         http_answer(400, "<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></Error></Errors>"
                          "</Response>"),
         "AuthFailure", "m"},
        {Protocol::Query, http_answer(502, "{\"message\":1}"), "502",
         "HTTP 502 without an AWS error in it (a body of 13 bytes)"},
    };
    for (const Case& c : cases) {
        const ServiceError error = parse_service_error(c.protocol, c.response);
        EXPECT_EQ(error.code, c.code) << c.response.body;
        EXPECT_EQ(error.message, c.message) << c.response.body;
    }
}

TEST(ServiceError, EndlessMessageIsCut) {
    const std::string body = R"({"__type":"X","message":")" + std::string(5000, 'a') + "\"}";
    EXPECT_EQ(parse_service_error(Protocol::Json11, http_answer(400, body)).message, std::string(1000, 'a') + "...");
}

TEST(ServiceError, KindFollowsTheCode) {
    struct Case {
        const char* code;
        int status;
        ErrorKind kind;
    };
    const Case cases[] = {
        {"AccessDeniedException", 400, ErrorKind::Credentials},
        {"AccessDenied", 403, ErrorKind::Credentials},
        {"UnrecognizedClientException", 403, ErrorKind::Credentials},
        {"InvalidClientTokenId", 403, ErrorKind::Credentials},
        {"InvalidSignatureException", 403, ErrorKind::Credentials},
        {"SignatureDoesNotMatch", 403, ErrorKind::Credentials},
        {"ExpiredTokenException", 403, ErrorKind::Credentials},
        {"ExpiredToken", 403, ErrorKind::Credentials},
        {"MissingAuthenticationTokenException", 403, ErrorKind::Credentials},
        {"403", 403, ErrorKind::Credentials},
        {"401", 401, ErrorKind::Credentials},
        {"ClusterNotFoundException", 400, ErrorKind::NotFound},
        {"ServiceNotFoundException", 400, ErrorKind::NotFound},
        {"TargetGroupNotFound", 400, ErrorKind::NotFound},
        {"ObjectNotFoundException", 400, ErrorKind::NotFound},
        {"ThrottlingException", 400, ErrorKind::Throttled},
        {"Throttling", 400, ErrorKind::Throttled},
        {"429", 429, ErrorKind::Throttled},
        {"InvalidParameterException", 400, ErrorKind::Remote},
        {"LimitExceededException", 400, ErrorKind::Remote},
        {"UnknownOperationException", 404, ErrorKind::Remote},
        {"404", 404, ErrorKind::Remote},
        {"ServerException", 500, ErrorKind::Remote},
    };
    for (const Case& c : cases) { EXPECT_EQ(error_kind(c.code, c.status), c.kind) << c.code; }
}

TEST(HttpDate, IsReadInItsOneForm) {
    EXPECT_EQ(parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT"), fixed_epoch);
    EXPECT_EQ(parse_http_date(" Sat, 31 Dec 2022 23:59:59 GMT "), parse_rfc3339("2022-12-31T23:59:59Z").value());
    for (const char* text :
         {"", "Fri, 02 Jan 2026 03:04:05", "Fri, 02 Foo 2026 03:04:05 GMT", "Friday, 02-Jan-26 03:04:05 GMT",
          "Fri Jan  2 03:04:05 2026", "Fri, 02 Jan 2026 25:04:05 GMT"}) {
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
    }
}

TEST(ClockSkew, OffsetIsTakenFromTheServersDate) {
    const auto answer = http_answer(403, "", {{"date", "Fri, 02 Jan 2026 03:04:05 GMT"}});
    EXPECT_EQ(corrected_offset(answer, fixed_epoch - 1h, 0ms), 1h);
    EXPECT_EQ(corrected_offset(answer, fixed_epoch + 10min, 0ms), -10min);
    EXPECT_EQ(corrected_offset(answer, fixed_epoch + 10min, 3h), -10min);
}

TEST(ClockSkew, ClockThatIsRightIsNotCorrected) {
    const auto answer = http_answer(403, "", {{"Date", "Fri, 02 Jan 2026 03:04:05 GMT"}});
    EXPECT_EQ(corrected_offset(answer, fixed_epoch, 0ms), std::nullopt);
    EXPECT_EQ(corrected_offset(answer, fixed_epoch + 3min, 0ms), std::nullopt);
    EXPECT_EQ(corrected_offset(answer, fixed_epoch - 1h, 1h), std::nullopt);
    EXPECT_EQ(corrected_offset(http_answer(403, ""), fixed_epoch - 1h, 0ms), std::nullopt);
}

} // namespace
} // namespace ecsr::aws
