// AWS Signature Version 4. Pure: the time is an argument (ECS behaviour H5).
#pragma once

#include "base/http.hpp"
#include "base/time.hpp"

#include <string>

namespace ecsr::aws {

struct SigningKey {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token; // empty for a long-term key
};

struct SigningScope {
    std::string region;  // "eu-west-1"; not changed by a custom endpoint
    std::string service; // signing name: "ecs", "elasticloadbalancing"
    // Amazon S3 signs the path as it is sent and always sends X-Amz-Content-SHA256.
    bool s3 = false;
};

// Adds X-Amz-Date, X-Amz-Security-Token (when there is a token), X-Amz-Content-SHA256 (S3) and Authorization, replacing
// those that are there, and removes Date. Everything else is signed exactly as it stands: the request must be sent
// unchanged. Headers that proxies and HTTP libraries change on the way (User-Agent, Connection, Expect, ...) are not
// signed. The URL must be absolute; it is the caller's mistake if it is not (the host is then signed as empty).
void sign(HttpRequest& request, const SigningKey& key, const SigningScope& scope, Instant now);

// The text whose hash is signed; for tests and for explaining a refused signature. Holds no secret but the session
// token.
std::string canonical_request(const HttpRequest& request, const SigningScope& scope);

} // namespace ecsr::aws
