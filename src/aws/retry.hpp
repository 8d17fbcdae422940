// When and after which pause a failed request is repeated: the "standard" mode of the AWS SDKs (ECS behaviour G4).
// Pure.
#pragma once

#include "aws/call.hpp"
#include "aws/config_file.hpp"
#include "aws/environment.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ecsr::aws {

// How one attempt failed.
struct AttemptFailure {
    int http_status = 0;                                // 0: no HTTP answer
    std::string code;                                   // AWS's error code, else empty
    ErrorKind transport_error = ErrorKind::Unreachable; // only without an HTTP answer
    bool may_have_been_executed = false;                // only without an HTTP answer
    std::optional<Millis> retry_after;                  // header x-amz-retry-after
};

enum class FailureClass {
    Permanent, // the same request would fail again
    Throttled, // refused because of the rate; certainly not executed
    NotSent,   // no connection; certainly not executed
    Transient, // a fault of the server or the network; it is unknown whether the request was executed
    TimedOut,  // as Transient, but the time ran out
};

FailureClass classify(const AttemptFailure& failure);

// Codes that mean "slow down". LimitExceededException is not one of them: other SDKs repeat it, but ECS and Application
// Auto Scaling mean a quota that does not go away by waiting.
bool is_throttling_code(std::string_view code);

// Whether another attempt makes sense and has no effect that the caller did not allow.
bool may_repeat(FailureClass failure, Repeat repeat);

// Pause before retry number `retry` (1 is the first). `jitter` is in [0, 1). The pause is jitter x min(2^(retry-1), 20)
// s; the server's wish is followed as far as it lies in [pause, pause + 5 s].
Millis backoff(int retry, double jitter, std::optional<Millis> retry_after);

// A budget for retries that a whole session shares, so that an outage is not made worse: 500 units; a retry takes 5,
// one after a time-out 10; a success gives back what its last retry took, or 1. Not thread-safe.
class RetryQuota {
public:
    // The units taken, or empty when there are not enough.
    std::optional<int> take(FailureClass failure);
    // After a success whose last retry took `last_taken` units (0: there was none).
    void give_back(int last_taken);
    int available() const { return available_; }

private:
    static constexpr int capacity = 500;
    int available_ = capacity;
};

// Attempts in all, the first included: `asked` (a flag), AWS_MAX_ATTEMPTS, the profile's max_attempts, else 3 (5 when
// the retry mode is "legacy"). AWS_RETRY_MODE and retry_mode may be legacy, standard or adaptive; every mode paces as
// "standard" does. `profile` may be null. Error: Usage.
Result<int> resolve_max_attempts(std::optional<int> asked, const Environment& environment,
                                 const ConfigSection* profile);

} // namespace ecsr::aws
