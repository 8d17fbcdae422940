// Topics of SNS and their tags.
#include "local/api/paging.hpp"
#include "local/api/sns_names.hpp"
#include "local/messages/retries.hpp"
#include "local/messages/topics.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t longest_name = 256;

std::unexpected<ApiError> invalid(const std::string& what) {
    return api_fail("InvalidParameter", "Invalid parameter: " + what);
}

bool is_topic_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

// Where SNS is to log deliveries: "HTTPSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", ...
bool is_feedback(std::string_view name) {
    for (const std::string_view protocol : {"HTTP", "Firehose", "Lambda", "Application", "SQS"}) {
        if (!name.starts_with(protocol)) { continue; }
        const std::string_view rest = name.substr(protocol.size());
        return rest == "SuccessFeedbackRoleArn" || rest == "SuccessFeedbackSampleRate" ||
               rest == "FailureFeedbackRoleArn";
    }
    return false;
}

ApiResult<void> check_attribute(const std::string& name, const std::string& value) {
    static constexpr std::array known = {"DisplayName",    "Policy",           "DeliveryPolicy",
                                         "KmsMasterKeyId", "SignatureVersion", "TracingConfig"};
    if (name == "FifoTopic" || name == "ContentBasedDeduplication") {
        if (value == "false") { return {}; }
        return invalid(name + " Reason: the local ECS has no FIFO topics");
    }
    if (std::ranges::find(known, name) == known.end() && !is_feedback(name)) { return invalid("AttributeName"); }
    if (name == "DeliveryPolicy" && !value.empty()) {
        if (const auto policy = parse_delivery_policy(value); !policy) { return std::unexpected(policy.error()); }
    }
    return {};
}

// What SNS gives a topic that was made without a policy.
std::string default_policy(const State& state, const Topic& topic) {
    return fmt::format(
        R"({{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":"__default_statement_ID",)"
        R"("Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes",)"
        R"("SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe",)"
        R"("SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"{}",)"
        R"("Condition":{{"StringEquals":{{"AWS:SourceOwner":"{}"}}}}}}]}})",
        topic.arn, state.identity.account_id);
}

std::string effective_delivery_policy(const Topic& topic) {
    const auto own = topic.attributes.find("DeliveryPolicy");
    const auto policy =
        own == topic.attributes.end() ? RetryPolicy{} : parse_delivery_policy(own->second).value_or(RetryPolicy{});
    return fmt::format(R"({{"http":{{"defaultHealthyRetryPolicy":{{"minDelayTarget":{},"maxDelayTarget":{},)"
                       R"("numRetries":{},"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,)"
                       R"("backoffFunction":"linear"}},"disableSubscriptionOverrides":false,)"
                       R"("defaultRequestPolicy":{{"headerContentType":"text/plain; charset=UTF-8"}}}}}})",
                       policy.shortest_delay.count(), policy.longest_delay.count(), policy.retries);
}

json::object topic_answer(const std::string& arn) {
    json::object object;
    object["TopicArn"] = arn;
    return object;
}

ApiResult<json::object> create(Call& call, Input& input) {
    const std::string name = input.required_text("Name");
    const auto attributes = input.pairs("Attributes", "key", "value");
    const auto tags = input.pairs("Tags", "Key", "Value");
    if (!input.good()) { return input.problem(); }
    if (!is_topic_name(name)) { return invalid("Topic Name"); }
    for (const auto& [key, value] : attributes) {
        if (auto checked = check_attribute(key, value); !checked) { return std::unexpected(checked.error()); }
    }
    const std::string arn = topic_arn(call.state.identity, name);
    const auto existing = call.state.messaging.topics.find(arn);
    if (existing != call.state.messaging.topics.end()) {
        const Topic& topic = existing->second;
        const bool same = std::ranges::all_of(attributes, [&](const auto& each) {
            const auto found = topic.attributes.find(each.first);
            return found != topic.attributes.end() && found->second == each.second;
        });
        if (!same) { return invalid("Attributes Reason: Topic already exists with different attributes"); }
        if (!tags.empty() && tags != topic.tags) {
            return invalid("Tags Reason: Topic already exists with different tags");
        }
        return topic_answer(arn);
    }
    call.state.messaging.topics[arn] = Topic{name, arn, attributes, tags};
    return topic_answer(arn);
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string arn = input.required_text("TopicArn");
    if (!input.good()) { return input.problem(); }
    delete_topic(call.state, arn);
    return json::object();
}

