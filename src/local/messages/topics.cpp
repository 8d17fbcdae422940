#include "local/messages/topics.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "local/messages/letters.hpp"
#include "local/messages/retries.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours token_life{48};

std::unexpected<ApiError> invalid(const std::string& what) {
    return api_fail("InvalidParameter", "Invalid parameter: " + what);
}

ApiResult<Topic*> find_topic(State& state, const std::string& arn) {
    const auto topic = state.messaging.topics.find(arn);
    if (topic == state.messaging.topics.end()) { return api_fail("NotFound", "Topic does not exist", 404); }
    return &topic->second;
}

bool is_http(const std::string& protocol) {
    return protocol == "http" || protocol == "https";
}

// Whoever is behind such an endpoint must say that it wants the messages.
bool needs_confirmation(const std::string& protocol) {
    return is_http(protocol) || protocol.starts_with("email");
}

// ---- subscriptions ----

ApiResult<void> check_endpoint(const NewSubscription& wanted) {
    static constexpr std::array protocols = {"http", "https",  "email",       "email-json", "sms",
                                             "sqs",  "lambda", "application", "firehose"};
    if (std::ranges::find(protocols, wanted.protocol) == protocols.end()) {
        return invalid("Amazon SNS does not support this protocol string: " + wanted.protocol);
    }
    bool fits = !wanted.endpoint.empty();
    if (is_http(wanted.protocol)) {
        fits = wanted.endpoint.starts_with(wanted.protocol + "://") && parse_url(wanted.endpoint).has_value();
    } else if (wanted.protocol.starts_with("email")) {
        fits = wanted.endpoint.find('@') != std::string::npos;
    } else if (wanted.protocol != "sms") {
        fits = wanted.endpoint.starts_with("arn:");
    }
    if (!fits) { return invalid("Endpoint must match the specified protocol"); }
    return {};
}

// Empty: letters reach it.
std::string why_out_of_reach(const State& state, const std::string& protocol, const std::string& endpoint) {
    if (!is_http(protocol)) { return fmt::format("the local ECS delivers to http endpoints, not by {}", protocol); }
    if (state.endpoint_url.empty()) { return "this local ECS has no network"; }
    const auto url = parse_url(endpoint);
    if (!url || !url->is_loopback()) { return "the local ECS sends to endpoints on this machine alone"; }
    return {};
}

bool post(State& state, const std::string& message_id, const Subscription& subscription, HttpRequest request,
          Instant now) {
    Messaging& messaging = state.messaging;
    if (messaging.letters.size() >= letters_kept) { return false; }
    messaging.letters[messaging.next_letter++] =
        Letter{message_id, subscription.arn, std::move(request), 0, now, false};
    return true;
}

void ask_for_confirmation(State& state, Subscription& subscription, const std::string& type, Instant now) {
    subscription.token = state.random.hex(64);
    subscription.asked_at = now;
    if (!why_out_of_reach(state, subscription.protocol, subscription.endpoint).empty()) { return; }
    const std::string id = new_uuid(state.random);
    post(state, "", subscription, confirmation_letter(state, subscription, type, id, now), now);
}

Subscription* find_same(State& state, const NewSubscription& wanted) {
    for (auto& [arn, subscription] : state.messaging.subscriptions) {
        if (subscription.topic_arn == wanted.topic_arn && subscription.protocol == wanted.protocol &&
            subscription.endpoint == wanted.endpoint) {
            return &subscription;
        }
    }
    return nullptr;
}

bool is_expired(const Subscription& subscription, Instant now) {
    return now > subscription.asked_at + token_life;
}

// Its token was given out for the topic.
std::string find_by_token(const std::map<std::string, Subscription>& in, const std::string& topic_arn,
                          const std::string& token, Instant now) {
    for (const auto& [arn, subscription] : in) {
        const bool given_out = !token.empty() && subscription.token == token && subscription.topic_arn == topic_arn;
        if (given_out && !is_expired(subscription, now)) { return arn; }
    }
    return {};
}

// ---- messages ----

using TextByProtocol = std::map<std::string, std::string>;

