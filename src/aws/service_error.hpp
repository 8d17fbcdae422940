// What an HTTP answer that is no success says, in AWS's several ways of saying it (ECS behaviour A3, A6). Pure.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "base/http.hpp"

#include <string>
#include <string_view>

namespace ecsr::aws {

struct ServiceError {
    std::string code;    // "ClusterNotFoundException"; the HTTP status ("503") when the answer names none
    std::string message; // one line; may be empty
};

// Code from `__type` (or `code`), then the header x-amzn-errortype; from <Error><Code> for Query. A shape's namespace
// ("...#Code") and what follows a colon are dropped. A transaction that DynamoDB cancelled for the rate alone is a
// ThrottlingException.
ServiceError parse_service_error(Protocol protocol, const HttpResponse& response);

// Codes end up as Credentials (missing, expired, refused, not permitted), NotFound, Throttled or Remote. A bare 401 or
// 403 is Credentials.
ErrorKind error_kind(std::string_view code, int http_status);

// The server says that the credentials, not the signature, have run out: newer ones may work.
bool is_expired_credentials_code(std::string_view code);

// The server refused the signature's time or what it takes for a bad signature: our clock may be wrong.
bool is_clock_skew_code(std::string_view code);

} // namespace ecsr::aws
