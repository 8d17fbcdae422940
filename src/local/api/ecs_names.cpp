#include "local/api/ecs_names.hpp"

#include "base/text.hpp"
#include "local/api/paging.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

std::optional<Arn> parse_arn(std::string_view text) {
    auto parts = split(text, ':');
    if (parts.size() < 6 || parts[0] != "arn") { return std::nullopt; }
    const std::vector<std::string> resource(parts.begin() + 5, parts.end());
    return Arn{parts[1], parts[2], parts[3], parts[4], join(resource, ":")};
}

bool is_ecs_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= 255 && std::ranges::all_of(name, allowed);
}

std::optional<std::string> ecs_short_name(const Call& call, std::string_view kind, std::string_view text,
                                          std::string_view cluster) {
    std::string resource(text);
    if (const auto arn = parse_arn(text)) {
        const auto& identity = call.state.identity;
        if (arn->service != "ecs" || arn->region != identity.region || arn->account != identity.account_id ||
            !arn->resource.starts_with(fmt::format("{}/", kind))) {
            return std::nullopt;
        }
        resource = arn->resource.substr(kind.size() + 1);
    }
    const auto parts = split(resource, '/');
    if (parts.size() == 1) { return parts[0]; }
    if (parts.size() == 2 && !cluster.empty() && parts[0] == cluster) { return parts[1]; }
    return std::nullopt;
}

std::string ecs_arn_of(const Call& call, std::string_view kind, std::string_view text, std::string_view cluster) {
    if (text.starts_with("arn:")) { return std::string(text); }
    const auto& identity = call.state.identity;
    const std::string prefix = fmt::format("arn:aws:ecs:{}:{}:{}/", identity.region, identity.account_id, kind);
    return cluster.empty() ? fmt::format("{}{}", prefix, text) : fmt::format("{}{}/{}", prefix, cluster, text);
}

ApiResult<Cluster*> find_cluster(Call& call, std::string_view text) {
    const auto name = ecs_short_name(call, "cluster", text.empty() ? "default" : text);
    const auto found = name ? call.state.clusters.find(*name) : call.state.clusters.end();
    if (found == call.state.clusters.end() || found->second.status != "ACTIVE") {
        return api_fail("ClusterNotFoundException", "Cluster not found.");
    }
    return &found->second;
}

ApiResult<Cluster*> find_cluster(Call& call, Input& input) {
    const std::string text = input.text_or("cluster", "");
    if (!input.good()) { return input.problem(); }
    return find_cluster(call, text);
}

Service* find_service(Call& call, const Cluster& cluster, std::string_view text) {
    const auto name = ecs_short_name(call, "service", text, cluster.name);
    const auto found = name ? call.state.services.find({cluster.name, *name}) : call.state.services.end();
    return found == call.state.services.end() ? nullptr : &found->second;
}

Task* find_task(Call& call, const Cluster& cluster, std::string_view text) {
    const auto id = ecs_short_name(call, "task", text, cluster.name);
    const auto found = id ? call.state.tasks.find(*id) : call.state.tasks.end();
    return found == call.state.tasks.end() || found->second.cluster != cluster.name ? nullptr : &found->second;
}

std::optional<ApiError> malformed_task_id(std::string_view text) {
    const bool arn = text.starts_with("arn:");
    const auto separators = std::ranges::count(text, '/');
    if (arn ? separators < 1 || separators > 2 : separators > 1) {
        return ApiError{"InvalidParameterException", "Unexpected number of separators"};
    }
    const auto length = short_id(text).size();
    if (length != 32 && length != 36) {
        return ApiError{"InvalidParameterException", "taskId length should be one of [32,36]"};
    }
    return std::nullopt;
}

json::object failure(const std::string& arn, std::string_view reason) {
    json::object object;
    object["arn"] = arn;
    object["reason"] = reason;
    return object;
}

ApiResult<std::vector<std::string>> ecs_page(Input& input, std::vector<std::string> keys, int default_size,
                                             json::object& answer) {
    const int size = input.integer_between("maxResults", 1, 100).value_or(default_size);
    const std::string token = input.text_or("nextToken", "");
    if (!input.good()) { return input.problem(); }
    auto page = cut_page(std::move(keys), static_cast<std::size_t>(size), token);
    if (!page) { return api_fail("InvalidParameterException", "Invalid token"); }
    put(answer, "nextToken", page->next_token);
    return std::move(page->keys);
}

bool includes(Input& input, std::string_view what) {
    const auto list = input.texts("include");
    return list && std::ranges::find(*list, what) != list->end();
}

json::array ecs_tags(const std::map<std::string, std::string>& tags) {
    return tags_array(tags, "key", "value");
}

std::map<std::string, std::string> read_ecs_tags(Input& input) {
    auto tags = input.pairs("tags", "key", "value");
    if (tags.size() > 50) {
        input.note({"InvalidParameterException", "The maximum number of tags for a resource is 50."});
    }
    return tags;
}

} // namespace ecsr::local::wire
