// What names a scalable target in every request of Application Auto Scaling. Included from .cpp files of local/api
// alone.
#pragma once

#include "local/api/call.hpp"
#include "local/api/paging.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local::wire {

constexpr const char* scaling_invalid = "ValidationException";
constexpr const char* scalable_dimension = "ecs:service:DesiredCount";
constexpr std::size_t longest_scaling_name = 256;

// ServiceNamespace, ResourceId and ScalableDimension; what is wrong is noted in `input`.
std::string read_scalable_resource(Input& input);

// The target, or ObjectNotFoundException.
ApiResult<ScalableTarget*> require_scalable_target(Call& call, const std::string& resource);

// The text of ObjectNotFoundException: "No scalable target found for ...".
ApiError not_found_in_scaling(const char* what, const std::string& resource);

// Up to 256 characters.
std::string read_scaling_name(Input& input, std::string_view member);

// ServiceNamespace, ResourceId and ScalableDimension of an answer.
void put_scalable_resource(json::object& object, const std::string& resource);

// What the Describe operations ask for alike.
struct ScalingQuery {
    bool nothing = false; // another namespace or dimension than those of ECS services
    std::string resource; // empty: any
    int page_size = 0;
    std::string token;

    bool wants(const std::string& of) const { return !nothing && (resource.empty() || resource == of); }
};
ScalingQuery read_scaling_query(Input& input, int largest_page);

// The page of `keys` in `member`, each as `view` tells it.
template <typename View>
ApiResult<json::object> scaling_page(const ScalingQuery& query, std::vector<std::string> keys, const char* member,
                                     const View& view) {
    const auto page = cut_page(std::move(keys), static_cast<std::size_t>(query.page_size), query.token);
    if (!page) { return api_fail("InvalidNextTokenException", "The next token is not valid."); }
    json::array told;
    for (const auto& key : page->keys) { told.emplace_back(view(key)); }
    json::object object;
    object[member] = std::move(told);
    put(object, "NextToken", page->next_token);
    return object;
}

// Answers a Describe operation about what every scalable target holds by name in `items`, each as `view` tells it.
// `names_member` is where the request asks for names.
template <typename Item, typename View>
ApiResult<json::object> describe_held(const Call& call, Input& input, std::string_view names_member, int largest_page,
                                      std::map<std::string, Item> ScalableTarget::* items, const char* member,
                                      const View& view) {
    const ScalingQuery query = read_scaling_query(input, largest_page);
    const auto names = input.texts(names_member);
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> arns;
    std::map<std::string, std::pair<const ScalableTarget*, const Item*>> by_arn;
    for (const auto& [resource, target] : call.state.scalable_targets) {
        for (const auto& [name, item] : target.*items) {
            const bool is_named = !names || names->empty() || std::ranges::count(*names, name) > 0;
            if (!is_named || !query.wants(resource)) { continue; }
            arns.push_back(item.arn);
            by_arn[item.arn] = {&target, &item};
        }
    }
    return scaling_page(query, std::move(arns), member, [&](const std::string& arn) {
        const auto& [target, item] = by_arn.at(arn);
        return view(call, target->resource_id, *item);
    });
}

} // namespace ecsr::local::wire
