// Tags of CloudWatch alarms (ECS behaviour A5).
#include "local/api/call.hpp"

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_tags = 50;

Alarm* find_by_arn(Call& call, const std::string& arn) {
    for (auto& [name, alarm] : call.state.alarms.by_name) {
        if (alarm.arn == arn) { return &alarm; }
    }
    return nullptr;
}

std::unexpected<ApiError> no_such_resource() {
    return api_fail("ResourceNotFoundException", "Unknown", 404);
}

ApiResult<json::object> list_tags(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    if (!input.good()) { return input.problem(); }
    const auto* alarm = find_by_arn(call, arn);
    if (alarm == nullptr) { return no_such_resource(); }
    json::object object;
    object["Tags"] = tags_array(alarm->tags, "Key", "Value");
    return object;
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    const auto tags = input.pairs("Tags", "Key", "Value");
    if (!input.good()) { return input.problem(); }
    auto* alarm = find_by_arn(call, arn);
    if (alarm == nullptr) { return no_such_resource(); }
    auto merged = alarm->tags;
    for (const auto& [key, value] : tags) { merged[key] = value; }
    if (merged.size() > most_tags) { return api_fail("InvalidParameterValue", "An alarm has at most 50 tags."); }
    alarm->tags = std::move(merged);
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    const auto keys = input.required_texts("TagKeys");
    if (!input.good()) { return input.problem(); }
    auto* alarm = find_by_arn(call, arn);
    if (alarm == nullptr) { return no_such_resource(); }
    for (const auto& key : keys) { alarm->tags.erase(key); }
    return json::object();
}

constexpr Operation operations[] = {
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
    {"ListTagsForResource", list_tags},
};

} // namespace

std::span<const Operation> alarm_tag_operations() {
    return operations;
}

} // namespace ecsr::local::wire