// With "default", whatever the publication is like.
ApiResult<TextByProtocol> read_texts(const Publication& publication) {
    if (!publication.has_text_by_protocol) { return TextByProtocol{{"default", publication.message}}; }
    json::error_code error;
    const json::value parsed = json::parse(publication.message, error);
    if (error || !parsed.is_object()) { return invalid("Message Structure - JSON message body failed to parse"); }
    TextByProtocol texts;
    for (const auto& [protocol, text] : parsed.get_object()) {
        if (const auto* found = text.if_string()) {
            texts[std::string(protocol.data(), protocol.size())] = std::string(found->data(), found->size());
        }
    }
    if (!texts.contains("default")) { return invalid("Message Structure - No default entry in JSON message body"); }
    return texts;
}

ApiResult<void> check(const Publication& publication) {
    if (publication.message.empty()) { return invalid("Empty message"); }
    std::size_t bytes = publication.message.size();
    for (const auto& [name, attribute] : publication.attributes) {
        bytes += name.size() + attribute.type.size() + attribute.value.size();
    }
    if (bytes > longest_message) { return invalid("Message too long"); }
    const bool printable = std::ranges::all_of(publication.subject, [](char c) { return c >= ' ' && c <= '~'; });
    if (publication.subject.size() > longest_subject || !printable || publication.subject.starts_with(' ')) {
        return invalid("Subject");
    }
    return {};
}

std::size_t bytes_of(const Message& message) {
    std::size_t bytes = message.subject.size() + message.text.size();
    for (const auto& [name, attribute] : message.attributes) {
        bytes += name.size() + attribute.type.size() + attribute.value.size();
    }
    return bytes;
}

void keep(Messaging& messaging, Message message) {
    messaging.bytes_of_messages += bytes_of(message);
    messaging.messages.push_back(std::move(message));
    while (messaging.messages.size() > messages_kept ||
           (messaging.bytes_of_messages > bytes_of_messages_kept && messaging.messages.size() > 1)) {
        messaging.bytes_of_messages -= bytes_of(messaging.messages.front());
        messaging.messages.pop_front();
    }
}

Delivery deliver(State& state, const Subscription& subscription, const Message& message, const TextByProtocol& texts,
                 Instant now) {
    Delivery delivery{subscription.protocol, subscription.endpoint, DeliveryStatus::NotDelivered, 0, {}};
    delivery.detail = why_out_of_reach(state, subscription.protocol, subscription.endpoint);
    if (!delivery.detail.empty()) { return delivery; }
    const auto own = texts.find(subscription.protocol);
    const std::string& text = own == texts.end() ? texts.at("default") : own->second;
    if (post(state, message.id, subscription, notification_letter(state, subscription, message, text), now)) {
        delivery.status = DeliveryStatus::Waiting;
    } else {
        delivery.detail = fmt::format("{} deliveries wait already", letters_kept);
    }
    return delivery;
}

void drop_letters(Messaging& messaging, const std::string& subscription_arn) {
    std::erase_if(messaging.letters,
                  [&](const auto& each) { return each.second.subscription_arn == subscription_arn; });
}

} // namespace

std::string topic_arn(const Identity& identity, std::string_view name) {
    return fmt::format("arn:aws:sns:{}:{}:{}", identity.region, identity.account_id, name);
}

ApiResult<std::string> publish(State& state, const Publication& publication, Instant now) {
    const auto topic = find_topic(state, publication.topic_arn);
    if (!topic) { return std::unexpected(topic.error()); }
    if (auto checked = check(publication); !checked) { return std::unexpected(checked.error()); }
    const auto texts = read_texts(publication);
    if (!texts) { return std::unexpected(texts.error()); }
    Message message;
    message.id = new_uuid(state.random);
    message.topic_arn = publication.topic_arn;
    message.subject = publication.subject;
    message.text = texts->at("default");
    message.attributes = publication.attributes;
    message.published_at = now;
    for (const auto& [arn, subscription] : state.messaging.subscriptions) {
        if (subscription.topic_arn != message.topic_arn || !subscription.confirmed) { continue; }
        message.deliveries[arn] = deliver(state, subscription, message, *texts, now);
    }
    std::string id = message.id;
    keep(state.messaging, std::move(message));
    return id;
}

