// Load balancers, listeners, target groups and targets of the ELBv2 API (ECS behaviour D2).
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

enum class TargetState { Initial, Healthy, Unhealthy, Draining, Unused };

struct Target {
    std::string id; // IP address, or instance id
    int port = 0;
    TargetState state = TargetState::Initial;
    std::string reason; // "Elb.RegistrationInProgress", ...
    std::string description;
    Instant registered_at{};
    std::optional<Instant> draining_until; // set while Draining
};

struct TargetGroup {
    std::string arn;
    std::string name;
    std::string protocol = "HTTP";
    int port = 80;
    std::string vpc_id;
    std::string target_type = "instance"; // instance | ip
    bool health_check_enabled = true;
    std::string health_check_protocol = "HTTP";
    std::string health_check_port = "traffic-port";
    std::string health_check_path = "/";
    Seconds health_check_interval{30};
    Seconds health_check_timeout{5};
    int healthy_threshold = 5;
    int unhealthy_threshold = 2;
    std::string matcher = "200";
    std::map<std::string, std::string> attributes; // "deregistration_delay.timeout_seconds", ...
    std::vector<Target> targets;
    std::map<std::string, std::string> tags;
    bool balancer_outdated = false; // targets changed; the next advance() emits BalancerChanged
};

struct LoadBalancer {
    std::string arn;
    std::string name;
    std::string dns_name;
    std::string scheme = "internet-facing";
    std::string type = "application";
    std::string vpc_id;
    std::string state = "active";
    Instant created_at{};
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::string> tags;
};

struct Listener {
    std::string arn;
    std::string load_balancer_arn;
    int port = 0;       // as asked for in CreateListener
    int bound_port = 0; // on loopback; 0 until the balancer has bound it
    std::string protocol = "HTTP";
    std::string target_group_arn; // default action: forward
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::string> tags;
};

} // namespace ecsr::local
