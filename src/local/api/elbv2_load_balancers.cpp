// Application load balancers. Their listeners are bound on this machine's loopback.
#include "local/api/elbv2_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

const std::map<std::string, std::string>& default_attributes() {
    static const std::map<std::string, std::string> attributes = {
        {"access_logs.s3.enabled", "false"},    {"access_logs.s3.bucket", ""},
        {"access_logs.s3.prefix", ""},          {"deletion_protection.enabled", "false"},
        {"idle_timeout.timeout_seconds", "60"}, {"routing.http2.enabled", "true"},
    };
    return attributes;
}

json::array zones_view(const State& state, const LoadBalancer& load_balancer) {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
    json::array zones;
    for (std::size_t i = 0; i < load_balancer.subnets.size(); ++i) {
        json::object zone;
        zone["ZoneName"] = fmt::format("{}{}", state.identity.region, letters[i % letters.size()]);
        zone["SubnetId"] = load_balancer.subnets[i];
        zone["LoadBalancerAddresses"] = json::array();
        zones.emplace_back(std::move(zone));
    }
    return zones;
}

json::object view(const Call& call, const LoadBalancer& load_balancer) {
    json::object state;
    state["Code"] = load_balancer.state;
    json::object object;
    object["LoadBalancerArn"] = load_balancer.arn;
    object["DNSName"] = load_balancer.dns_name;
    object["CanonicalHostedZoneId"] = "Z35SXDOTRQ7X7K";
    object["CreatedTime"] = call.time(load_balancer.created_at);
    object["LoadBalancerName"] = load_balancer.name;
    object["Scheme"] = load_balancer.scheme;
    object["VpcId"] = load_balancer.vpc_id;
    object["State"] = std::move(state);
    object["Type"] = load_balancer.type;
    object["AvailabilityZones"] = zones_view(call.state, load_balancer);
    object["SecurityGroups"] = to_array(load_balancer.security_groups);
    object["IpAddressType"] = "ipv4";
    return object;
}

json::object answer(const Call& call, const LoadBalancer& load_balancer) {
    json::object object;
    object["LoadBalancers"] = json::array{view(call, load_balancer)};
    return object;
}

LoadBalancer read_load_balancer(Input& input) {
    LoadBalancer read;
    read.name = input.required_text("Name");
    read.scheme = input.text_among("Scheme", {"internet-facing", "internal"}).value_or("internet-facing");
    read.type = input.text_among("Type", {"application", "network", "gateway"}).value_or("application");
    read.subnets = input.texts("Subnets").value_or(std::vector<std::string>{});
    for (auto& mapping : input.objects("SubnetMappings")) { read.subnets.push_back(mapping.required_text("SubnetId")); }
    read.security_groups = input.texts("SecurityGroups").value_or(std::vector<std::string>{});
    read.tags = read_elbv2_tags(input);
    if (input.good()) { check_elbv2_name(input, "Load balancer name", read.name); }
    if (input.good() && read.type != "application") {
        input.note({"InvalidConfigurationRequest", "The local ECS has load balancers of type application alone."});
    }
    return read;
}

LoadBalancer* find_by_name(Call& call, const std::string& name) {
    for (auto& [arn, load_balancer] : call.state.load_balancers) {
        if (load_balancer.name == name) { return &load_balancer; }
    }
    return nullptr;
}

ApiResult<json::object> create(Call& call, Input& input) {
    LoadBalancer read = read_load_balancer(input);
    if (!input.good()) { return input.problem(); }
    if (const auto* same = find_by_name(call, read.name)) {
        if (same->scheme == read.scheme && same->subnets == read.subnets &&
            same->security_groups == read.security_groups) {
            return answer(call, *same);
        }
        return api_fail(
            "DuplicateLoadBalancerName",
            fmt::format("A load balancer with the same name '{}' exists, but with different settings", read.name));
    }
    read.arn = elbv2_arn(call.state, fmt::format("loadbalancer/app/{}/{}", read.name, call.state.random.hex(16)));
    read.dns_name = "localhost";
    read.vpc_id = "vpc-local";
    read.created_at = call.now;
    read.attributes = default_attributes();
    const auto& stored = call.state.load_balancers[read.arn] = read;
    return answer(call, stored);
}

ApiResult<std::vector<std::string>> wanted_arns(Call& call, Input& input) {
    const auto arns = input.texts("LoadBalancerArns").value_or(std::vector<std::string>{});
    const auto names = input.texts("Names").value_or(std::vector<std::string>{});
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> wanted;
    for (const auto& arn : arns) {
        if (const auto found = find_load_balancer(call, arn); !found) { return std::unexpected(found.error()); }
        wanted.push_back(arn);
    }
    for (const auto& name : names) {
        const auto* found = find_by_name(call, name);
        if (found == nullptr) {
            return api_fail("LoadBalancerNotFound", fmt::format("Load balancers '[{}]' not found", name));
        }
        wanted.push_back(found->arn);
    }
    if (arns.empty() && names.empty()) {
        for (const auto& [arn, load_balancer] : call.state.load_balancers) { wanted.push_back(arn); }
    }
    return wanted;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto arns = wanted_arns(call, input);
    if (!arns) { return std::unexpected(arns.error()); }
    json::object object;
    const auto page = elbv2_page(input, *arns, object);
    if (!page) { return std::unexpected(page.error()); }
    json::array load_balancers;
    for (const auto& arn : *page) { load_balancers.emplace_back(view(call, call.state.load_balancers.at(arn))); }
    object["LoadBalancers"] = std::move(load_balancers);
    return object;
}

// Deleting one that does not exist succeeds; its listeners go with it.
ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string arn = input.required_text("LoadBalancerArn");
    if (!input.good()) { return input.problem(); }
    const auto found = call.state.load_balancers.find(arn);
    if (found == call.state.load_balancers.end()) { return json::object(); }
    if (found->second.attributes["deletion_protection.enabled"] == "true") {
        return api_fail(
            "OperationNotPermitted",
            fmt::format("Load balancer '{}' cannot be deleted because deletion protection is enabled", arn));
    }
    call.state.load_balancers.erase(found);
    std::erase_if(call.state.listeners, [&](const auto& entry) { return entry.second.load_balancer_arn == arn; });
    return json::object();
}

ApiResult<json::object> describe_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("LoadBalancerArn");
    if (!input.good()) { return input.problem(); }
    const auto found = find_load_balancer(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    return attributes_answer((*found)->attributes);
}

ApiResult<json::object> modify_attributes(Call& call, Input& input) {
    const std::string arn = input.required_text("LoadBalancerArn");
    const auto attributes = read_attributes(input);
    if (!input.good()) { return input.problem(); }
    const auto found = find_load_balancer(call, arn);
    if (!found) { return std::unexpected(found.error()); }
    return change_attributes((*found)->attributes, attributes);
}

constexpr Operation operations[] = {
    {"CreateLoadBalancer", create, Change::Balancing},
    {"DescribeLoadBalancers", describe},
    {"DeleteLoadBalancer", remove, Change::Balancing},
    {"DescribeLoadBalancerAttributes", describe_attributes},
    {"ModifyLoadBalancerAttributes", modify_attributes, Change::Balancing},
};

} // namespace

std::span<const Operation> load_balancer_operations() {
    return operations;
}

} // namespace ecsr::local::wire
