// Application Auto Scaling: scalable targets of ECS services (ECS behaviour E1, E2). No policies yet: nothing scales by
// itself.
#include "base/text.hpp"
#include "local/api/call.hpp"
#include "local/api/paging.hpp"
#include "local/scheduler/operations.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr const char* invalid = "ValidationException";
constexpr const char* dimension = "ecs:service:DesiredCount";

// The members that name a scalable target; what is wrong is noted in `input`.
std::string read_resource(Input& input) {
    const std::string name_space = input.required_text("ServiceNamespace");
    const std::string resource = input.required_text("ResourceId");
    const std::string scalable = input.required_text("ScalableDimension");
    if (input.good() && name_space != "ecs") {
        input.note(
            {invalid, fmt::format("Unsupported service namespace: {}: the local ECS scales ecs alone.", name_space)});
    }
    if (input.good() && scalable != dimension) {
        input.note(
            {invalid, fmt::format("Unsupported service namespace, resource type or scalable dimension: {}, {}, {}",
                                  name_space, resource, scalable)});
    }
    return resource;
}

// Null when "service/CLUSTER/SERVICE" names no service that could be scaled.
Service* service_of_resource(Call& call, const std::string& resource) {
    const auto parts = split(resource, '/');
    if (parts.size() != 3 || parts[0] != "service") { return nullptr; }
    const auto found = call.state.services.find({parts[1], parts[2]});
    if (found == call.state.services.end() || found->second.status != ServiceStatus::Active) { return nullptr; }
    return &found->second;
}

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
        return api_fail(invalid, "MinCapacity and MaxCapacity are required when registering a new scalable target");
    }
    if (target.max_capacity < target.min_capacity) {
        return api_fail(invalid, "Maximum capacity cannot be less than minimum capacity");
    }
    return {};
}

ApiResult<json::object> register_target_of_service(Call& call, Input& input) {
    const std::string resource = read_resource(input);
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
    auto* service = service_of_resource(call, resource);
    if (service == nullptr) { return api_fail(invalid, "ECS service doesn't exist: " + resource); }
    if (is_new) {
        ScalableTarget made = new_target(call, resource);
        made.min_capacity = target.min_capacity;
        made.max_capacity = target.max_capacity;
        made.suspended = target.suspended;
        target = std::move(made);
    }
    if (role) { target.role_arn = *role; }
    for (const auto& [key, value] : tags) { target.tags[key] = value; }
    const int clamped = std::clamp(service->desired_count, target.min_capacity, target.max_capacity);
    if (clamped != service->desired_count) {
        ServiceUpdate update;
        update.desired_count = clamped;
        const auto updated = update_service(call.state, *service, update, call.now);
        if (!updated) { return std::unexpected(updated.error()); }
    }
    json::object object;
    object["ScalableTargetARN"] = target.arn;
    call.state.scalable_targets[resource] = std::move(target);
    return object;
}

json::object view(const Call& call, const ScalableTarget& target) {
    json::object suspended;
    suspended["DynamicScalingInSuspended"] = target.suspended.dynamic_scaling_in;
    suspended["DynamicScalingOutSuspended"] = target.suspended.dynamic_scaling_out;
    suspended["ScheduledScalingSuspended"] = target.suspended.scheduled_scaling;
    json::object object;
    object["ServiceNamespace"] = "ecs";
    object["ResourceId"] = target.resource_id;
    object["ScalableDimension"] = dimension;
    object["MinCapacity"] = target.min_capacity;
    object["MaxCapacity"] = target.max_capacity;
    object["RoleARN"] = target.role_arn;
    object["CreationTime"] = call.time(target.created_at);
    object["SuspendedState"] = std::move(suspended);
    object["ScalableTargetARN"] = target.arn;
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const std::string name_space = input.required_text("ServiceNamespace");
    const auto resources = input.texts("ResourceIds");
    const auto scalable = input.text("ScalableDimension");
    const int size = input.integer_between("MaxResults", 1, 50).value_or(50);
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> keys;
    for (const auto& [resource, target] : call.state.scalable_targets) {
        const bool wanted = !resources || resources->empty() || std::ranges::count(*resources, resource) > 0;
        if (wanted && name_space == "ecs" && (!scalable || *scalable == dimension)) { keys.push_back(resource); }
    }
    const auto page = cut_page(keys, static_cast<std::size_t>(size), token);
    if (!page) { return api_fail("InvalidNextTokenException", "The next token is not valid."); }
    json::array targets;
    for (const auto& key : page->keys) { targets.emplace_back(view(call, call.state.scalable_targets.at(key))); }
    json::object object;
    object["ScalableTargets"] = std::move(targets);
    put(object, "NextToken", page->next_token);
    return object;
}

ApiResult<json::object> deregister(Call& call, Input& input) {
    const std::string resource = read_resource(input);
    if (!input.good()) { return input.problem(); }
    if (call.state.scalable_targets.erase(resource) == 0) {
        return api_fail("ObjectNotFoundException",
                        fmt::format("No scalable target found for service namespace: ecs, resource ID: {}, scalable "
                                    "dimension: {}",
                                    resource, dimension));
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

template <const char* member>
ApiResult<json::object> describe_none(Call&, Input& input) {
    input.required_text("ServiceNamespace");
    if (!input.good()) { return input.problem(); }
    json::object object;
    object[member] = json::array();
    return object;
}

constexpr char policies[] = "ScalingPolicies";
constexpr char activities[] = "ScalingActivities";
constexpr char scheduled[] = "ScheduledActions";

constexpr Operation operations[] = {
    {"RegisterScalableTarget", register_target_of_service, Change::State},
    {"DescribeScalableTargets", describe},
    {"DeregisterScalableTarget", deregister, Change::State},
    {"ListTagsForResource", list_tags},
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
    {"DescribeScalingPolicies", describe_none<policies>},
    {"DescribeScalingActivities", describe_none<activities>},
    {"DescribeScheduledActions", describe_none<scheduled>},
};

} // namespace

std::span<const Operation> scalable_target_operations() {
    return operations;
}

} // namespace ecsr::local::wire
