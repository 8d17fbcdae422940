// Log groups, their retention and their tags.
#include "base/text.hpp"
#include "local/api/logs_names.hpp"
#include "local/api/paging.hpp"
#include "local/logs/log_store.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t longest_name = 512;

bool is_group_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view(".-_/#").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

ApiResult<json::object> create(Call& call, Input& input) {
    const std::string name = input.required_text("logGroupName");
    const auto tags = input.map("tags");
    const auto log_class = input.text_among("logGroupClass", {"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"});
    const std::string key = input.text_or("kmsKeyId", "");
    if (input.boolean_or("deletionProtectionEnabled", false)) {
        input.note({"InvalidParameterException", "The local ECS has no deletion protection of log groups."});
    }
    if (!input.good()) { return input.problem(); }
    if (!is_group_name(name)) {
        input.note_constraint("logGroupName", name,
                              "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+");
        return input.problem();
    }
    if (find_log_group(call.state, name) != nullptr) {
        return api_fail("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    LogGroup& group = create_log_group(call.state, name, call.now);
    group.tags = tags;
    group.kms_key_id = key;
    group.log_class = log_class.value_or(group.log_class);
    return json::object();
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string name = input.required_text("logGroupName");
    if (!input.good()) { return input.problem(); }
    if (const auto group = require_log_group(call, name); !group) { return std::unexpected(group.error()); }
    delete_log_group(call.state, name);
    return json::object();
}

std::size_t stored_bytes(const Call& call, const LogGroup& group) {
    std::size_t bytes = 0;
    for (const auto& [name, stream] : group.streams) {
        for (const auto& event : log_events(call.state, group, name)) {
            bytes += event.message.size() + bytes_around_event;
        }
    }
    return bytes;
}

json::object view(const Call& call, const LogGroup& group) {
    const std::string arn = log_group_arn(call.state.identity, group.name);
    json::object object;
    object["logGroupName"] = group.name;
    object["creationTime"] = to_epoch_millis(group.created_at);
    put(object, "retentionInDays", group.retention_days);
    object["metricFilterCount"] = 0;
    object["arn"] = arn + ":*";
    object["storedBytes"] = stored_bytes(call, group);
    put(object, "kmsKeyId", group.kms_key_id);
    object["logGroupClass"] = group.log_class;
    object["logGroupArn"] = arn;
    object["deletionProtectionEnabled"] = false;
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const std::string prefix = input.text_or("logGroupNamePrefix", "");
    const std::string part = input.text_or("logGroupNamePattern", "");
    const auto log_class = input.text_among("logGroupClass", {"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"});
    const auto identifiers = input.texts("logGroupIdentifiers");
    const int limit = input.integer_between("limit", 1, 50).value_or(50);
    const std::string token = input.text_or("nextToken", "");
    if (!prefix.empty() && !part.empty()) {
        input.note({"InvalidParameterException",
                    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."});
    }
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> keys;
    for (const auto& [name, group] : call.state.logs.groups) {
        const std::string arn = log_group_arn(call.state.identity, name);
        const bool named = !identifiers || std::ranges::any_of(*identifiers, [&, &group_name = name](const auto& id) {
            return id == group_name || id == arn;
        });
        const bool fits = name.starts_with(prefix) && (part.empty() || contains_ignoring_case(name, part));
        if (named && fits && (!log_class || group.log_class == *log_class)) { keys.push_back(name); }
    }
    const auto page = cut_page(std::move(keys), static_cast<std::size_t>(limit), token);
    if (!page) { return api_fail("InvalidParameterException", "The specified nextToken is invalid."); }
    json::array groups;
    for (const auto& name : page->keys) { groups.emplace_back(view(call, call.state.logs.groups.at(name))); }
    json::object answer;
    answer["logGroups"] = std::move(groups);
    put(answer, "nextToken", page->next_token);
    return answer;
}

ApiResult<json::object> put_retention(Call& call, Input& input) {
    static constexpr std::array allowed = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                           365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
    const std::string name = input.required_text("logGroupName");
    const int days = input.required_integer("retentionInDays");
    if (input.good() && std::ranges::find(allowed, days) == allowed.end()) {
        input.note_constraint("retentionInDays", std::to_string(days),
                              fmt::format("Member must satisfy enum value set: [{}]", fmt::join(allowed, ", ")));
    }
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, name);
    if (!group) { return std::unexpected(group.error()); }
    (*group)->retention_days = days;
    return json::object();
}

ApiResult<json::object> delete_retention(Call& call, Input& input) {
    const std::string name = input.required_text("logGroupName");
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, name);
    if (!group) { return std::unexpected(group.error()); }
    (*group)->retention_days.reset();
    return json::object();
}

// Both the newer operations, which name a resource, and the older ones, which name a group.
template <const char* const& where>
ApiResult<json::object> list_tags(Call& call, Input& input) {
    const std::string name = input.required_text(where);
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, name);
    if (!group) { return std::unexpected(group.error()); }
    json::object tags;
    for (const auto& [key, value] : (*group)->tags) { tags[key] = value; }
    json::object answer;
    answer["tags"] = std::move(tags);
    return answer;
}

template <const char* const& where>
ApiResult<json::object> tag(Call& call, Input& input) {
    const std::string name = input.required_text(where);
    const auto tags = input.map("tags");
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, name);
    if (!group) { return std::unexpected(group.error()); }
    for (const auto& [key, value] : tags) { (*group)->tags[key] = value; }
    return json::object();
}

template <const char* const& where, const char* const& which>
ApiResult<json::object> untag(Call& call, Input& input) {
    const std::string name = input.required_text(where);
    const auto keys = input.texts(which).value_or(std::vector<std::string>{});
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, name);
    if (!group) { return std::unexpected(group.error()); }
    for (const auto& key : keys) { (*group)->tags.erase(key); }
    return json::object();
}

constexpr const char* by_arn = "resourceArn";
constexpr const char* by_name = "logGroupName";
constexpr const char* tag_keys = "tagKeys";
constexpr const char* older_tag_keys = "tags";

constexpr Operation operations[] = {
    {"CreateLogGroup", create, Change::State},
    {"DeleteLogGroup", remove, Change::State},
    {"DescribeLogGroups", describe},
    {"PutRetentionPolicy", put_retention, Change::State},
    {"DeleteRetentionPolicy", delete_retention, Change::State},
    {"ListTagsForResource", list_tags<by_arn>},
    {"TagResource", tag<by_arn>, Change::State},
    {"UntagResource", untag<by_arn, tag_keys>, Change::State},
    {"ListTagsLogGroup", list_tags<by_name>},
    {"TagLogGroup", tag<by_name>, Change::State},
    {"UntagLogGroup", untag<by_name, older_tag_keys>, Change::State},
};

} // namespace

ApiResult<LogGroup*> require_log_group(Call& call, const std::string& name_or_arn) {
    std::string name = name_or_arn;
    const std::string prefix = log_group_arn(call.state.identity, "");
    if (name.starts_with(prefix)) {
        name.erase(0, prefix.size());
        if (name.ends_with(":*")) { name.resize(name.size() - 2); }
    }
    LogGroup* group = find_log_group(call.state, name);
    if (group == nullptr) { return api_fail("ResourceNotFoundException", "The specified log group does not exist."); }
    return group;
}

std::int64_t to_epoch_millis(Instant at) {
    return at.time_since_epoch().count();
}

std::span<const Operation> log_group_operations() {
    return operations;
}

} // namespace ecsr::local::wire
