#include "local/api/message_page.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <ranges>

namespace ecsr::local::wire {

namespace {

bool is_of(const std::string& arn, const std::string& topic) {
    return topic.empty() || arn == topic || arn.substr(arn.rfind(':') + 1) == topic;
}

json::object delivery_view(const Delivery& delivery) {
    json::object object;
    object["protocol"] = delivery.protocol;
    object["endpoint"] = delivery.endpoint;
    object["status"] = to_string(delivery.status);
    object["attempts"] = delivery.attempts;
    put(object, "detail", delivery.detail);
    return object;
}

json::object message_view(const Message& message) {
    json::object attributes;
    for (const auto& [name, attribute] : message.attributes) { attributes[name] = attribute.value; }
    json::array deliveries;
    for (const auto& [arn, delivery] : message.deliveries) { deliveries.emplace_back(delivery_view(delivery)); }
    json::object object;
    object["messageId"] = message.id;
    object["topicArn"] = message.topic_arn;
    object["publishedAt"] = to_rfc3339(message.published_at);
    put(object, "subject", message.subject);
    object["message"] = message.text;
    if (!attributes.empty()) { object["attributes"] = std::move(attributes); }
    object["deliveries"] = std::move(deliveries);
    return object;
}

json::object unconfirmed_view(const State& state, const Subscription& subscription) {
    json::object object;
    object["topicArn"] = subscription.topic_arn;
    object["protocol"] = subscription.protocol;
    object["endpoint"] = subscription.endpoint;
    object["confirmUrl"] = fmt::format("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}", state.endpoint_url,
                                       subscription.topic_arn, subscription.token);
    return object;
}

} // namespace

json::object message_page(const State& state, const std::string& topic) {
    json::array messages;
    for (const auto& message : std::views::reverse(state.messaging.messages)) {
        if (is_of(message.topic_arn, topic)) { messages.emplace_back(message_view(message)); }
    }
    json::array unconfirmed;
    for (const auto& [arn, subscription] : state.messaging.subscriptions) {
        if (!subscription.confirmed && is_of(subscription.topic_arn, topic)) {
            unconfirmed.emplace_back(unconfirmed_view(state, subscription));
        }
    }
    json::object body;
    body["messages"] = std::move(messages);
    body["unconfirmed"] = std::move(unconfirmed);
    return body;
}

} // namespace ecsr::local::wire
