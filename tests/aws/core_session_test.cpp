#include "aws/session.hpp"
#include "tests/support/fake_machine.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_transport.hpp"

#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::FakeMachine;
using testing::fixed_epoch;
using ::testing::HasSubstr;
using testing::http_answer;
using ::testing::IsEmpty;
using testing::ManualClock;
using ::testing::MatchesRegex;
using testing::ScriptedTransport;
using ::testing::SizeIs;

const ServiceInfo ecs{"ecs", "ecs", "ECS", "ecs", Protocol::Json11, "AmazonEC2ContainerServiceV20141113", ""};
const ServiceInfo cloudwatch{
    "monitoring", "monitoring", "CLOUDWATCH", "cloudwatch", Protocol::Json10, "GraniteServiceVersion20100801", ""};
const ServiceInfo elb{"elasticloadbalancing",
                      "elasticloadbalancing",
                      "ELASTIC_LOAD_BALANCING_V2",
                      "elastic_load_balancing_v2",
                      Protocol::Query,
                      "",
                      "2015-12-01"};

const ServiceCall describe{&ecs, "DescribeServices", R"({"services":["s"]})", Repeat::Safe};
const ServiceCall update{&ecs, "UpdateService", R"({"service":"s"})", Repeat::OnlyIfNotSent};

HttpResponse refusal(int status, const std::string& code, const std::string& message, HttpHeaders headers = {}) {
    return http_answer(status, R"({"__type":")" + code + R"(","message":")" + message + "\"}", std::move(headers));
}

Error lost_answer() {
    return {ErrorKind::Unreachable, "http://h closed the connection without an answer", "", 0, true};
}

Error refused_connection() {
    return {ErrorKind::Unreachable, "cannot reach http://h", "", 0, false};
}

struct Fixture {
    Fixture() {
        machine.variables = {{"AWS_REGION", "eu-west-1"},
                             {"AWS_ACCESS_KEY_ID", "AKID"},
                             {"AWS_SECRET_ACCESS_KEY", "not-told"},
                             {"AWS_EC2_METADATA_DISABLED", "true"}};
    }

    Session& session() {
        if (!session_) {
            auto created = Session::create(transport, clock, Random(7), machine.environment(), options);
            EXPECT_TRUE(created.has_value()) << created.error().message;
            session_ = *std::move(created);
        }
        return *session_;
    }

    Result<std::string> call(const ServiceCall& call) { return session().call(call, {}); }

    Error error_of(const ServiceCall& service_call) {
        const auto body = call(service_call);
        EXPECT_FALSE(body.has_value());
        return body ? Error{} : body.error();
    }

    std::vector<std::string> headers_sent(std::string_view name) const {
        std::vector<std::string> values;
        for (const auto& sent : transport.sent()) { values.emplace_back(find_header(sent.request.headers, name)); }
        return values;
    }

    FakeMachine machine;
    ManualClock clock;
    ScriptedTransport transport;
    SessionOptions options;

private:
    std::unique_ptr<Session> session_;
};

