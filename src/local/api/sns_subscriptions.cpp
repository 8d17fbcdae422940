// Subscriptions of SNS.
#include "base/text.hpp"
#include "local/api/sns_names.hpp"
#include "local/messages/topics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

std::unexpected<ApiError> invalid(const std::string& what) {
    return api_fail("InvalidParameter", "Invalid parameter: " + what);
}

json::object subscription_answer(const std::string& arn) {
    json::object object;
    object["SubscriptionArn"] = arn;
    return object;
}

ApiResult<json::object> subscribe_endpoint(Call& call, Input& input) {
    NewSubscription wanted;
    wanted.topic_arn = input.required_text("TopicArn");
    wanted.protocol = input.required_text("Protocol");
    wanted.endpoint = input.text_or("Endpoint", "");
    wanted.attributes = input.pairs("Attributes", "key", "value");
    const bool tells_arn = input.boolean_or("ReturnSubscriptionArn", false);
    if (!input.good()) { return input.problem(); }
    const auto subscription = subscribe(call.state, wanted, call.now);
    if (!subscription) { return std::unexpected(subscription.error()); }
    return subscription_answer((*subscription)->confirmed || tells_arn ? (*subscription)->arn : "pending confirmation");
}

ApiResult<json::object> confirm(Call& call, Input& input) {
    const std::string topic = input.required_text("TopicArn");
    const std::string token = input.required_text("Token");
    const bool with_credentials = input.text_or("AuthenticateOnUnsubscribe", "") == "true";
    if (!input.good()) { return input.problem(); }
    const auto subscription = confirm_subscription(call.state, topic, token, with_credentials, call.now);
    if (!subscription) { return std::unexpected(subscription.error()); }
    return subscription_answer((*subscription)->arn);
}

ApiResult<json::object> unsubscribe_endpoint(Call& call, Input& input) {
    const std::string arn = input.required_text("SubscriptionArn");
    if (!input.good()) { return input.problem(); }
    if (split(arn, ':').size() < 7) {
        return invalid(fmt::format("SubscriptionArn Reason: An ARN must have at least 6 elements, not {}",
                                   split(arn, ':').size()));
    }
    unsubscribe(call.state, arn, call.now);
    return json::object();
}

ApiResult<json::object> list_page(Call& call, Input& input, std::vector<std::string> keys) {
    json::object answer;
    const auto page = sns_page(input, std::move(keys), answer);
    if (!page) { return std::unexpected(page.error()); }
    json::array subscriptions;
    for (const auto& arn : *page) {
        subscriptions.emplace_back(subscription_view(call, call.state.messaging.subscriptions.at(arn)));
    }
    answer["Subscriptions"] = std::move(subscriptions);
    return answer;
}

ApiResult<json::object> list(Call& call, Input& input) {
    std::vector<std::string> keys;
    for (const auto& [arn, subscription] : call.state.messaging.subscriptions) { keys.push_back(arn); }
    return list_page(call, input, std::move(keys));
}

ApiResult<json::object> list_by_topic(Call& call, Input& input) {
    const std::string topic = input.required_text("TopicArn");
    if (!input.good()) { return input.problem(); }
    if (const auto found = require_topic(call, topic); !found) { return std::unexpected(found.error()); }
    std::vector<std::string> keys;
    for (const auto& [arn, subscription] : call.state.messaging.subscriptions) {
        if (subscription.topic_arn == topic) { keys.push_back(arn); }
    }
    return list_page(call, input, std::move(keys));
}

ApiResult<json::object> get_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("SubscriptionArn");
    if (!input.good()) { return input.problem(); }
    const auto found = require_subscription(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    const Subscription& subscription = **found;
    std::map<std::string, std::string> attributes = subscription.attributes;
    attributes["SubscriptionArn"] = subscription.arn;
    attributes["TopicArn"] = subscription.topic_arn;
    attributes["Protocol"] = subscription.protocol;
    attributes["Endpoint"] = subscription.endpoint;
    attributes["Owner"] = call.state.identity.account_id;
    attributes["SubscriptionPrincipal"] = fmt::format("arn:aws:iam::{}:root", call.state.identity.account_id);
    attributes["PendingConfirmation"] = subscription.confirmed ? "false" : "true";
    attributes["ConfirmationWasAuthenticated"] = subscription.confirmed_with_credentials ? "true" : "false";
    attributes.try_emplace("RawMessageDelivery", "false");
    json::object answer;
    answer["Attributes"] = map_entries(attributes);
    return answer;
}

ApiResult<json::object> set_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("SubscriptionArn");
    const std::string name = input.required_text("AttributeName");
    const std::string value = input.text_or("AttributeValue", "");
    if (!input.good()) { return input.problem(); }
    const auto subscription = require_subscription(call, arn);
    if (!subscription) { return std::unexpected(subscription.error()); }
    if (auto set = set_attribute(**subscription, name, value); !set) { return std::unexpected(set.error()); }
    return json::object();
}

constexpr Operation operations[] = {
    {"Subscribe", subscribe_endpoint, Change::State},
    {"ConfirmSubscription", confirm, Change::State},
    {"Unsubscribe", unsubscribe_endpoint, Change::State},
    {"ListSubscriptions", list},
    {"ListSubscriptionsByTopic", list_by_topic},
    {"GetSubscriptionAttributes", get_attributes},
    {"SetSubscriptionAttributes", set_attributes, Change::State},
};

} // namespace

ApiResult<Subscription*> require_subscription(Call& call, const std::string& arn) {
    const auto found = call.state.messaging.subscriptions.find(arn);
    if (found != call.state.messaging.subscriptions.end()) { return &found->second; }
    if (!arn.starts_with("arn:")) { return invalid("SubscriptionArn"); }
    return api_fail("NotFound", "Subscription does not exist", 404);
}

json::object subscription_view(const Call& call, const Subscription& subscription) {
    json::object object;
    object["SubscriptionArn"] = subscription.confirmed ? subscription.arn : "PendingConfirmation";
    object["Owner"] = call.state.identity.account_id;
    object["Protocol"] = subscription.protocol;
    object["Endpoint"] = subscription.endpoint;
    object["TopicArn"] = subscription.topic_arn;
    return object;
}

std::span<const Operation> sns_subscription_operations() {
    return operations;
}

} // namespace ecsr::local::wire
