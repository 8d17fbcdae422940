#include "aws/retry.hpp"
#include "tests/support/fake_machine.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using testing::FakeMachine;
using ::testing::HasSubstr;

AttemptFailure answered(int status, std::string code) {
    AttemptFailure failure;
    failure.http_status = status;
    failure.code = std::move(code);
    return failure;
}

AttemptFailure lost(ErrorKind kind, bool may_have_been_executed) {
    AttemptFailure failure;
    failure.transport_error = kind;
    failure.may_have_been_executed = may_have_been_executed;
    return failure;
}

TEST(Retry, OutcomesAndWhatMayBeDoneAboutThem) {
    struct Case {
        const char* name;
        AttemptFailure failure;
        FailureClass expected;
        bool repeat_safe;
        bool repeat_only_if_not_sent;
    };
    const Case cases[] = {
        {"throttled by ECS", answered(400, "ThrottlingException"), FailureClass::Throttled, true, true},
        {"throttled by CloudWatch", answered(400, "Throttling"), FailureClass::Throttled, true, true},
        {"throttled by EC2", answered(503, "RequestLimitExceeded"), FailureClass::Throttled, true, true},
        {"throttled by a proxy", answered(429, "429"), FailureClass::Throttled, true, true},
        {"quota", answered(400, "LimitExceededException"), FailureClass::Permanent, false, false},
        {"server fault", answered(500, "ServerException"), FailureClass::Transient, true, false},
        {"bad gateway", answered(502, "502"), FailureClass::Transient, true, false},
        {"unavailable", answered(503, "ServiceUnavailable"), FailureClass::Transient, true, false},
        {"gateway time-out", answered(504, "504"), FailureClass::Transient, true, false},
        {"request time-out", answered(408, "RequestTimeoutException"), FailureClass::Transient, true, false},
        {"not implemented", answered(501, "501"), FailureClass::Permanent, false, false},
        {"bad parameter", answered(400, "InvalidParameterException"), FailureClass::Permanent, false, false},
        {"not permitted", answered(403, "AccessDeniedException"), FailureClass::Permanent, false, false},
        {"redirect", answered(301, "301"), FailureClass::Permanent, false, false},
        {"refused connection", lost(ErrorKind::Unreachable, false), FailureClass::NotSent, true, true},
        {"lost answer", lost(ErrorKind::Unreachable, true), FailureClass::Transient, true, false},
        {"no connection in time", lost(ErrorKind::Timeout, false), FailureClass::NotSent, true, true},
        {"no answer in time", lost(ErrorKind::Timeout, true), FailureClass::TimedOut, true, false},
        {"interrupted", lost(ErrorKind::Interrupted, true), FailureClass::Permanent, false, false},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(classify(c.failure), c.expected) << c.name;
        EXPECT_EQ(may_repeat(c.expected, Repeat::Safe), c.repeat_safe) << c.name;
        EXPECT_EQ(may_repeat(c.expected, Repeat::OnlyIfNotSent), c.repeat_only_if_not_sent) << c.name;
    }
}

TEST(Retry, PauseDoublesUpToTwentySecondsAndIsScattered) {
    struct Case {
        int retry;
        double jitter;
        Millis pause;
    };
    const Case cases[] = {{1, 0.0, 0ms}, {1, 0.5, 500ms}, {2, 0.5, 1s},   {3, 0.25, 1s},
                          {5, 0.5, 8s},  {6, 0.5, 10s},   {60, 0.5, 10s}, {2, 0.999, 1998ms}};
    for (const Case& c : cases) { EXPECT_EQ(backoff(c.retry, c.jitter, std::nullopt), c.pause) << c.retry; }
}

TEST(Retry, ServersWishIsFollowedWithinBounds) {
    EXPECT_EQ(backoff(1, 0.5, 100ms), 500ms);
    EXPECT_EQ(backoff(1, 0.5, 3s), 3s);
    EXPECT_EQ(backoff(1, 0.5, 60s), 5500ms);
}

TEST(RetryQuota, RunsOutAfterAHundredRetries) {
    RetryQuota quota;
    for (int i = 0; i < 100; ++i) { EXPECT_EQ(quota.take(FailureClass::Transient), 5); }
    EXPECT_EQ(quota.take(FailureClass::Transient), std::nullopt);
    EXPECT_EQ(quota.available(), 0);
}

TEST(RetryQuota, TimeOutCostsTwiceAsMuch) {
    RetryQuota quota;
    EXPECT_EQ(quota.take(FailureClass::TimedOut), 10);
    EXPECT_EQ(quota.available(), 490);
    for (int i = 0; i < 49; ++i) { EXPECT_EQ(quota.take(FailureClass::TimedOut), 10); }
    EXPECT_EQ(quota.take(FailureClass::TimedOut), std::nullopt);
}

TEST(RetryQuota, SuccessGivesBackTheLastRetryOrOne) {
    RetryQuota quota;
    quota.give_back(0);
    EXPECT_EQ(quota.available(), 500);
    static_cast<void>(quota.take(FailureClass::Throttled));
    static_cast<void>(quota.take(FailureClass::TimedOut));
    EXPECT_EQ(quota.available(), 485);
    quota.give_back(10);
    EXPECT_EQ(quota.available(), 495);
    quota.give_back(0);
    EXPECT_EQ(quota.available(), 496);
}

TEST(MaxAttempts, FlagThenEnvironmentThenProfileThenMode) {
    FakeMachine machine;
    ConfigSection profile;
    EXPECT_EQ(resolve_max_attempts(std::nullopt, machine.environment(), nullptr), 3);
    profile.values["retry_mode"] = "legacy";
    EXPECT_EQ(resolve_max_attempts(std::nullopt, machine.environment(), &profile), 5);
    machine.variables["AWS_RETRY_MODE"] = "adaptive";
    EXPECT_EQ(resolve_max_attempts(std::nullopt, machine.environment(), &profile), 3);
    profile.values["max_attempts"] = "7";
    EXPECT_EQ(resolve_max_attempts(std::nullopt, machine.environment(), &profile), 7);
    machine.variables["AWS_MAX_ATTEMPTS"] = "9";
    EXPECT_EQ(resolve_max_attempts(std::nullopt, machine.environment(), &profile), 9);
    EXPECT_EQ(resolve_max_attempts(1, machine.environment(), &profile), 1);
}

TEST(MaxAttempts, BadSettingsAreNamedByTheirOrigin) {
    const auto message = [](std::map<std::string, std::string> variables, std::map<std::string, std::string> values) {
        FakeMachine machine;
        machine.variables = std::move(variables);
        ConfigSection profile;
        profile.values = std::move(values);
        const auto attempts = resolve_max_attempts(std::nullopt, machine.environment(), &profile);
        EXPECT_EQ(attempts.has_value() ? ErrorKind::Io : attempts.error().kind, ErrorKind::Usage);
        return attempts ? "" : attempts.error().message;
    };
    EXPECT_EQ(message({{"AWS_MAX_ATTEMPTS", "0"}}, {}),
              "AWS_MAX_ATTEMPTS: \"0\" is not a number of attempts (1 to 100)");
    EXPECT_EQ(message({}, {{"max_attempts", "many"}}),
              "max_attempts of the profile: \"many\" is not a number of attempts (1 to 100)");
    EXPECT_THAT(message({{"AWS_RETRY_MODE", "fast"}}, {}), HasSubstr("AWS_RETRY_MODE: \"fast\" is not a retry mode"));
    EXPECT_FALSE(resolve_max_attempts(0, empty_environment(), nullptr).has_value());
}

} // namespace
} // namespace ecsr::aws
