// Listeners with one default action: forward to a target group.
#include "local/api/elbv2_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

json::object view(const Listener& listener) {
    json::object tuple;
    tuple["TargetGroupArn"] = listener.target_group_arn;
    tuple["Weight"] = 1;
    json::object stickiness;
    stickiness["Enabled"] = false;
    json::object forward;
    forward["TargetGroups"] = json::array{std::move(tuple)};
    forward["TargetGroupStickinessConfig"] = std::move(stickiness);
    json::object action;
    action["Type"] = "forward";
    action["TargetGroupArn"] = listener.target_group_arn;
    action["Order"] = 1;
    action["ForwardConfig"] = std::move(forward);
    json::object object;
    object["ListenerArn"] = listener.arn;
    object["LoadBalancerArn"] = listener.load_balancer_arn;
    // The port that answers: the asked one, or another where that was taken or needs privileges.
    object["Port"] = listener.bound_port == 0 ? listener.port : listener.bound_port;
    object["Protocol"] = listener.protocol;
    object["DefaultActions"] = json::array{std::move(action)};
    return object;
}

json::object answer(const Listener& listener) {
    json::object object;
    object["Listeners"] = json::array{view(listener)};
    return object;
}

// The target group of a forward action, or an empty text with a problem noted.
std::string read_forward(Input& action) {
    const std::string type = action.required_text("Type");
    if (!type.empty() && type != "forward") {
        action.note({"InvalidLoadBalancerAction",
                     fmt::format("The local ECS has listener actions of type forward alone, not '{}'.", type)});
    }
    std::string arn = action.text_or("TargetGroupArn", "");
    if (auto config = action.object("ForwardConfig")) {
        auto tuples = config->objects("TargetGroups");
        if (tuples.size() > 1) {
            action.note({"InvalidLoadBalancerAction", "The local ECS forwards to one target group per listener."});
        }
        if (!tuples.empty()) { arn = tuples[0].required_text("TargetGroupArn"); }
    }
    if (arn.empty()) { action.note({"ValidationError", "A target group ARN must be specified"}); }
    return arn;
}

std::optional<std::string> read_default_action(Input& input) {
    auto actions = input.objects("DefaultActions");
    if (actions.empty()) { return std::nullopt; }
    if (actions.size() > 1) {
        input.note({"InvalidLoadBalancerAction", "The local ECS has one default action per listener."});
    }
    return read_forward(actions[0]);
}

void check_protocol(Input& input, const std::string& protocol) {
    if (protocol != "HTTP") {
        input.note({"ValidationError", fmt::format("Listener protocol '{}' must be one of 'HTTP'", protocol)});
    }
}

bool port_taken(const State& state, const Listener& listener) {
    return std::ranges::any_of(state.listeners, [&](const auto& entry) {
        const auto& other = entry.second;
        return other.arn != listener.arn && other.load_balancer_arn == listener.load_balancer_arn &&
               other.port == listener.port;
    });
}

ApiResult<void> check_listener(Call& call, const Listener& listener) {
    const auto* group = find_target_group(call.state, listener.target_group_arn);
    if (group == nullptr) {
        return api_fail("TargetGroupNotFound", fmt::format("Target group '{}' not found", listener.target_group_arn));
    }
    if (port_taken(call.state, listener)) {
        return api_fail("DuplicateListener",
                        fmt::format("A listener already exists on this port for this load balancer "
                                    "'{}'",
                                    listener.load_balancer_arn));
    }
    const auto uses = listeners_of(call.state, *group);
    const bool elsewhere = std::ranges::any_of(
        uses, [&](const Listener* other) { return other->load_balancer_arn != listener.load_balancer_arn; });
    if (elsewhere) {
        return api_fail(
            "TargetGroupAssociationLimit",
            fmt::format("The following target groups cannot be associated with more than one load balancer: {}",
                        listener.target_group_arn));
    }
    return {};
}

