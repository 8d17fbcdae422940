// The verbs of SNS that start something: subscribing, confirming, publishing. Each fails as SNS does and then has
// changed nothing.
//
// Pure. Called under the lock of local/plane: by local/api, and by whatever tells people of something (alarms, rules).
#pragma once

#include "local/state/api_error.hpp"
#include "local/state/state.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace ecsr::local {

constexpr std::size_t messages_kept = 1'000; // the newest; for people to read
constexpr std::size_t bytes_of_messages_kept = 8U
                                               << 20U; // their subjects, texts and attributes; the newest always stays
constexpr std::size_t letters_kept = 10'000;           // deliveries that wait; more are given up at once
constexpr std::size_t longest_message = 262'144;       // bytes (ECS behaviour A11)
constexpr std::size_t longest_subject = 100;

std::string topic_arn(const Identity& identity, std::string_view name);

struct Publication {
    std::string topic_arn;
    std::string subject; // empty: none
    std::string message;
    bool has_text_by_protocol = false; // MessageStructure "json"
    std::map<std::string, MessageAttribute> attributes = {};
};

// The message id. Errors: NotFound (no such topic), InvalidParameter.
ApiResult<std::string> publish(State& state, const Publication& publication, Instant now);

// A message of the plane itself, whose subject and text are cut to what SNS takes. Error: NotFound.
ApiResult<std::string> publish(State& state, const std::string& topic_arn, const std::string& subject,
                               const std::string& message, Instant now);

struct NewSubscription {
    std::string topic_arn, protocol, endpoint;
    std::map<std::string, std::string> attributes = {};
};

// The same topic, protocol and endpoint again is the same subscription; while it is not confirmed, its endpoint is
// asked once more. Errors: NotFound, InvalidParameter.
ApiResult<Subscription*> subscribe(State& state, const NewSubscription& wanted, Instant now);

// Sets an attribute of a subscription; an empty value resets it. Error: InvalidParameter.
ApiResult<void> set_attribute(Subscription& subscription, const std::string& name, const std::string& value);

// Error: InvalidParameter, for a token that was not given out for the topic within the last two days.
ApiResult<Subscription*> confirm_subscription(State& state, const std::string& topic_arn, const std::string& token,
                                              bool with_credentials, Instant now);

// No such subscription: nothing happens.
void unsubscribe(State& state, const std::string& arn, Instant now);

// With its subscriptions and what waits for them. No such topic: nothing happens.
void delete_topic(State& state, const std::string& arn);

} // namespace ecsr::local
