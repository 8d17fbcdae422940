#include "aws/retry.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace ecsr::aws {

namespace {

constexpr std::array<std::string_view, 13> throttling_codes{"Throttling",
                                                            "ThrottlingException",
                                                            "ThrottledException",
                                                            "RequestThrottledException",
                                                            "RequestThrottled",
                                                            "TooManyRequestsException",
                                                            "ProvisionedThroughputExceededException",
                                                            "TransactionInProgressException",
                                                            "RequestLimitExceeded",
                                                            "BandwidthLimitExceeded",
                                                            "SlowDown",
                                                            "PriorRequestNotComplete",
                                                            "EC2ThrottledException"};

constexpr double longest_pause_seconds = 20.0;
constexpr Millis longest_extra_pause{5'000};

// A setting from the environment or the profile, with the name of its origin.
struct Setting {
    std::string value;
    std::string origin;
};

std::optional<Setting> read_setting(const Environment& environment, const ConfigSection* profile,
                                    const std::string& variable, const std::string& key) {
    if (auto value = environment.non_empty(variable)) { return Setting{*std::move(value), variable}; }
    if (profile == nullptr) { return std::nullopt; }
    auto value = profile->get(key);
    return value ? std::optional(Setting{*std::move(value), key + " of the profile"}) : std::nullopt;
}

} // namespace

bool is_throttling_code(std::string_view code) {
    return std::ranges::find(throttling_codes, code) != throttling_codes.end();
}

FailureClass classify(const AttemptFailure& failure) {
    if (failure.http_status == 0) {
        const bool network =
            failure.transport_error == ErrorKind::Unreachable || failure.transport_error == ErrorKind::Timeout;
        if (!network) { return FailureClass::Permanent; }
        if (failure.transport_error == ErrorKind::Timeout) {
            return failure.may_have_been_executed ? FailureClass::TimedOut : FailureClass::NotSent;
        }
        return failure.may_have_been_executed ? FailureClass::Transient : FailureClass::NotSent;
    }
    if (is_throttling_code(failure.code) || failure.http_status == 429) { return FailureClass::Throttled; }
    const bool transient_status = failure.http_status == 500 || failure.http_status == 502 ||
                                  failure.http_status == 503 || failure.http_status == 504;
    const bool transient_code = failure.code == "RequestTimeout" || failure.code == "RequestTimeoutException";
    return transient_status || transient_code ? FailureClass::Transient : FailureClass::Permanent;
}

bool may_repeat(FailureClass failure, Repeat repeat) {
    switch (failure) {
    case FailureClass::Permanent: return false;
    case FailureClass::Throttled:
    case FailureClass::NotSent: return true;
    case FailureClass::Transient:
    case FailureClass::TimedOut: return repeat == Repeat::Safe;
    }
    return false;
}

Millis backoff(int retry, double jitter, std::optional<Millis> retry_after) {
    ECSR_ASSERT(retry >= 1 && jitter >= 0.0 && jitter < 1.0);
    const double ceiling = std::min(std::exp2(retry - 1), longest_pause_seconds);
    const Millis pause(std::llround(jitter * ceiling * 1000.0));
    return retry_after ? std::clamp(*retry_after, pause, pause + longest_extra_pause) : pause;
}

std::optional<int> RetryQuota::take(FailureClass failure) {
    const int cost = failure == FailureClass::TimedOut ? 10 : 5;
    if (available_ < cost) { return std::nullopt; }
    available_ -= cost;
    return cost;
}

void RetryQuota::give_back(int last_taken) {
    available_ = std::min(capacity, available_ + (last_taken > 0 ? last_taken : 1));
}

Result<int> resolve_max_attempts(std::optional<int> asked, const Environment& environment,
                                 const ConfigSection* profile) {
    const auto mode = read_setting(environment, profile, "AWS_RETRY_MODE", "retry_mode");
    if (mode && mode->value != "legacy" && mode->value != "standard" && mode->value != "adaptive") {
        return fail(ErrorKind::Usage, fmt::format("{}: \"{}\" is not a retry mode; legacy, standard and adaptive are",
                                                  mode->origin, mode->value));
    }
    if (asked) {
        if (*asked < 1) { return fail(ErrorKind::Usage, "the number of attempts must be at least 1"); }
        return *asked;
    }
    const auto setting = read_setting(environment, profile, "AWS_MAX_ATTEMPTS", "max_attempts");
    if (!setting) { return mode && mode->value == "legacy" ? 5 : 3; }
    const auto number = parse_integer(setting->value);
    if (!number || *number < 1 || *number > 100) {
        return fail(ErrorKind::Usage,
                    fmt::format("{}: \"{}\" is not a number of attempts (1 to 100)", setting->origin, setting->value));
    }
    return static_cast<int>(*number);
}

} // namespace ecsr::aws