ApiResult<std::string> publish(State& state, const std::string& topic_arn, const std::string& subject,
                               const std::string& message, Instant now) {
    Publication publication{topic_arn, subject.substr(0, longest_subject), message.substr(0, longest_message)};
    for (char& c : publication.subject) { c = c >= ' ' && c <= '~' ? c : '?'; }
    return publish(state, publication, now);
}

ApiResult<Subscription*> subscribe(State& state, const NewSubscription& wanted, Instant now) {
    const auto topic = find_topic(state, wanted.topic_arn);
    if (!topic) { return std::unexpected(topic.error()); }
    if (auto fits = check_endpoint(wanted); !fits) { return std::unexpected(fits.error()); }
    Subscription made;
    for (const auto& [name, value] : wanted.attributes) {
        if (auto set = set_attribute(made, name, value); !set) { return std::unexpected(set.error()); }
    }
    Subscription* subscription = find_same(state, wanted);
    if (subscription == nullptr) {
        made.arn = fmt::format("{}:{}", wanted.topic_arn, new_uuid(state.random));
        made.topic_arn = wanted.topic_arn;
        made.protocol = wanted.protocol;
        made.endpoint = wanted.endpoint;
        made.confirmed = made.confirmed_with_credentials = !needs_confirmation(wanted.protocol);
        subscription = &(state.messaging.subscriptions[made.arn] = made);
    }
    if (!subscription->confirmed) { ask_for_confirmation(state, *subscription, "SubscriptionConfirmation", now); }
    return subscription;
}

ApiResult<void> set_attribute(Subscription& subscription, const std::string& name, const std::string& value) {
    const std::string lower = to_lower(value);
    if (name == "RawMessageDelivery") {
        if (!value.empty() && lower != "true" && lower != "false") {
            return invalid("Attributes Reason: RawMessageDelivery: Invalid value [" + value +
                           "]. Must be true or false.");
        }
    } else if (name == "DeliveryPolicy") {
        if (const auto policy = parse_delivery_policy(value); !value.empty() && !policy) {
            return std::unexpected(policy.error());
        }
    } else {
        return invalid("AttributeName Reason: the local ECS knows RawMessageDelivery and DeliveryPolicy, not " + name);
    }
    if (value.empty()) {
        subscription.attributes.erase(name);
    } else {
        subscription.attributes[name] = value;
    }
    return {};
}

ApiResult<Subscription*> confirm_subscription(State& state, const std::string& topic_arn, const std::string& token,
                                              bool with_credentials, Instant now) {
    const auto topic = find_topic(state, topic_arn);
    if (!topic) { return std::unexpected(topic.error()); }
    Messaging& messaging = state.messaging;
    if (const auto arn = find_by_token(messaging.ended, topic_arn, token, now); !arn.empty()) {
        messaging.subscriptions.insert(messaging.ended.extract(arn));
    }
    const auto arn = find_by_token(messaging.subscriptions, topic_arn, token, now);
    if (arn.empty()) { return invalid("Token"); }
    Subscription& subscription = messaging.subscriptions.at(arn);
    subscription.confirmed = true;
    subscription.confirmed_with_credentials = with_credentials;
    return &subscription;
}

void unsubscribe(State& state, const std::string& arn, Instant now) {
    const auto found = state.messaging.subscriptions.find(arn);
    if (found == state.messaging.subscriptions.end()) { return; }
    Subscription ended = std::move(found->second);
    state.messaging.subscriptions.erase(found);
    drop_letters(state.messaging, arn);
    const auto topic = state.messaging.topics.find(ended.topic_arn);
    if (topic != state.messaging.topics.end()) { ++topic->second.subscriptions_deleted; }
    if (!needs_confirmation(ended.protocol) || !ended.confirmed) { return; }
    ask_for_confirmation(state, ended, "UnsubscribeConfirmation", now);
    std::erase_if(state.messaging.ended, [now](const auto& each) { return is_expired(each.second, now); });
    state.messaging.ended[arn] = std::move(ended);
}

void delete_topic(State& state, const std::string& arn) {
    state.messaging.topics.erase(arn);
    std::erase_if(state.messaging.subscriptions, [&](const auto& each) {
        if (each.second.topic_arn != arn) { return false; }
        drop_letters(state.messaging, each.first);
        return true;
    });
}

} // namespace ecsr::local
