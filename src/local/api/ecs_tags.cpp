// Tags of clusters, services, tasks and task definitions.
#include "local/api/ecs_names.hpp"

namespace ecsr::local::wire {

namespace {

using Tags = std::map<std::string, std::string>;

Tags* tags_of_task_definition(Call& call, const Arn& arn) {
    const auto* found = find_task_definition(call.state, arn.resource);
    if (found == nullptr) { return nullptr; }
    return &call.state.task_definitions.at(found->family)[static_cast<std::size_t>(found->revision - 1)].tags;
}

// Null when the resource does not exist.
Tags* find_tags(Call& call, const std::string& text) {
    const auto arn = parse_arn(text);
    if (!arn) { return nullptr; }
    if (arn->resource.starts_with("task-definition/")) { return tags_of_task_definition(call, *arn); }
    if (arn->resource.starts_with("cluster/")) {
        const auto cluster = find_cluster(call, text);
        return cluster ? &(*cluster)->tags : nullptr;
    }
    for (auto& [name, cluster] : call.state.clusters) {
        if (auto* service = find_service(call, cluster, text)) { return &service->tags; }
        if (auto* task = find_task(call, cluster, text)) { return &task->tags; }
    }
    return nullptr;
}

ApiResult<Tags*> require_tags(Call& call, Input& input) {
    const std::string text = input.required_text("resourceArn");
    if (!input.good()) { return input.problem(); }
    if (!parse_arn(text)) { return api_fail("InvalidParameterException", "Invalid resource ARN: " + text); }
    auto* tags = find_tags(call, text);
    if (tags == nullptr) { return api_fail("InvalidParameterException", "The specified resource is not found."); }
    return tags;
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const auto added = read_ecs_tags(input);
    const auto tags = require_tags(call, input);
    if (!tags) { return std::unexpected(tags.error()); }
    Tags merged = **tags;
    for (const auto& [key, value] : added) { merged[key] = value; }
    if (merged.size() > 50) {
        return api_fail("InvalidParameterException", "The maximum number of tags for a resource is 50.");
    }
    **tags = std::move(merged);
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const auto keys = input.required_texts("tagKeys");
    const auto tags = require_tags(call, input);
    if (!tags) { return std::unexpected(tags.error()); }
    for (const auto& key : keys) { (*tags)->erase(key); }
    return json::object();
}

ApiResult<json::object> list(Call& call, Input& input) {
    const auto tags = require_tags(call, input);
    if (!tags) { return std::unexpected(tags.error()); }
    json::object object;
    object["tags"] = ecs_tags(**tags);
    return object;
}

constexpr Operation operations[] = {
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
    {"ListTagsForResource", list},
};

} // namespace

std::span<const Operation> ecs_tag_operations() {
    return operations;
}

} // namespace ecsr::local::wire
