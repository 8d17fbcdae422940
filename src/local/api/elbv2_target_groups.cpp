// Target groups and their attributes (ECS behaviour D2).
#include "base/text.hpp"
#include "local/api/elbv2_names.hpp"
#include "local/scheduler/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::local::wire {

namespace {

const std::map<std::string, std::string>& default_attributes() {
    static const std::map<std::string, std::string> attributes = {
        {"deregistration_delay.timeout_seconds", "300"},
        {"load_balancing.algorithm.type", "round_robin"},
        {"slow_start.duration_seconds", "0"},
        {"stickiness.enabled", "false"},
        {"stickiness.lb_cookie.duration_seconds", "86400"},
        {"stickiness.type", "lb_cookie"},
    };
    return attributes;
}

json::object view(const State& state, const TargetGroup& group) {
    std::set<std::string> load_balancers;
    for (const auto* listener : listeners_of(state, group)) { load_balancers.insert(listener->load_balancer_arn); }
    json::object matcher;
    matcher["HttpCode"] = group.matcher;
    json::object object;
    object["TargetGroupArn"] = group.arn;
    object["TargetGroupName"] = group.name;
    object["Protocol"] = group.protocol;
    object["ProtocolVersion"] = "HTTP1";
    object["Port"] = group.port;
    put(object, "VpcId", group.vpc_id);
    object["HealthCheckProtocol"] = group.health_check_protocol;
    object["HealthCheckPort"] = group.health_check_port;
    object["HealthCheckEnabled"] = group.health_check_enabled;
    object["HealthCheckIntervalSeconds"] = group.health_check_interval.count();
    object["HealthCheckTimeoutSeconds"] = group.health_check_timeout.count();
    object["HealthyThresholdCount"] = group.healthy_threshold;
    object["UnhealthyThresholdCount"] = group.unhealthy_threshold;
    object["HealthCheckPath"] = group.health_check_path;
    object["Matcher"] = std::move(matcher);
    object["LoadBalancerArns"] = to_array({load_balancers.begin(), load_balancers.end()});
    object["TargetType"] = group.target_type;
    object["IpAddressType"] = "ipv4";
    return object;
}

json::object answer(const State& state, const TargetGroup& group) {
    json::object object;
    object["TargetGroups"] = json::array{view(state, group)};
    return object;
}

// "200", "200,202", "200-299": codes from 200 to 499.
bool is_matcher(const std::string& text) {
    const auto is_code = [](const std::string& code) {
        const auto number = parse_integer(code);
        return number && *number >= 200 && *number <= 499;
    };
    return std::ranges::all_of(split(text, ','), [&](const std::string& part) {
        const auto ends = split(part, '-');
        return ends.size() <= 2 && std::ranges::all_of(ends, is_code);
    });
}

void check_health_check(Input& input, const TargetGroup& group) {
    const auto& port = group.health_check_port;
    const auto number = parse_integer(port);
    if (port != "traffic-port" && (!number || *number < 1 || *number > 65535)) {
        input.note({"ValidationError",
                    fmt::format("Health check port '{}' must be 'traffic-port' or in the range 1-65535", port)});
    }
    if (!group.health_check_path.starts_with('/')) {
        input.note({"ValidationError",
                    fmt::format("Health check path '{}' must begin with a '/' character", group.health_check_path)});
    }
    if (group.health_check_interval <= group.health_check_timeout) {
        input.note({"ValidationError", "Health check interval must be greater than the timeout."});
    }
    if (!is_matcher(group.matcher)) {
        input.note(
            {"ValidationError",
             fmt::format("Health check matcher HTTP code '{}' must be within '200-499' inclusive", group.matcher)});
    }
}

// Members that the request does not have stay as they are. Ranges: ECS behaviour D2.
void read_health_check(Input& input, TargetGroup& group) {
    group.health_check_protocol =
        input.text_among("HealthCheckProtocol", {"HTTP", "HTTPS"}).value_or(group.health_check_protocol);
    group.health_check_port = input.text_or("HealthCheckPort", group.health_check_port);
    group.health_check_path = input.text_or("HealthCheckPath", group.health_check_path);
    group.health_check_enabled = input.boolean_or("HealthCheckEnabled", group.health_check_enabled);
    if (const auto seconds = input.integer_between("HealthCheckIntervalSeconds", 5, 300)) {
        group.health_check_interval = Seconds(*seconds);
    }
    if (const auto seconds = input.integer_between("HealthCheckTimeoutSeconds", 2, 120)) {
        group.health_check_timeout = Seconds(*seconds);
    }
    group.healthy_threshold = input.integer_between("HealthyThresholdCount", 2, 10).value_or(group.healthy_threshold);
    group.unhealthy_threshold =
        input.integer_between("UnhealthyThresholdCount", 2, 10).value_or(group.unhealthy_threshold);
    if (auto matcher = input.object("Matcher")) { group.matcher = matcher->text_or("HttpCode", group.matcher); }
    if (input.good()) { check_health_check(input, group); }
}

TargetGroup read_target_group(Input& input) {
    TargetGroup group;
    group.name = input.required_text("Name");
    group.protocol = input.required_text("Protocol");
    group.port = input.integer_between("Port", 1, 65535).value_or(0);
    group.vpc_id = input.text_or("VpcId", "");
    group.target_type = input.text_among("TargetType", {"instance", "ip", "lambda", "alb"}).value_or("instance");
    group.tags = read_elbv2_tags(input);
    read_health_check(input, group);
    if (!input.good()) { return group; }
    check_elbv2_name(input, "Target group name", group.name);
    if (group.port == 0) { input.note({"ValidationError", "A port must be specified"}); }
    if (group.protocol != "HTTP" || (group.target_type != "ip" && group.target_type != "instance")) {
        input.note({"InvalidConfigurationRequest",
                    "The local ECS has target groups of protocol HTTP and of target type ip or instance alone."});
    }
    return group;
}

bool same_settings(const State& state, const TargetGroup& a, const TargetGroup& b) {
    TargetGroup other = b;
    other.arn = a.arn;
    return view(state, a) == view(state, other);
}

TargetGroup* find_by_name(Call& call, const std::string& name) {
    for (auto& [arn, group] : call.state.target_groups) {
        if (group.name == name) { return &group; }
    }
    return nullptr;
}

ApiResult<json::object> create(Call& call, Input& input) {
    TargetGroup read = read_target_group(input);
    if (!input.good()) { return input.problem(); }
    if (const auto* existing = find_by_name(call, read.name)) {
        if (same_settings(call.state, *existing, read)) { return answer(call.state, *existing); }
        return api_fail(
            "DuplicateTargetGroupName",
            fmt::format("A target group with the same name '{}' exists, but with different settings", read.name));
    }
    read.arn = elbv2_arn(call.state, fmt::format("targetgroup/{}/{}", read.name, call.state.random.hex(16)));
    read.attributes = default_attributes();
    const auto& stored = call.state.target_groups[read.arn] = read;
    return answer(call.state, stored);
}

ApiResult<std::vector<std::string>> wanted_arns(Call& call, Input& input) {
    const auto arns = input.texts("TargetGroupArns").value_or(std::vector<std::string>{});
    const auto names = input.texts("Names").value_or(std::vector<std::string>{});
    const std::string load_balancer = input.text_or("LoadBalancerArn", "");
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> wanted = arns;
    for (const auto& name : names) {
        const auto* found = find_by_name(call, name);
        wanted.push_back(found == nullptr ? "" : found->arn);
    }
    for (const auto& arn : wanted) {
        if (const auto found = require_target_group(call, arn); !found) { return std::unexpected(found.error()); }
    }
    if (!load_balancer.empty()) {
        if (const auto found = find_load_balancer(call, load_balancer); !found) {
            return std::unexpected(found.error());
        }
    }
    if (!arns.empty() || !names.empty()) { return wanted; }
    for (const auto& [arn, group] : call.state.target_groups) {
        const auto listeners = listeners_of(call.state, group);
        if (load_balancer.empty() ||
            std::ranges::count(listeners, load_balancer, [](const Listener* l) { return l->load_balancer_arn; }) > 0) {
            wanted.push_back(arn);
        }
    }
    return wanted;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto arns = wanted_arns(call, input);
    if (!arns) { return std::unexpected(arns.error()); }
    json::object object;
    const auto page = elbv2_page(input, *arns, object);
    if (!page) { return std::unexpected(page.error()); }
    json::array groups;
    for (const auto& arn : *page) { groups.emplace_back(view(call.state, call.state.target_groups.at(arn))); }
    object["TargetGroups"] = std::move(groups);
    return object;
}

ApiResult<json::object> modify(Call& call, Input& input) {
    const std::string arn = input.required_text("TargetGroupArn");
    if (!input.good()) { return input.problem(); }
    const auto group = require_target_group(call, arn);
    if (!group) { return std::unexpected(group.error()); }
    TargetGroup changed = **group;
    read_health_check(input, changed);
    if (!input.good()) { return input.problem(); }
    **group = std::move(changed);
    return answer(call.state, **group);
}

// Deleting one that does not exist succeeds.
ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string arn = input.required_text("TargetGroupArn");
    if (!input.good()) { return input.problem(); }
    const auto* group = find_target_group(call.state, arn);
    if (group != nullptr && !listeners_of(call.state, *group).empty()) {
        return api_fail("ResourceInUse",
                        fmt::format("Target group '{}' is currently in use by a listener or a rule", arn));
    }
    call.state.target_groups.erase(arn);
    touch_services_behind(call.state, arn);
    return json::object();
}

