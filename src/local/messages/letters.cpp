#include "local/messages/letters.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <string_view>

namespace ecsr::local {

namespace {

// The members in the order and in the layout in which SNS writes them.
class Document {
public:
    Document& add(std::string_view name, std::string_view value) { return add_json(name, json::quote(value)); }
    Document& add_json(std::string_view name, std::string_view value) {
        text_ += fmt::format("{}  \"{}\" : {}", text_.empty() ? "" : ",\n", name, value);
        return *this;
    }
    std::string text() const { return "{\n" + text_ + "\n}"; }

private:
    std::string text_;
};

// With milliseconds always.
std::string time_text(Instant at) {
    std::string text = to_rfc3339(at);
    if (text.find('.') == std::string::npos) { text.insert(text.size() - 1, ".000"); }
    return text;
}

// Nothing here can sign in the name of AWS: the members are there, for whoever reads them, and hold nothing.
void add_signature(Document& document) {
    document.add("SignatureVersion", "1").add("Signature", "").add("SigningCertURL", "");
}

HttpRequest letter(const Subscription& subscription, std::string_view type, std::string_view message_id,
                   std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.url = subscription.endpoint;
    request.headers = {{"x-amz-sns-message-type", std::string(type)},
                       {"x-amz-sns-message-id", std::string(message_id)},
                       {"x-amz-sns-topic-arn", subscription.topic_arn}};
    if (type == "Notification") { request.headers.emplace_back("x-amz-sns-subscription-arn", subscription.arn); }
    request.headers.emplace_back("Content-Type", "text/plain; charset=UTF-8");
    request.headers.emplace_back("User-Agent", "Amazon Simple Notification Service Agent");
    request.body = std::move(body);
    return request;
}

std::string attributes_json(const std::map<std::string, MessageAttribute>& attributes) {
    std::string text;
    for (const auto& [name, attribute] : attributes) {
        text += fmt::format("{}    {} : {{\"Type\":{},\"Value\":{}}}", text.empty() ? "" : ",\n", json::quote(name),
                            json::quote(attribute.type), json::quote(attribute.value));
    }
    return "{\n" + text + "\n  }";
}

std::string confirmation_text(const Subscription& subscription, const std::string& type) {
    if (type == "SubscriptionConfirmation") {
        return fmt::format("You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the "
                           "SubscribeURL included in this message.",
                           subscription.topic_arn);
    }
    return fmt::format("You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the "
                       "subscription, visit the SubscribeURL included in this message.",
                       subscription.arn);
}

} // namespace

HttpRequest confirmation_letter(const State& state, const Subscription& subscription, const std::string& type,
                                const std::string& message_id, Instant now) {
    Document document;
    document.add("Type", type).add("MessageId", message_id).add("Token", subscription.token);
    document.add("TopicArn", subscription.topic_arn).add("Message", confirmation_text(subscription, type));
    document.add("SubscribeURL", fmt::format("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}", state.endpoint_url,
                                             subscription.topic_arn, subscription.token));
    document.add("Timestamp", time_text(now));
    add_signature(document);
    return letter(subscription, type, message_id, document.text());
}

HttpRequest notification_letter(const State& state, const Subscription& subscription, const Message& message,
                                const std::string& text) {
    const auto raw = subscription.attributes.find("RawMessageDelivery");
    if (raw != subscription.attributes.end() && equals_ignoring_case(raw->second, "true")) {
        HttpRequest request = letter(subscription, "Notification", message.id, text);
        request.headers.emplace_back("x-amz-sns-rawdelivery", "true");
        return request;
    }
    Document document;
    document.add("Type", "Notification").add("MessageId", message.id).add("TopicArn", message.topic_arn);
    if (!message.subject.empty()) { document.add("Subject", message.subject); }
    document.add("Message", text).add("Timestamp", time_text(message.published_at));
    add_signature(document);
    document.add("UnsubscribeURL",
                 fmt::format("{}/?Action=Unsubscribe&SubscriptionArn={}", state.endpoint_url, subscription.arn));
    if (!message.attributes.empty()) { document.add_json("MessageAttributes", attributes_json(message.attributes)); }
    return letter(subscription, "Notification", message.id, document.text());
}

} // namespace ecsr::local