ApiResult<json::object> list(Call& call, Input& input) {
    std::vector<std::string> keys;
    for (const auto& [arn, topic] : call.state.messaging.topics) { keys.push_back(arn); }
    json::object answer;
    const auto page = sns_page(input, std::move(keys), answer);
    if (!page) { return std::unexpected(page.error()); }
    json::array topics;
    for (const auto& arn : *page) { topics.emplace_back(topic_answer(arn)); }
    answer["Topics"] = std::move(topics);
    return answer;
}

ApiResult<json::object> get_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("TopicArn");
    if (!input.good()) { return input.problem(); }
    const auto found = require_topic(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    const Topic& topic = **found;
    int confirmed = 0;
    int pending = 0;
    for (const auto& [key, subscription] : call.state.messaging.subscriptions) {
        if (subscription.topic_arn == arn) { ++(subscription.confirmed ? confirmed : pending); }
    }
    std::map<std::string, std::string> attributes = topic.attributes;
    attributes["TopicArn"] = arn;
    attributes["Owner"] = call.state.identity.account_id;
    attributes.try_emplace("Policy", default_policy(call.state, topic));
    attributes.try_emplace("DisplayName", "");
    attributes["EffectiveDeliveryPolicy"] = effective_delivery_policy(topic);
    attributes["SubscriptionsConfirmed"] = std::to_string(confirmed);
    attributes["SubscriptionsPending"] = std::to_string(pending);
    attributes["SubscriptionsDeleted"] = std::to_string(topic.subscriptions_deleted);
    json::object answer;
    answer["Attributes"] = map_entries(attributes);
    return answer;
}

ApiResult<json::object> set_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("TopicArn");
    const std::string name = input.required_text("AttributeName");
    const std::string value = input.text_or("AttributeValue", "");
    if (!input.good()) { return input.problem(); }
    const auto topic = require_topic(call, arn);
    if (!topic) { return std::unexpected(topic.error()); }
    if (auto checked = check_attribute(name, value); !checked) { return std::unexpected(checked.error()); }
    if (value.empty()) {
        (*topic)->attributes.erase(name);
    } else {
        (*topic)->attributes[name] = value;
    }
    return json::object();
}

ApiResult<Topic*> tagged(Call& call, const std::string& arn) {
    auto topic = require_topic(call, arn);
    if (!topic) { return api_fail("ResourceNotFound", "Resource does not exist", 404); }
    return topic;
}

ApiResult<json::object> list_tags(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceArn");
    if (!input.good()) { return input.problem(); }
    const auto topic = tagged(call, arn);
    if (!topic) { return std::unexpected(topic.error()); }
    json::object answer;
    answer["Tags"] = tags_array((*topic)->tags, "Key", "Value");
    return answer;
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceArn");
    const auto tags = input.pairs("Tags", "Key", "Value");
    if (!input.good()) { return input.problem(); }
    const auto topic = tagged(call, arn);
    if (!topic) { return std::unexpected(topic.error()); }
    for (const auto& [key, value] : tags) { (*topic)->tags[key] = value; }
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceArn");
    const auto keys = input.required_texts("TagKeys");
    if (!input.good()) { return input.problem(); }
    const auto topic = tagged(call, arn);
    if (!topic) { return std::unexpected(topic.error()); }
    for (const auto& key : keys) { (*topic)->tags.erase(key); }
    return json::object();
}

constexpr Operation operations[] = {
    {"CreateTopic", create, Change::State},
    {"DeleteTopic", remove, Change::State},
    {"ListTopics", list},
    {"GetTopicAttributes", get_attributes},
    {"SetTopicAttributes", set_attributes, Change::State},
    {"ListTagsForResource", list_tags},
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
};

} // namespace

ApiResult<Topic*> require_topic(Call& call, const std::string& arn) {
    const auto topic = call.state.messaging.topics.find(arn);
    if (topic != call.state.messaging.topics.end()) { return &topic->second; }
    if (!arn.starts_with("arn:")) { return invalid("TopicArn"); }
    return api_fail("NotFound", "Topic does not exist", 404);
}

json::object map_entries(const std::map<std::string, std::string>& entries) {
    json::object map;
    map["entry"] = tags_array(entries, "key", "value");
    return map;
}

ApiResult<std::vector<std::string>> sns_page(Input& input, std::vector<std::string> keys, json::object& answer) {
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    auto page = cut_page(std::move(keys), page_size, token);
    if (!page) { return invalid("NextToken"); }
    put(answer, "NextToken", page->next_token);
    return std::move(page->keys);
}

std::span<const Operation> sns_topic_operations() {
    return operations;
}

} // namespace ecsr::local::wire