TEST(SessionCall, JsonRequestHasItsTargetBodyAndSignature) {
    Fixture fixture;
    fixture.options.timeout = 3s;
    fixture.transport.then(http_answer(200, "answer"));
    EXPECT_EQ(fixture.call(describe), "answer");
    const auto sent = fixture.transport.sent().front();
    EXPECT_EQ(sent.request.method, "POST");
    EXPECT_EQ(sent.request.url, "https://ecs.eu-west-1.amazonaws.com/");
    EXPECT_EQ(sent.request.body, describe.body);
    EXPECT_EQ(sent.options.timeout, 3s);
    const auto& headers = sent.request.headers;
    EXPECT_EQ(find_header(headers, "Content-Type"), "application/x-amz-json-1.1");
    EXPECT_EQ(find_header(headers, "X-Amz-Target"), "AmazonEC2ContainerServiceV20141113.DescribeServices");
    EXPECT_EQ(find_header(headers, "X-Amz-Date"), "20260102T030405Z");
    EXPECT_EQ(find_header(headers, "User-Agent"), "ecs-recycler/0.1.0");
    EXPECT_EQ(find_header(headers, "amz-sdk-request"), "attempt=1; max=3");
    EXPECT_THAT(std::string(find_header(headers, "amz-sdk-invocation-id")),
                MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_THAT(
        std::string(find_header(headers, "Authorization")),
        HasSubstr("Credential=AKID/20260102/eu-west-1/ecs/aws4_request, "
                  "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-date;x-amz-target"));
}

TEST(SessionCall, OtherProtocolsHaveTheirOwnForm) {
    Fixture fixture;
    fixture.transport.then(http_answer(200, "")).then(http_answer(200, "")).then(http_answer(200, ""));
    EXPECT_TRUE(fixture.call({&cloudwatch, "DescribeAlarms", "", Repeat::Safe}).has_value());
    EXPECT_TRUE(fixture.call({&elb, "DescribeTargetHealth", "TargetGroupArn=a%3Ab", Repeat::Safe}).has_value());
    EXPECT_TRUE(fixture.call({&elb, "DescribeTargetGroups", "", Repeat::Safe}).has_value());
    const auto sent = fixture.transport.sent();
    EXPECT_EQ(find_header(sent[0].request.headers, "Content-Type"), "application/x-amz-json-1.0");
    EXPECT_EQ(find_header(sent[0].request.headers, "X-Amz-Target"), "GraniteServiceVersion20100801.DescribeAlarms");
    EXPECT_EQ(sent[0].request.body, "{}");
    EXPECT_EQ(find_header(sent[1].request.headers, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_EQ(find_header(sent[1].request.headers, "X-Amz-Target"), "");
    EXPECT_EQ(sent[1].request.body, "Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=a%3Ab");
    EXPECT_EQ(sent[2].request.body, "Action=DescribeTargetGroups&Version=2015-12-01");
}

TEST(SessionCall, EndpointUrlIsUsedAsItsBase) {
    Fixture fixture;
    fixture.options.endpoint_url = "http://127.0.0.1:4510/prefix/";
    fixture.transport.then(http_answer(200, ""));
    EXPECT_TRUE(fixture.call(describe).has_value());
    EXPECT_EQ(fixture.transport.sent().front().request.url, "http://127.0.0.1:4510/prefix/");
    EXPECT_EQ(fixture.session().region(), "eu-west-1");
}

TEST(SessionErrors, RefusalIsOneTypedLine) {
    Fixture fixture;
    fixture.transport.then(refusal(400, "AccessDeniedException", "User: U is not authorized"));
    const Error denied = fixture.error_of(describe);
    EXPECT_EQ(denied.kind, ErrorKind::Credentials);
    EXPECT_EQ(denied.code, "AccessDeniedException");
    EXPECT_EQ(denied.http_status, 400);
    EXPECT_FALSE(denied.request_may_have_been_executed);
    EXPECT_EQ(denied.message, "ecs DescribeServices: AccessDeniedException: User: U is not authorized");

    fixture.transport.then(refusal(400, "ClusterNotFoundException", "Cluster not found."));
    EXPECT_EQ(fixture.error_of(describe).kind, ErrorKind::NotFound);

    fixture.transport.then(http_answer(
        400, "<ErrorResponse><Error><Code>TargetGroupNotFound</Code><Message>none</Message></Error></ErrorResponse>"));
    const Error missing = fixture.error_of({&elb, "DescribeTargetHealth", "", Repeat::Safe});
    EXPECT_EQ(missing.kind, ErrorKind::NotFound);
    EXPECT_EQ(missing.message, "elasticloadbalancing DescribeTargetHealth: TargetGroupNotFound: none");
}

TEST(SessionErrors, AnswerOfSomebodyElseSaysSo) {
    Fixture fixture;
    fixture.transport.then(http_answer(404, "<html>no such page</html>", {{"Content-Type", "text/html"}}));
    const Error error = fixture.error_of(describe);
    EXPECT_EQ(error.kind, ErrorKind::Remote);
    EXPECT_EQ(error.message, "ecs DescribeServices: 404: HTTP 404 without an AWS error in it (text/html of 25 bytes)");
}

TEST(SessionRetry, ThrottledCallIsRepeatedAfterAJitteredPause) {
    Fixture fixture;
    fixture.transport.then(refusal(400, "ThrottlingException", "Rate exceeded"));
    fixture.transport.then(refusal(500, "ServerException", "oops"));
    fixture.transport.then(http_answer(200, "third time"));
    EXPECT_EQ(fixture.call(describe), "third time");
    EXPECT_THAT(fixture.headers_sent("amz-sdk-request"),
                ElementsAre("attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"));
    const auto ids = fixture.headers_sent("amz-sdk-invocation-id");
    EXPECT_THAT(ids, Each(ids.front()));
    EXPECT_EQ(fixture.session().counts().total, 3);
    EXPECT_GT(fixture.clock.now(), fixed_epoch);
    EXPECT_LT(fixture.clock.now(), fixed_epoch + 3s + 100ms);
}

TEST(SessionRetry, AttemptsRunOutWithTheLastErrorAndTheirNumber) {
    Fixture fixture;
    for (int i = 0; i < 3; ++i) { fixture.transport.then(refusal(400, "ThrottlingException", "Rate exceeded")); }
    const Error error = fixture.error_of(describe);
    EXPECT_EQ(error.kind, ErrorKind::Throttled);
    EXPECT_EQ(error.message, "ecs DescribeServices: ThrottlingException: Rate exceeded (after 3 attempts)");
}

TEST(SessionRetry, NumberOfAttemptsCanBeSet) {
    Fixture fixture;
    fixture.options.max_attempts = 1;
    fixture.transport.then(refused_connection());
    EXPECT_EQ(fixture.error_of(describe).message, "ecs DescribeServices: cannot reach http://h");
    EXPECT_THAT(fixture.transport.sent(), SizeIs(1));
}

TEST(SessionRetry, ServersWishForAPauseIsFollowed) {
    Fixture fixture;
    fixture.transport.then(refusal(503, "ServiceUnavailable", "", {{"x-amz-retry-after", "4000"}}));
    fixture.transport.then(http_answer(200, ""));
    EXPECT_TRUE(fixture.call(describe).has_value());
    EXPECT_THAT(fixture.clock.sleeps(), ElementsAre(4s));
}

TEST(SessionRetry, PermanentErrorsAreNotRepeated) {
    for (const char* code : {"InvalidParameterException", "AccessDeniedException", "LimitExceededException"}) {
        Fixture fixture;
        fixture.transport.then(refusal(400, code, "no"));
        static_cast<void>(fixture.error_of(describe));
        EXPECT_THAT(fixture.transport.sent(), SizeIs(1)) << code;
    }
}

TEST(SessionRetry, ChangeWithAnUnknownOutcomeIsNotRepeated) {
    const Result<HttpResponse> outcomes[] = {refusal(500, "ServerException", "oops"), http_answer(502, ""),
                                             std::unexpected(lost_answer()),
                                             std::unexpected(Error{ErrorKind::Timeout, "no answer", "", 0, true})};
    for (const auto& outcome : outcomes) {
        Fixture fixture;
        fixture.transport.then_call([&](const HttpRequest&) { return outcome; });
        EXPECT_TRUE(fixture.error_of(update).request_may_have_been_executed);
        EXPECT_THAT(fixture.transport.sent(), SizeIs(1));
    }
}

TEST(SessionRetry, ChangeThatCertainlyWasNotMadeIsRepeated) {
    Fixture fixture;
    fixture.transport.then(refused_connection());
    fixture.transport.then(refusal(400, "ThrottlingException", "Rate exceeded"));
    fixture.transport.then(http_answer(200, "done"));
    EXPECT_EQ(fixture.call(update), "done");
}

TEST(SessionRetry, ReadThatMayHaveRunIsRepeatedAndTheDoubtIsKept) {
    Fixture fixture;
    fixture.transport.then(lost_answer()).then(refused_connection()).then(refused_connection());
    const Error error = fixture.error_of(describe);
    EXPECT_EQ(error.kind, ErrorKind::Unreachable);
    EXPECT_TRUE(error.request_may_have_been_executed);
}

TEST(SessionRetry, QuotaEndsRetriesDuringAnOutage) {
    Fixture fixture;
    fixture.options.limit_rate = false;
    fixture.transport.route([](const HttpRequest&) { return true; },
                            [](const HttpRequest&) { return refusal(503, "ServiceUnavailable", ""); });
    for (int i = 0; i < 60; ++i) { static_cast<void>(fixture.error_of(describe)); }
    // 60 first attempts and the 100 retries that 500 units pay for.
    EXPECT_EQ(fixture.session().counts().total, 160);
}

TEST(SessionRetry, StopEndsAPause) {
    Fixture fixture;
    std::stop_source stop;
    fixture.transport.then_call([&](const HttpRequest&) {
        stop.request_stop();
        return refusal(500, "ServerException", "oops");
    });
    const auto body = fixture.session().call(describe, stop.get_token());
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(body.error().message, "ecs DescribeServices: interrupted before a retry");
    EXPECT_TRUE(body.error().request_may_have_been_executed);
}

TEST(SessionRate, ReadsBeyondTheBurstWaitForTheirTurn) {
    Fixture fixture;
    fixture.transport.route_operation("DescribeServices", [](const HttpRequest&) { return http_answer(200, ""); });
    for (int i = 0; i < 120; ++i) { ASSERT_TRUE(fixture.call(describe).has_value()); }
    EXPECT_EQ(fixture.clock.now(), fixed_epoch + 1s);
    EXPECT_THAT(fixture.clock.sleeps(), SizeIs(20));
}

TEST(SessionRate, LimitCanBeSwitchedOff) {
    Fixture fixture;
    fixture.options.limit_rate = false;
    fixture.transport.route_operation("DescribeServices", [](const HttpRequest&) { return http_answer(200, ""); });
    for (int i = 0; i < 200; ++i) { ASSERT_TRUE(fixture.call(describe).has_value()); }
    EXPECT_THAT(fixture.clock.sleeps(), IsEmpty());
}

TEST(SessionRate, StopEndsTheWaitForATurn) {
    Fixture fixture;
    fixture.transport.route_operation("DescribeServices", [](const HttpRequest&) { return http_answer(200, ""); });
    for (int i = 0; i < 100; ++i) { ASSERT_TRUE(fixture.call(describe).has_value()); }
    std::stop_source stop;
    stop.request_stop();
    const auto body = fixture.session().call(describe, stop.get_token());
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(body.error().message, "ecs DescribeServices: interrupted while waiting for the request rate");
}

TEST(SessionSkew, WrongClockIsCorrectedOnceAndForGood) {
    Fixture fixture;
    fixture.transport.then(
        refusal(403, "InvalidSignatureException", "Signature expired", {{"Date", "Fri, 02 Jan 2026 05:04:05 GMT"}}));
    fixture.transport.then(http_answer(200, "now right")).then(http_answer(200, "still right"));
    EXPECT_EQ(fixture.call(update), "now right");
    EXPECT_EQ(fixture.call(update), "still right");
    EXPECT_THAT(fixture.headers_sent("X-Amz-Date"),
                ElementsAre("20260102T030405Z", "20260102T050405Z", "20260102T050405Z"));
    EXPECT_THAT(fixture.clock.sleeps(), IsEmpty());
}

TEST(SessionSkew, WrongSignatureAtTheRightTimeIsNotRepeated) {
    Fixture fixture;
    fixture.transport.then(
        refusal(403, "InvalidSignatureException", "does not match", {{"Date", "Fri, 02 Jan 2026 03:04:00 GMT"}}));
    EXPECT_EQ(fixture.error_of(describe).kind, ErrorKind::Credentials);
    EXPECT_THAT(fixture.transport.sent(), SizeIs(1));
}

TEST(SessionSkew, SecondRefusalIsTheAnswer) {
    Fixture fixture;
    for (const char* hour : {"05", "09"}) {
        fixture.transport.then(refusal(403, "SignatureDoesNotMatch", "Signature not yet current",
                                       {{"Date", std::string("Fri, 02 Jan 2026 ") + hour + ":04:05 GMT"}}));
    }
    EXPECT_EQ(fixture.error_of(describe).code, "SignatureDoesNotMatch");
    EXPECT_THAT(fixture.transport.sent(), SizeIs(2));
}

// Credentials that a helper hands out with an expiry, so that they can be fetched anew.
struct HelperFixture : Fixture {
    HelperFixture() {
        machine.variables.erase("AWS_ACCESS_KEY_ID");
        machine.files["/fake/home/.aws/config"] = "[default]\ncredential_process = helper\n";
        hand_out("ONE");
    }

    void hand_out(const std::string& id) {
        machine.outputs["helper"] = R"({"Version":1,"AccessKeyId":")" + id +
                                    R"(","SecretAccessKey":"not-told","SessionToken":"t-)" + id +
                                    R"(","Expiration":"2026-01-02T09:00:00Z"})";
    }
};

