// AWS Security Token Service, typed; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp.
#pragma once

#include "aws/call.hpp"
#include "base/time.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace ecsr::aws::sts {

struct GetCallerIdentityRequest {};
struct GetCallerIdentityAnswer {
    std::string user_id;
    std::string account;
    std::string arn;
};

// Secrets: never log or journal.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    Instant expiration{};
};

struct AssumedRoleUser {
    std::string assumed_role_id;
    std::string arn;
};

struct AssumeRoleRequest {
    std::string role_arn;
    std::string role_session_name;       // 2-64 of [A-Za-z0-9_+=,.@-]
    std::optional<int> duration_seconds; // 900-43200
    std::string external_id;
};
struct AssumeRoleAnswer {
    Credentials credentials;
    AssumedRoleUser assumed_role_user;
};

// Signed by nobody: the token vouches (ECS behaviour H2).
struct AssumeRoleWithWebIdentityRequest {
    std::string role_arn;
    std::string role_session_name;
    std::optional<int> duration_seconds;
    std::string web_identity_token;
};
struct AssumeRoleWithWebIdentityAnswer {
    Credentials credentials;
    AssumedRoleUser assumed_role_user;
};

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    Result<GetCallerIdentityAnswer> get_caller_identity(const GetCallerIdentityRequest& request,
                                                        const std::stop_token& stop);
    Result<AssumeRoleAnswer> assume_role(const AssumeRoleRequest& request, const std::stop_token& stop);
    Result<AssumeRoleWithWebIdentityAnswer>
    assume_role_with_web_identity(const AssumeRoleWithWebIdentityRequest& request, const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::sts
