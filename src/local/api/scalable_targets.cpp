// Application Auto Scaling: scalable targets of ECS services (ECS behaviour E1, E2).
#include "local/api/scaling_resource.hpp"
#include "local/scaling/activities.hpp"
#include "local/scaling/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr int largest_page = 50;

void read_suspended(Input& request, SuspendedState& state) {
    if (auto input = request.object("SuspendedState")) {
        state.dynamic_scaling_in = input->boolean_or("DynamicScalingInSuspended", state.dynamic_scaling_in);
        state.dynamic_scaling_out = input->boolean_or("DynamicScalingOutSuspended", state.dynamic_scaling_out);
        state.scheduled_scaling = input->boolean_or("ScheduledScalingSuspended", state.scheduled_scaling);
    }
}

ScalableTarget new_target(Call& call, const std::string& resource) {
    const auto& identity = call.state.identity;
    ScalableTarget target;
    target.resource_id = resource;
    target.created_at = call.now;
    target.role_arn = fmt::format("arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
                                  "AWSServiceRoleForApplicationAutoScaling_ECSService",
                                  identity.account_id);
    target.arn = fmt::format("arn:aws:application-autoscaling:{}:{}:scalable-target/{}", identity.region,
                             identity.account_id, call.state.random.hex(32));
    return target;
}

ApiResult<void> check_capacities(Input& input, const ScalableTarget& target, bool is_new) {
    if (is_new && (!input.has("MinCapacity") || !input.has("MaxCapacity"))) {
        return api_fail(scaling_invalid,
                        "MinCapacity and MaxCapacity are required when registering a new scalable target");
    }
    if (target.max_capacity < target.min_capacity) {
        return api_fail(scaling_invalid, "Maximum capacity cannot be less than minimum capacity");
    }
    return {};
}

ApiResult<json::object> register_target_of_service(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    const auto known = call.state.scalable_targets.find(resource);
    const bool is_new = known == call.state.scalable_targets.end();
    ScalableTarget target = is_new ? ScalableTarget{} : known->second;
    target.min_capacity = input.integer_between("MinCapacity", 0, 1'000'000).value_or(target.min_capacity);
    target.max_capacity = input.integer_between("MaxCapacity", 0, 1'000'000).value_or(target.max_capacity);
    const auto role = input.text("RoleARN");
    read_suspended(input, target.suspended);
    const auto tags = input.map("Tags");
    if (!input.good()) { return input.problem(); }
    if (auto fine = check_capacities(input, target, is_new); !fine) { return std::unexpected(fine.error()); }
    if (service_of_resource(call.state, resource) == nullptr) {
        return api_fail(scaling_invalid, "ECS service doesn't exist: " + resource);
    }
    if (is_new) {
        ScalableTarget made = new_target(call, resource);
        made.min_capacity = target.min_capacity;
        made.max_capacity = target.max_capacity;
        made.suspended = target.suspended;
        target = std::move(made);
    }
    if (role) { target.role_arn = *role; }
    for (const auto& [key, value] : tags) { target.tags[key] = value; }
    json::object object;
    object["ScalableTargetARN"] = target.arn;
    put_target(call.state, std::move(target), call.now);
    return object;
}

json::object view(const Call& call, const ScalableTarget& target) {
    json::object suspended;
    suspended["DynamicScalingInSuspended"] = target.suspended.dynamic_scaling_in;
    suspended["DynamicScalingOutSuspended"] = target.suspended.dynamic_scaling_out;
    suspended["ScheduledScalingSuspended"] = target.suspended.scheduled_scaling;
    json::object object;
    put_scalable_resource(object, target.resource_id);
    object["MinCapacity"] = target.min_capacity;
    object["MaxCapacity"] = target.max_capacity;
    object["RoleARN"] = target.role_arn;
    object["CreationTime"] = call.time(target.created_at);
    object["SuspendedState"] = std::move(suspended);
    object["ScalableTargetARN"] = target.arn;
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const ScalingQuery query = read_scaling_query(input, largest_page);
    const auto resources = input.texts("ResourceIds");
    if (!input.good()) { return input.problem(); }
    const auto& targets = call.state.scalable_targets;
    std::vector<std::string> keys;
    for (const auto& [resource, target] : targets) {
        const bool is_named = !resources || resources->empty() || std::ranges::count(*resources, resource) > 0;
        if (is_named && query.wants(resource)) { keys.push_back(resource); }
    }
    return scaling_page(query, std::move(keys), "ScalableTargets",
                        [&](const std::string& resource) { return view(call, targets.at(resource)); });
}

ApiResult<json::object> deregister(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    if (!input.good()) { return input.problem(); }
    if (!remove_target(call.state, resource, call.now)) {
        return std::unexpected(not_found_in_scaling("scalable target", resource));
    }
    return json::object();
}

ScalableTarget* find_by_arn(Call& call, const std::string& arn) {
    for (auto& [resource, target] : call.state.scalable_targets) {
        if (target.arn == arn) { return &target; }
    }
    return nullptr;
}

ApiResult<ScalableTarget*> require_by_arn(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    if (!input.good()) { return input.problem(); }
    auto* target = find_by_arn(call, arn);
    if (target == nullptr) {
        return api_fail("ResourceNotFoundException", "The specified resource doesn't exist: " + arn);
    }
    return target;
}

ApiResult<json::object> list_tags(Call& call, Input& input) {
    const auto target = require_by_arn(call, input);
    if (!target) { return std::unexpected(target.error()); }
    json::object tags;
    for (const auto& [key, value] : (*target)->tags) { tags[key] = value; }
    json::object object;
    object["Tags"] = std::move(tags);
    return object;
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const auto tags = input.map("Tags");
    const auto target = require_by_arn(call, input);
    if (!target) { return std::unexpected(target.error()); }
    for (const auto& [key, value] : tags) { (*target)->tags[key] = value; }
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const auto keys = input.required_texts("TagKeys");
    const auto target = require_by_arn(call, input);
    if (!target) { return std::unexpected(target.error()); }
    for (const auto& key : keys) { (*target)->tags.erase(key); }
    return json::object();
}

constexpr Operation operations[] = {
    {"RegisterScalableTarget", register_target_of_service, Change::State},
    {"DescribeScalableTargets", describe},
    {"DeregisterScalableTarget", deregister, Change::State},
    {"ListTagsForResource", list_tags},
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
};

} // namespace

std::span<const Operation> scalable_target_operations() {
    return operations;
}

} // namespace ecsr::local::wire