TEST(SessionCredentials, CredentialsThatTheServerCallsExpiredAreFetchedAnewOnce) {
    HelperFixture fixture;
    fixture.transport.then_call([&](const HttpRequest&) {
        fixture.hand_out("TWO");
        return refusal(403, "ExpiredTokenException", "The security token included in the request is expired");
    });
    fixture.transport.then(http_answer(200, "new"));
    EXPECT_EQ(fixture.call(update), "new");
    EXPECT_THAT(fixture.headers_sent("X-Amz-Security-Token"), ElementsAre("t-ONE", "t-TWO"));

    fixture.transport.then(refusal(403, "ExpiredTokenException", "expired"));
    fixture.transport.then(refusal(403, "ExpiredTokenException", "expired"));
    EXPECT_EQ(fixture.error_of(update).code, "ExpiredTokenException");
}

TEST(SessionCredentials, ExpiredTokenOfTheEnvironmentCannotBeRenewed) {
    Fixture fixture;
    fixture.transport.then(refusal(403, "ExpiredTokenException", "expired"));
    const Error error = fixture.error_of(describe);
    EXPECT_EQ(error.kind, ErrorKind::Credentials);
    EXPECT_THAT(fixture.transport.sent(), SizeIs(1));
}

TEST(SessionCredentials, NoCredentialsAtAllIsToldWithTheCall) {
    Fixture fixture;
    fixture.machine.variables.erase("AWS_ACCESS_KEY_ID");
    const Error error = fixture.error_of(describe);
    EXPECT_EQ(error.kind, ErrorKind::Credentials);
    EXPECT_THAT(error.message, HasSubstr("ecs DescribeServices: no credentials found: looked at environment"));
    EXPECT_EQ(fixture.session().counts().total, 0);
}

