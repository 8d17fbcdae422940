// Topics, who subscribed to them, and what was published (SNS; ECS behaviour A11).
#pragma once

#include "base/http.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace ecsr::local {

struct Topic {
    std::string name;
    std::string arn;
    std::map<std::string, std::string> attributes; // those that were set: "DisplayName", "Policy", ...
    std::map<std::string, std::string> tags;
    int subscriptions_deleted = 0;
};

struct Subscription {
    std::string arn;
    std::string topic_arn;
    std::string protocol; // "http", "email", "sqs", ...
    std::string endpoint; // URL, address or ARN
    bool confirmed = false;
    bool confirmed_with_credentials = false;
    std::string token; // confirms it
    Instant asked_at{};
    std::map<std::string, std::string> attributes; // those that were set: "RawMessageDelivery", ...
};

struct MessageAttribute {
    std::string type; // "String", "Number", "Binary", or one of them with a suffix of the publisher's
    std::string value;
};

enum class DeliveryStatus { Waiting, Delivered, GaveUp, NotDelivered };

// What became of a message at one subscription.
struct Delivery {
    std::string protocol;
    std::string endpoint;
    DeliveryStatus status = DeliveryStatus::Waiting;
    int attempts = 0;
    std::string detail; // for people: the last answer, or why nothing was sent
};

struct Message {
    std::string id;
    std::string topic_arn;
    std::string subject; // empty: none
    std::string text;    // the "default" one, where there is one for each protocol
    std::map<std::string, MessageAttribute> attributes;
    Instant published_at{};
    std::map<std::string, Delivery> deliveries; // by subscription ARN
};

// A request that is still to be made of an endpoint.
struct Letter {
    std::string message_id; // of a Message that may be forgotten already; of none for confirmations
    std::string subscription_arn;
    HttpRequest request;
    int attempts = 0; // made so far
    Instant due_at{};
    bool under_way = false;
};

struct Messaging {
    std::map<std::string, Topic> topics;               // by ARN
    std::map<std::string, Subscription> subscriptions; // by ARN
    std::map<std::string, Subscription> ended;         // by ARN; their endpoints may still take it back

    // Not saved: SNS keeps no messages, these are for people to read. The oldest goes first, see local/messages.
    std::deque<Message> messages;
    std::size_t bytes_of_messages = 0;
    std::map<std::uint64_t, Letter> letters;
    std::uint64_t next_letter = 1;
};

// "waiting", "delivered", "gave up", "not delivered".
const char* to_string(DeliveryStatus status);

} // namespace ecsr::local
