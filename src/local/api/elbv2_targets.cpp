// Targets of target groups and their health (ECS behaviour D2).
#include "base/text.hpp"
#include "local/api/elbv2_names.hpp"
#include "local/scheduler/operations.hpp"
#include "local/scheduler/targets.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

struct Wanted {
    std::string id;
    int port = 0;
};

bool is_ipv4(const std::string& text) {
    const auto parts = split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](const std::string& part) {
               const auto number = parse_integer(part);
               return number && *number >= 0 && *number <= 255;
           });
}

// Targets of the request; the group's port stands in for a missing one.
std::vector<Wanted> read_targets(Input& input, const TargetGroup& group) {
    std::vector<Wanted> targets;
    for (auto& item : input.objects("Targets")) {
        targets.push_back({item.required_text("Id"), item.integer_between("Port", 1, 65535).value_or(group.port)});
        const auto& id = targets.back().id;
        if (group.target_type == "ip" && !is_ipv4(id)) {
            item.note({"ValidationError", fmt::format("The IP address '{}' is not a valid IPv4 address", id)});
        }
        if (group.target_type == "instance" && !id.starts_with("i-")) {
            item.note({"ValidationError", fmt::format("Instance ID '{}' is not valid", id)});
        }
    }
    return targets;
}

struct Request {
    TargetGroup* group = nullptr;
    std::vector<Wanted> targets;
};

ApiResult<Request> read_request(Call& call, Input& input, bool targets_required) {
    const std::string arn = input.required_text("TargetGroupArn");
    if (!input.good()) { return input.problem(); }
    const auto group = require_target_group(call, arn);
    if (!group) { return std::unexpected(group.error()); }
    Request request{*group, read_targets(input, **group)};
    if (targets_required && request.targets.empty()) {
        input.note_constraint("Targets", std::nullopt, "Member must not be null");
    }
    if (!input.good()) { return input.problem(); }
    return request;
}

ApiResult<json::object> register_all(Call& call, Input& input) {
    const auto request = read_request(call, input, true);
    if (!request) { return std::unexpected(request.error()); }
    for (const auto& target : request->targets) { register_target(*request->group, target.id, target.port, call.now); }
    return json::object();
}

ApiResult<json::object> deregister_all(Call& call, Input& input) {
    const auto request = read_request(call, input, true);
    if (!request) { return std::unexpected(request.error()); }
    for (const auto& target : request->targets) {
        deregister_target(*request->group, target.id, target.port, call.now);
    }
    touch_services_behind(call.state, request->group->arn);
    return json::object();
}

json::object health_object(std::string_view state, const std::string& reason, const std::string& description) {
    json::object health;
    health["State"] = state;
    put(health, "Reason", reason);
    put(health, "Description", description);
    return health;
}

json::object health_of(const TargetGroup& group, const Target& target, bool in_use) {
    if (target.state == TargetState::Draining) {
        return health_object("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
    }
    if (!in_use || target.state == TargetState::Unused) {
        return health_object("unused", "Target.NotInUse",
                             "Target group is not configured to receive traffic from the load balancer");
    }
    if (!group.health_check_enabled) {
        return health_object("unavailable", "Target.HealthCheckDisabled", "Health checks are disabled");
    }
    switch (target.state) {
    case TargetState::Healthy: return health_object("healthy", "", "");
    case TargetState::Unhealthy: return health_object("unhealthy", target.reason, target.description);
    default: break;
    }
    const bool told = !target.reason.empty();
    return health_object("initial", told ? target.reason : "Elb.RegistrationInProgress",
                         told ? target.description : "Target registration is in progress");
}

json::object description(const TargetGroup& group, const std::string& id, int port, json::object health) {
    json::object target;
    target["Id"] = id;
    target["Port"] = port;
    json::object object;
    object["Target"] = std::move(target);
    object["HealthCheckPort"] =
        group.health_check_port == "traffic-port" ? std::to_string(port) : group.health_check_port;
    object["TargetHealth"] = std::move(health);
    return object;
}

ApiResult<json::object> describe_health(Call& call, Input& input) {
    const auto request = read_request(call, input, false);
    if (!request) { return std::unexpected(request.error()); }
    TargetGroup& group = *request->group;
    const bool in_use = !listeners_of(call.state, group).empty();
    json::array descriptions;
    for (const auto& wanted : request->targets) {
        const auto* target = find_target(group, wanted.id, wanted.port);
        auto health = target == nullptr ? health_object("unused", "Target.NotRegistered",
                                                        "Target is not registered to the target group")
                                        : health_of(group, *target, in_use);
        descriptions.emplace_back(description(group, wanted.id, wanted.port, std::move(health)));
    }
    if (request->targets.empty()) {
        for (const auto& target : group.targets) {
            descriptions.emplace_back(description(group, target.id, target.port, health_of(group, target, in_use)));
        }
    }
    json::object object;
    object["TargetHealthDescriptions"] = std::move(descriptions);
    return object;
}

constexpr Operation operations[] = {
    {"RegisterTargets", register_all, Change::Balancing},
    {"DeregisterTargets", deregister_all, Change::Balancing},
    {"DescribeTargetHealth", describe_health},
};

} // namespace

std::span<const Operation> target_operations() {
    return operations;
}

} // namespace ecsr::local::wire
