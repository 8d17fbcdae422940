// One call to one AWS service: the seam between the typed services (aws/ecs, aws/elbv2, ...) and the machinery under
// them (credentials, signing, endpoints, retry, rate limits, clock skew).
//
// Typed services build a ServiceCall and decode the body; they never see HTTP.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::aws {

enum class Protocol {
    Json10,   // x-amz-json-1.0, X-Amz-Target
    Json11,   // x-amz-json-1.1, X-Amz-Target
    Query,    // form body with Action and Version; XML answer
    RestJson, // POST of a JSON body to a path of the operation's own
};

// What may be done when it is unknown whether AWS carried a request out (lost answer, time-out, HTTP 5xx).
enum class Repeat {
    Safe,          // repeating it has no further effect
    OnlyIfNotSent, // repeat only when the request certainly was not executed (refused connection, throttled);
                   // otherwise return the error with request_may_have_been_executed
};

struct ServiceInfo {
    std::string id;            // "ecs", "elasticloadbalancing": SigV4 signing name
    std::string endpoint_host; // host prefix: "ecs", "monitoring", "application-autoscaling", ...
    std::string endpoint_env; // suffix of AWS_ENDPOINT_URL_<...>: "ECS", "ELASTIC_LOAD_BALANCING_V2" (ECS behaviour H4)
    std::string config_key;   // key in the profile's services section: "ecs", "elastic_load_balancing_v2"
    Protocol protocol = Protocol::Json11;
    std::string target_prefix; // "AmazonEC2ContainerServiceV20141113"; empty for Query
    std::string api_version;   // "2015-12-01"; Query only
};

struct ServiceCall {
    const ServiceInfo* service = nullptr;
    std::string operation; // "DescribeServices"
    std::string body;      // JSON text, or for Query the form parameters without Action and Version
    Repeat repeat = Repeat::Safe;
    std::string path = {};                                         // RestJson only: "/2015-03-31/functions/x"
    std::vector<std::pair<std::string, std::string>> headers = {}; // RestJson only: further ones
};

// How many HTTP requests were sent, retries included; by "operation" name. For reports and budgets.
struct CallCounts {
    std::int64_t total = 0;
    std::map<std::string, std::int64_t> by_operation;
};

// Port of the typed services. Implemented by aws::Session (aws/session.hpp); scripted in tests. Thread-safe.
class Caller {
public:
    virtual ~Caller() = default;

    // The body of a 2xx answer. Error kinds: Credentials (missing, expired, AccessDenied...), Throttled, Unreachable,
    // Timeout, Interrupted, NotFound (*NotFoundException), Remote (anything else; `code` is AWS's error code).
    virtual Result<std::string> call(const ServiceCall& call, std::stop_token stop) = 0;

    virtual CallCounts counts() const = 0;

    // Region of the calls and the account if it is already known, else empty; for ARNs and messages.
    virtual std::string region() const = 0;
};

} // namespace ecsr::aws
