// Tags of load balancers, target groups and listeners.
#include "local/api/elbv2_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

using Tags = std::map<std::string, std::string>;

ApiResult<Tags*> tags_of(Call& call, const std::string& arn) {
    if (arn.find(":targetgroup/") != std::string::npos) {
        const auto group = require_target_group(call, arn);
        if (!group) { return std::unexpected(group.error()); }
        return &(*group)->tags;
    }
    if (arn.find(":listener/") != std::string::npos) {
        const auto listener = find_listener(call, arn);
        if (!listener) { return std::unexpected(listener.error()); }
        return &(*listener)->tags;
    }
    if (arn.find(":loadbalancer/") != std::string::npos) {
        const auto load_balancer = find_load_balancer(call, arn);
        if (!load_balancer) { return std::unexpected(load_balancer.error()); }
        return &(*load_balancer)->tags;
    }
    return api_fail("ValidationError", fmt::format("'{}' is not a valid resource ARN", arn));
}

// The tags of every resource that the request names; all of them exist.
ApiResult<std::vector<Tags*>> tags_of_all(Call& call, const std::vector<std::string>& arns) {
    std::vector<Tags*> all;
    for (const auto& arn : arns) {
        const auto tags = tags_of(call, arn);
        if (!tags) { return std::unexpected(tags.error()); }
        all.push_back(*tags);
    }
    return all;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto arns = input.required_texts("ResourceArns");
    if (arns.size() > 20) {
        input.note_constraint("ResourceArns", std::nullopt, "Member must have length less than or equal to 20");
    }
    if (!input.good()) { return input.problem(); }
    const auto all = tags_of_all(call, arns);
    if (!all) { return std::unexpected(all.error()); }
    json::array descriptions;
    for (std::size_t i = 0; i < arns.size(); ++i) {
        json::object description;
        description["ResourceArn"] = arns[i];
        description["Tags"] = tags_array(*(*all)[i], "Key", "Value");
        descriptions.emplace_back(std::move(description));
    }
    json::object object;
    object["TagDescriptions"] = std::move(descriptions);
    return object;
}

ApiResult<json::object> add(Call& call, Input& input) {
    const auto arns = input.required_texts("ResourceArns");
    const auto added = read_elbv2_tags(input);
    if (!input.good()) { return input.problem(); }
    const auto all = tags_of_all(call, arns);
    if (!all) { return std::unexpected(all.error()); }
    for (auto* tags : *all) {
        for (const auto& [key, value] : added) { (*tags)[key] = value; }
    }
    return json::object();
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const auto arns = input.required_texts("ResourceArns");
    const auto keys = input.required_texts("TagKeys");
    if (!input.good()) { return input.problem(); }
    const auto all = tags_of_all(call, arns);
    if (!all) { return std::unexpected(all.error()); }
    for (auto* tags : *all) {
        for (const auto& key : keys) { tags->erase(key); }
    }
    return json::object();
}

constexpr Operation operations[] = {
    {"DescribeTags", describe},
    {"AddTags", add, Change::State},
    {"RemoveTags", remove, Change::State},
};

} // namespace

std::span<const Operation> elbv2_tag_operations() {
    return operations;
}

} // namespace ecsr::local::wire