ApiResult<json::object> create(Call& call, Input& input) {
    Listener listener;
    listener.load_balancer_arn = input.required_text("LoadBalancerArn");
    listener.protocol = input.text_or("Protocol", "HTTP");
    listener.port = input.integer_between("Port", 1, 65535).value_or(0);
    const auto group = read_default_action(input);
    listener.tags = read_elbv2_tags(input);
    listener.attributes = {{"routing.http.response.server.enabled", "true"}};
    if (!group) { input.note_constraint("DefaultActions", std::nullopt, "Member must not be null"); }
    if (input.good() && listener.port == 0) { input.note({"ValidationError", "A listener port must be specified"}); }
    check_protocol(input, listener.protocol);
    if (!input.good()) { return input.problem(); }
    listener.target_group_arn = *group;
    const auto load_balancer = find_load_balancer(call, listener.load_balancer_arn);
    if (!load_balancer) { return std::unexpected(load_balancer.error()); }
    if (auto fine = check_listener(call, listener); !fine) { return std::unexpected(fine.error()); }
    const auto resource = listener.load_balancer_arn.substr(listener.load_balancer_arn.find("/app/"));
    listener.arn = elbv2_arn(call.state, fmt::format("listener{}/{}", resource, call.state.random.hex(16)));
    const auto& stored = call.state.listeners[listener.arn] = listener;
    return answer(stored);
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto arns = input.texts("ListenerArns").value_or(std::vector<std::string>{});
    const std::string load_balancer = input.text_or("LoadBalancerArn", "");
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> wanted;
    for (const auto& arn : arns) {
        if (const auto found = find_listener(call, arn); !found) { return std::unexpected(found.error()); }
        wanted.push_back(arn);
    }
    if (arns.empty()) {
        if (load_balancer.empty()) {
            return api_fail("ValidationError", "You must specify either listener ARNs or a load balancer ARN");
        }
        if (const auto found = find_load_balancer(call, load_balancer); !found) {
            return std::unexpected(found.error());
        }
        for (const auto& [arn, listener] : call.state.listeners) {
            if (listener.load_balancer_arn == load_balancer) { wanted.push_back(arn); }
        }
    }
    json::object object;
    const auto page = elbv2_page(input, std::move(wanted), object);
    if (!page) { return std::unexpected(page.error()); }
    json::array listeners;
    for (const auto& arn : *page) { listeners.emplace_back(view(call.state.listeners.at(arn))); }
    object["Listeners"] = std::move(listeners);
    return object;
}

ApiResult<json::object> modify(Call& call, Input& input) {
    const std::string arn = input.required_text("ListenerArn");
    const auto port = input.integer_between("Port", 1, 65535);
    const auto protocol = input.text("Protocol");
    const auto group = read_default_action(input);
    if (protocol) { check_protocol(input, *protocol); }
    if (!input.good()) { return input.problem(); }
    const auto found = find_listener(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    Listener changed = **found;
    if (port && *port != changed.port) {
        changed.port = *port;
        changed.bound_port = 0;
    }
    if (group) { changed.target_group_arn = *group; }
    if (auto fine = check_listener(call, changed); !fine) { return std::unexpected(fine.error()); }
    **found = std::move(changed);
    return answer(**found);
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string arn = input.required_text("ListenerArn");
    if (!input.good()) { return input.problem(); }
    const auto found = find_listener(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    call.state.listeners.erase(arn);
    return json::object();
}

ApiResult<json::object> describe_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("ListenerArn");
    if (!input.good()) { return input.problem(); }
    const auto found = find_listener(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    return attributes_answer((*found)->attributes);
}

// Kept and answered back; HAProxy is not set up by them.
ApiResult<json::object> modify_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("ListenerArn");
    const auto attributes = read_attributes(input);
    if (!input.good()) { return input.problem(); }
    const auto found = find_listener(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    return change_attributes((*found)->attributes, attributes);
}

constexpr Operation operations[] = {
    {"CreateListener", create, Change::Balancing},       {"DescribeListeners", describe},
    {"ModifyListener", modify, Change::Balancing},       {"DeleteListener", remove, Change::Balancing},
    {"DescribeListenerAttributes", describe_attributes}, {"ModifyListenerAttributes", modify_attributes, Change::State},
};

} // namespace

std::span<const Operation> listener_operations() {
    return operations;
}

} // namespace ecsr::local::wire
