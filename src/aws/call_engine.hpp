// One AWS call from request to answer: rate limit, signature, transport, error decoding, retry, clock skew, new
// credentials when the server says that they have expired. Session adds the user's credentials; the credential sources
// use the same engine for AssumeRole.
#pragma once

#include "aws/call.hpp"
#include "aws/endpoints.hpp"
#include "aws/rate_limit.hpp"
#include "aws/retry.hpp"
#include "aws/signing.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/transport.hpp"

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace ecsr::aws {

// Gives the key of each attempt. Thread-safe.
class KeySupplier {
public:
    virtual ~KeySupplier() = default;
    virtual Result<SigningKey> key(const std::stop_token& stop) = 0;
    // The server does not take this key any more. True when the next key() may give another one.
    virtual bool reject(const SigningKey& key) = 0;
};

struct EngineOptions {
    int max_attempts = 3;
    Millis timeout{10'000};
    bool limit_rate = true;
};

// Thread-safe.
class CallEngine {
public:
    // `transport` and `clock` must outlive the engine.
    CallEngine(Transport& transport, Clock& clock, Random random, Endpoints endpoints, EngineOptions options);

    // See Caller::call. `keys` null: the request is not signed (AssumeRoleWithWebIdentity).
    Result<std::string> call(const ServiceCall& call, KeySupplier* keys, const std::stop_token& stop);

    CallCounts counts() const;
    const Endpoints& endpoints() const { return endpoints_; }
    Transport& transport() { return transport_; }
    Clock& clock() { return clock_; }

private:
    struct Attempt;
    struct Progress;

    Result<Attempt> attempt(const ServiceCall& call, KeySupplier* keys, Progress& progress,
                            const std::stop_token& stop);
    HttpRequest build(const ServiceCall& call, const std::string& base_url, const Progress& progress) const;
    Status wait_for_rate(const ServiceCall& call, const std::stop_token& stop);
    Result<HttpResponse> send(const ServiceCall& call, const HttpRequest& request, const std::stop_token& stop);
    bool corrects_and_repeats(const Attempt& attempt, KeySupplier* keys, Progress& progress);
    std::optional<Millis> plan_retry(const ServiceCall& call, const Attempt& attempt, Progress& progress);
    std::string make_invocation_id();

    Transport& transport_;
    Clock& clock_;
    const Endpoints endpoints_;
    const EngineOptions options_;

    mutable std::mutex mutex_; // guards what follows
    Random random_;
    RetryQuota quota_;
    RateLimits limits_;
    CallCounts counts_;
    Millis clock_offset_{0};
};

} // namespace ecsr::aws
