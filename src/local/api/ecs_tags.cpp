// Tags of clusters, services, tasks and task definitions.
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"

namespace ecsr::local::wire {

namespace {

constexpr const char* invalid = "InvalidParameterException";

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

// The cluster in an ARN cluster/NAME, service/CLUSTER/NAME, task/CLUSTER/ID; empty in others.
std::string cluster_in(const Arn& arn) {
    const auto parts = split(arn.resource, '/');
    if (parts.size() < 2 || parts[0] == "task-definition") { return {}; }
    return parts[0] == "cluster" || parts.size() > 2 ? parts[1] : std::string();
}

std::optional<ApiError> cluster_problem(const State& state, const Arn& arn) {
    const auto name = cluster_in(arn);
    const auto cluster = state.clusters.find(name);
    if (name.empty()) { return std::nullopt; }
    if (cluster == state.clusters.end()) { return ApiError{"ClusterNotFoundException", "Cluster not found."}; }
    if (cluster->second.status == "ACTIVE") { return std::nullopt; }
    return ApiError{invalid, "The specified cluster is inactive. Specify an active cluster and try again."};
}

enum class Use { Read, Change };

ApiResult<Tags*> require_tags(Call& call, Input& input, Use use) {
    const std::string text = input.required_text("resourceArn");
    if (!input.good()) { return input.problem(); }
    const auto arn = parse_arn(text);
    if (!arn) { return api_fail(invalid, "Invalid resource ARN: " + text); }
    if (auto problem = cluster_problem(call.state, *arn)) { return std::unexpected(std::move(*problem)); }
    auto* tags = find_tags(call, text);
    if (tags != nullptr) { return tags; }
    // The model has the exact error for changes alone.
    return api_fail(use == Use::Change ? "ResourceNotFoundException" : invalid, "The specified resource is not found.");
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const auto added = read_ecs_tags(input);
    const auto tags = require_tags(call, input, Use::Change);
    if (!tags) { return std::unexpected(tags.error()); }
    Tags merged = **tags;
    for (const auto& [key, value] : added) { merged[key] = value; }
    if (merged.size() > 50) { return api_fail(invalid, "The maximum number of tags for a resource is 50."); }
    **tags = std::move(merged);
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const auto keys = input.required_texts("tagKeys");
    const auto tags = require_tags(call, input, Use::Change);
    if (!tags) { return std::unexpected(tags.error()); }
    for (const auto& key : keys) { (*tags)->erase(key); }
    return json::object();
}

ApiResult<json::object> list(Call& call, Input& input) {
    const auto tags = require_tags(call, input, Use::Read);
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