ApiResult<json::object> describe_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("TargetGroupArn");
    if (!input.good()) { return input.problem(); }
    const auto group = require_target_group(call, arn);
    if (!group) { return std::unexpected(group.error()); }
    return attributes_answer((*group)->attributes);
}

void check_attributes(Input& input, const std::map<std::string, std::string>& attributes) {
    static const std::string delay = "deregistration_delay.timeout_seconds";
    const auto found = attributes.find(delay);
    if (found == attributes.end()) { return; }
    const auto seconds = parse_integer(found->second);
    if (!seconds || *seconds < 0 || *seconds > 3600) {
        input.note({"ValidationError", fmt::format("'{}' must be between '0' and '3600' inclusive", delay)});
    }
}

ApiResult<json::object> modify_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("TargetGroupArn");
    const auto attributes = read_attributes(input);
    check_attributes(input, attributes);
    if (!input.good()) { return input.problem(); }
    const auto group = require_target_group(call, arn);
    if (!group) { return std::unexpected(group.error()); }
    return change_attributes((*group)->attributes, attributes);
}

constexpr Operation operations[] = {
    {"CreateTargetGroup", create, Change::Balancing},
    {"DescribeTargetGroups", describe},
    {"ModifyTargetGroup", modify, Change::Balancing},
    {"DeleteTargetGroup", remove, Change::Balancing},
    {"DescribeTargetGroupAttributes", describe_attributes},
    {"ModifyTargetGroupAttributes", modify_attributes, Change::Balancing},
};

} // namespace

std::span<const Operation> target_group_operations() {
    return operations;
}

} // namespace ecsr::local::wire
