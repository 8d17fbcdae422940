#include "local/api/elbv2_names.hpp"

#include "local/api/paging.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

std::string elbv2_arn(const State& state, const std::string& resource) {
    return fmt::format("arn:aws:elasticloadbalancing:{}:{}:{}", state.identity.region, state.identity.account_id,
                       resource);
}

void check_elbv2_name(Input& input, std::string_view member, const std::string& name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    const bool good = !name.empty() && std::ranges::all_of(name, allowed) && name.front() != '-' && name.back() != '-';
    if (name.size() > 32) {
        input.note({"ValidationError", fmt::format("{} '{}' cannot be longer than '32' characters", member, name)});
    } else if (!good) {
        input.note(
            {"ValidationError", fmt::format("{} '{}' can only contain characters that are alphanumeric characters "
                                            "and hyphens(-), and cannot begin or end with a hyphen",
                                            member, name)});
    }
}

std::map<std::string, std::string> read_elbv2_tags(Input& input) {
    auto tags = input.pairs("Tags", "Key", "Value");
    if (tags.size() > 50) { input.note({"TooManyTags", "The maximum number of tags for a resource is 50."}); }
    return tags;
}

std::map<std::string, std::string> read_attributes(Input& input) {
    auto attributes = input.pairs("Attributes", "Key", "Value");
    if (attributes.empty()) { input.note_constraint("Attributes", std::nullopt, "Member must not be null"); }
    return attributes;
}

json::object attributes_answer(const std::map<std::string, std::string>& attributes) {
    json::object object;
    object["Attributes"] = tags_array(attributes, "Key", "Value");
    return object;
}

json::object change_attributes(std::map<std::string, std::string>& attributes,
                               const std::map<std::string, std::string>& changes) {
    for (const auto& [key, value] : changes) { attributes[key] = value; }
    return attributes_answer(attributes);
}

ApiResult<std::vector<std::string>> elbv2_page(Input& input, std::vector<std::string> keys, json::object& answer) {
    const int size = input.integer_between("PageSize", 1, 400).value_or(400);
    const std::string marker = input.text_or("Marker", "");
    if (!input.good()) { return input.problem(); }
    auto page = cut_page(std::move(keys), static_cast<std::size_t>(size), marker);
    if (!page) { return api_fail("ValidationError", "The marker is not valid."); }
    put(answer, "NextMarker", page->next_token);
    return std::move(page->keys);
}

ApiResult<LoadBalancer*> find_load_balancer(Call& call, const std::string& arn) {
    const auto found = call.state.load_balancers.find(arn);
    if (found == call.state.load_balancers.end()) {
        return api_fail("LoadBalancerNotFound", fmt::format("Load balancer '{}' not found", arn));
    }
    return &found->second;
}

ApiResult<TargetGroup*> require_target_group(Call& call, const std::string& arn) {
    auto* group = find_target_group(call.state, arn);
    if (group == nullptr) { return api_fail("TargetGroupNotFound", "One or more target groups not found"); }
    return group;
}

ApiResult<Listener*> find_listener(Call& call, const std::string& arn) {
    const auto found = call.state.listeners.find(arn);
    if (found == call.state.listeners.end()) { return api_fail("ListenerNotFound", "One or more listeners not found"); }
    return &found->second;
}

std::vector<const Listener*> listeners_of(const State& state, const TargetGroup& group) {
    std::vector<const Listener*> listeners;
    for (const auto& [arn, listener] : state.listeners) {
        if (listener.target_group_arn == group.arn) { listeners.push_back(&listener); }
    }
    return listeners;
}

} // namespace ecsr::local::wire