TEST(SessionCounts, EveryHttpRequestIsCountedByOperation) {
    Fixture fixture;
    fixture.transport.then(refused_connection()).then(http_answer(200, "")).then(http_answer(200, ""));
    EXPECT_TRUE(fixture.call(describe).has_value());
    EXPECT_TRUE(fixture.call(update).has_value());
    const CallCounts counts = fixture.session().counts();
    EXPECT_EQ(counts.total, 3);
    EXPECT_EQ(counts.by_operation,
              (std::map<std::string, std::int64_t>{{"DescribeServices", 2}, {"UpdateService", 1}}));
}

TEST(SessionThreads, CallsFromManyThreadsAreAllCountedAndHaveTheirOwnIds) {
    Fixture fixture;
    fixture.options.limit_rate = false;
    fixture.transport.route_operation("DescribeServices", [](const HttpRequest&) { return http_answer(200, "x"); });
    Session& session = fixture.session();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 6; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i) { good += session.call(describe, {}).has_value(); }
            });
        }
    }
    EXPECT_EQ(good, 300);
    EXPECT_EQ(session.counts().total, 300);
    const auto ids = fixture.headers_sent("amz-sdk-invocation-id");
    EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(300));
}

TEST(SessionCreate, BadConfigurationIsOneLine) {
    struct Case {
        std::function<void(Fixture&)> break_it;
        ErrorKind kind;
        const char* message;
    };
    const Case cases[] = {
        {[](Fixture& f) { f.machine.variables.erase("AWS_REGION"); }, ErrorKind::Usage, "no region"},
        {[](Fixture& f) { f.options.region = "not a region"; }, ErrorKind::Usage, "is not a region"},
        {[](Fixture& f) { f.options.endpoint_url = "localhost:4510"; }, ErrorKind::Usage, "is not a URL"},
        {[](Fixture& f) { f.options.profile = "nobody"; }, ErrorKind::Usage, "there is no profile \"nobody\""},
        {[](Fixture& f) { f.options.access_key_id = "A"; }, ErrorKind::Usage, "must be given together"},
        {[](Fixture& f) { f.options.session_token = "A"; }, ErrorKind::Usage, "a session token needs"},
        {[](Fixture& f) { f.options.external_id = "A"; }, ErrorKind::Usage, "needs a role ARN"},
        {[](Fixture& f) { f.options.role_arn = "recycler"; }, ErrorKind::Usage, "is not the ARN of a role"},
        {[](Fixture& f) { f.options.max_attempts = 0; }, ErrorKind::Usage, "at least 1"},
        {[](Fixture& f) { f.machine.variables["AWS_RETRY_MODE"] = "x"; }, ErrorKind::Usage, "retry mode"},
        {[](Fixture& f) { f.machine.files["/fake/home/.aws/config"] = "oops"; }, ErrorKind::Usage,
         "/fake/home/.aws/config:1: expected"},
    };
    for (const Case& c : cases) {
        Fixture fixture;
        c.break_it(fixture);
        const auto session = Session::create(fixture.transport, fixture.clock, Random(1), fixture.machine.environment(),
                                             fixture.options);
        ASSERT_FALSE(session.has_value()) << c.message;
        EXPECT_EQ(session.error().kind, c.kind);
        EXPECT_THAT(session.error().message, HasSubstr(c.message));
    }
}

} // namespace
} // namespace ecsr::aws
