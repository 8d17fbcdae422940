// The machinery under the typed services: credentials, endpoints, SigV4, retry, rate limits, clock skew, error
// decoding.
#pragma once

#include "aws/call.hpp"
#include "aws/environment.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/transport.hpp"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace ecsr::aws {

// What the user said on the command line; everything left empty comes from the environment, then from the profile.
struct SessionOptions {
    std::optional<std::string> profile;      // else AWS_PROFILE, AWS_DEFAULT_PROFILE, "default"
    std::optional<std::string> region;       // else AWS_REGION, AWS_DEFAULT_REGION, the profile (ECS behaviour H3)
    std::optional<std::string> endpoint_url; // for every service; wins over all other endpoint settings (H4)

    std::optional<std::string> access_key_id; // with secret_access_key: used instead of every other source
    std::optional<std::string> secret_access_key;
    std::optional<std::string> session_token;

    std::optional<std::string> role_arn;    // assumed with the credentials found otherwise
    std::optional<std::string> external_id; // only with role_arn
    std::optional<std::string> role_session_name;

    std::optional<int> max_attempts; // else AWS_MAX_ATTEMPTS, the profile, 3
    Millis timeout{10'000};          // of one HTTP exchange
    bool limit_rate = true;          // keep to the published ECS request rates (ECS behaviour G1)
};

class Session : public Caller {
public:
    // Reads configuration files and the environment once; looks for credentials only at the first call. Does no network
    // I/O. `transport` and `clock` must outlive the session.
    // Error: Usage (a bad file, an unknown profile, a bad URL or number, no region, half a key pair); one line.
    static Result<std::unique_ptr<Session>> create(Transport& transport, Clock& clock, Random random,
                                                   Environment environment, const SessionOptions& options);
    ~Session() override;

    // See Caller. Error messages are one line: "ecs DescribeServices: AccessDeniedException: User ... is not ...".
    // Every HTTP exchange is bounded by SessionOptions::timeout and the number of attempts.
    Result<std::string> call(const ServiceCall& call, std::stop_token stop) override;
    CallCounts counts() const override;
    std::string region() const override;

    // Finds credentials now, so that a tool can fail before it starts to work. Returns where they came from
    // ("environment", "profile dev: assume role arn:..."), never a secret. Error: Credentials, with every place that
    // was looked at and why it had none.
    Result<std::string> find_credentials(const std::stop_token& stop);

private:
    struct Parts;
    explicit Session(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ecsr::aws
