// Publish and PublishBatch of SNS.
#include "local/api/sns_names.hpp"
#include "local/messages/topics.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t largest_batch = 10;

std::unexpected<ApiError> invalid(const std::string& what) {
    return api_fail("InvalidParameter", "Invalid parameter: " + what);
}

bool is_batch_id(const std::string& id) {
    return !id.empty() && id.size() <= 80 &&
           std::ranges::all_of(id, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::map<std::string, MessageAttribute> read_attributes(Input& input) {
    std::map<std::string, MessageAttribute> attributes;
    for (auto& entry : input.objects("MessageAttributes")) {
        const std::string name = entry.required_text("Name");
        auto value = entry.object("Value");
        if (!value) {
            entry.note_constraint("Value", std::nullopt, "Member must not be null");
            continue;
        }
        const std::string type = value->required_text("DataType");
        attributes[name] = {type, value->text_or("StringValue", value->text_or("BinaryValue", ""))};
        if (!type.starts_with("String") && !type.starts_with("Number") && !type.starts_with("Binary")) {
            input.note({"InvalidParameterValue",
                        "The message attribute '" + name +
                            "' has an invalid message attribute type, the set of supported type prefixes is Binary, "
                            "Number, and String."});
        }
    }
    return attributes;
}

Publication read_publication(Input& input) {
    Publication publication;
    publication.subject = input.text_or("Subject", "");
    publication.message = input.required_text("Message");
    const std::string structure = input.text_or("MessageStructure", "");
    publication.has_text_by_protocol = structure == "json";
    if (!structure.empty() && structure != "json") {
        input.note({"InvalidParameter", "Invalid parameter: MessageStructure"});
    }
    publication.attributes = read_attributes(input);
    return publication;
}

ApiResult<json::object> publish_one(Call& call, Input& input) {
    Publication publication = read_publication(input);
    publication.topic_arn = input.text_or("TopicArn", input.text_or("TargetArn", ""));
    const bool by_phone = input.has("PhoneNumber");
    if (!input.good()) { return input.problem(); }
    if (by_phone) { return invalid("PhoneNumber Reason: the local ECS sends no text messages"); }
    if (publication.topic_arn.empty()) {
        return invalid("TopicArn or TargetArn Reason: no value for required parameter");
    }
    if (const auto topic = require_topic(call, publication.topic_arn); !topic) {
        return std::unexpected(topic.error());
    }
    const auto id = publish(call.state, publication, call.now);
    if (!id) { return std::unexpected(id.error()); }
    json::object answer;
    answer["MessageId"] = *id;
    return answer;
}

struct Entry {
    std::string id;
    Publication publication;
};

ApiResult<void> check_batch(const std::vector<Entry>& entries) {
    if (entries.empty()) { return api_fail("EmptyBatchRequest", "The batch request doesn't contain any entries."); }
    if (entries.size() > largest_batch) {
        return api_fail("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    }
    std::set<std::string> ids;
    std::size_t bytes = 0;
    for (const auto& entry : entries) {
        if (!is_batch_id(entry.id)) {
            return api_fail("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the "
                                                   "specification.");
        }
        if (!ids.insert(entry.id).second) {
            return api_fail("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
        }
        bytes += entry.publication.message.size();
    }
    if (bytes > longest_message) {
        return api_fail("BatchRequestTooLong", "The length of all the batch messages put together is more than the "
                                               "limit.");
    }
    return {};
}

json::object failed_entry(const std::string& id, const ApiError& error) {
    json::object object;
    object["Id"] = id;
    object["Code"] = error.code;
    object["Message"] = error.message;
    object["SenderFault"] = true;
    return object;
}

ApiResult<json::object> publish_batch(Call& call, Input& input) {
    const std::string arn = input.required_text("TopicArn");
    std::vector<Entry> entries;
    for (auto& entry : input.objects("PublishBatchRequestEntries")) {
        entries.push_back({entry.required_text("Id"), read_publication(entry)});
        entries.back().publication.topic_arn = arn;
    }
    if (!input.good()) { return input.problem(); }
    if (const auto topic = require_topic(call, arn); !topic) { return std::unexpected(topic.error()); }
    if (auto checked = check_batch(entries); !checked) { return std::unexpected(checked.error()); }
    json::array successful;
    json::array failed;
    for (const auto& [id, publication] : entries) {
        const auto message = publish(call.state, publication, call.now);
        if (!message) {
            failed.emplace_back(failed_entry(id, message.error()));
            continue;
        }
        json::object done;
        done["Id"] = id;
        done["MessageId"] = *message;
        successful.emplace_back(std::move(done));
    }
    json::object answer;
    answer["Successful"] = std::move(successful);
    answer["Failed"] = std::move(failed);
    return answer;
}

constexpr Operation operations[] = {
    {"Publish", publish_one, Change::State},
    {"PublishBatch", publish_batch, Change::State},
};

} // namespace

std::span<const Operation> sns_publish_operations() {
    return operations;
}

} // namespace ecsr::local::wire
