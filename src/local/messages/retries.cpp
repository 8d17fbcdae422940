#include "local/messages/retries.hpp"

#include <boost/json.hpp>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr int most_retries = 100;
constexpr int longest_delay = 3600; // seconds

std::unexpected<ApiError> refuse(const std::string& problem) {
    return api_fail("InvalidParameter", "Invalid parameter: DeliveryPolicy: " + problem);
}

const json::object* find_object(const json::object& in, std::string_view name) {
    const auto* member = in.if_contains(name);
    return member == nullptr ? nullptr : member->if_object();
}

// False when it is there and is no whole number of the range.
bool read_whole(const json::object& in, std::string_view name, int low, int high, std::int64_t& out) {
    const auto* member = in.if_contains(name);
    if (member == nullptr || member->is_null()) { return true; }
    json::error_code error;
    const auto number = member->to_number<std::int64_t>(error);
    if (error || number < low || number > high) { return false; }
    out = number;
    return true;
}

} // namespace

ApiResult<RetryPolicy> parse_delivery_policy(const std::string& text) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) { return refuse("failed to parse JSON."); }
    const auto* policy = find_object(value.get_object(), "healthyRetryPolicy");
    if (const auto* http = find_object(value.get_object(), "http")) {
        policy = find_object(*http, "defaultHealthyRetryPolicy");
    }
    RetryPolicy read;
    if (policy == nullptr) { return read; }
    std::int64_t retries = read.retries;
    std::int64_t shortest = read.shortest_delay.count();
    std::int64_t longest = read.longest_delay.count();
    if (!read_whole(*policy, "numRetries", 0, most_retries, retries)) {
        return refuse("healthyRetryPolicy.numRetries must be from 0 to 100");
    }
    if (!read_whole(*policy, "minDelayTarget", 1, longest_delay, shortest)) {
        return refuse("healthyRetryPolicy.minDelayTarget must be from 1 to 3600");
    }
    longest = std::max(read.longest_delay.count(), shortest);
    if (!read_whole(*policy, "maxDelayTarget", static_cast<int>(shortest), longest_delay, longest)) {
        return refuse("healthyRetryPolicy.maxDelayTarget must be from minDelayTarget to 3600");
    }
    return RetryPolicy{static_cast<int>(retries), Seconds{shortest}, Seconds{longest}};
}

RetryPolicy retry_policy_of(const State& state, const Subscription& subscription) {
    const auto own = subscription.attributes.find("DeliveryPolicy");
    if (own != subscription.attributes.end()) {
        if (const auto policy = parse_delivery_policy(own->second)) { return *policy; }
    }
    const auto topic = state.messaging.topics.find(subscription.topic_arn);
    if (topic == state.messaging.topics.end()) { return {}; }
    const auto general = topic->second.attributes.find("DeliveryPolicy");
    if (general == topic->second.attributes.end()) { return {}; }
    return parse_delivery_policy(general->second).value_or(RetryPolicy{});
}

Seconds delay_before_retry(const RetryPolicy& policy, int attempts) {
    if (policy.retries <= 1) { return policy.shortest_delay; }
    const auto span = policy.longest_delay - policy.shortest_delay;
    return policy.shortest_delay + span * (attempts - 1) / (policy.retries - 1);
}

} // namespace ecsr::local
