// Amazon Simple Notification Service, typed; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp.
#pragma once

#include "aws/call.hpp"

#include <map>
#include <stop_token>
#include <string>

namespace ecsr::aws::sns {

struct MessageAttributeValue {
    std::string data_type = {}; // "String"
    std::string string_value = {};
};

struct PublishRequest {
    std::string topic_arn = {};
    std::string message = {};                                             // at most 256 KiB (ECS behaviour A11)
    std::string subject = {};                                             // at most 100 printable ASCII characters
    std::map<std::string, MessageAttributeValue> message_attributes = {}; // what filter policies of subscriptions see
};
struct PublishAnswer {
    std::string message_id;
};

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    // Twice is two messages, so a lost answer is an error that says so.
    Result<PublishAnswer> publish(const PublishRequest& request, const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::sns
