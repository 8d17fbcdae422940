// How often and when a delivery is tried again: SNS's delivery policies for HTTP endpoints. Internal to this folder.
#pragma once

#include "local/state/api_error.hpp"
#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// As SNS has it without a policy: three more attempts, 20 s apart.
struct RetryPolicy {
    int retries = 3;
    Seconds shortest_delay{20}; // before the first retry
    Seconds longest_delay{
        20}; // before the last one; they grow evenly in between, whatever backoffFunction is asked for
};

// `text`: JSON with "healthyRetryPolicy" (of a subscription) or "http.defaultHealthyRetryPolicy" (of a topic). Error:
// InvalidParameter.
ApiResult<RetryPolicy> parse_delivery_policy(const std::string& text);

// The subscription's own, else the topic's, else the default.
RetryPolicy retry_policy_of(const State& state, const Subscription& subscription);

// Before the retry that follows `attempts` attempts, which is at most policy.retries.
Seconds delay_before_retry(const RetryPolicy& policy, int attempts);

} // namespace ecsr::local
