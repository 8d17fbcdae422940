// Shapes, requests and answers of Elastic Load Balancing v2 (2015-12-01) that this product uses; conventions as in
// aws/ecs/types.hpp. On the wire: form parameters and XML (ECS behaviour A6).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ecsr::aws::elbv2 {

struct Matcher {
    std::string http_code; // "200", "200-299"
};

struct TargetGroup {
    std::string target_group_arn;
    std::string target_group_name;
    std::string protocol;
    std::optional<int> port;
    std::string health_check_protocol;
    std::string health_check_port;
    std::optional<bool> health_check_enabled;
    std::optional<int> health_check_interval_seconds;
    std::optional<int> health_check_timeout_seconds;
    std::optional<int> healthy_threshold_count;
    std::optional<int> unhealthy_threshold_count;
    std::string health_check_path;
    std::optional<Matcher> matcher;
    std::vector<std::string> load_balancer_arns;
    std::string target_type; // instance | ip | lambda | alb
};

struct TargetGroupAttribute {
    std::string key; // "deregistration_delay.timeout_seconds"
    std::string value;
};

struct TargetDescription {
    std::string id; // IP address or instance id
    std::optional<int> port;
    std::string availability_zone;
};

struct TargetHealth {
    std::string state; // ECS behaviour D2
    std::string reason;
    std::string description;
};

struct TargetHealthDescription {
    TargetDescription target;
    std::string health_check_port;
    TargetHealth target_health;
};

struct LoadBalancerState {
    std::string code; // active | provisioning | active_impaired | failed
    std::string reason;
};

struct LoadBalancer {
    std::string load_balancer_arn;
    std::string dns_name;
    std::string load_balancer_name;
    std::optional<LoadBalancerState> state;
    std::string type;
};

struct Action {
    std::string type; // forward
    std::string target_group_arn;
};

struct Listener {
    std::string listener_arn;
    std::string load_balancer_arn;
    std::optional<int> port;
    std::string protocol;
    std::vector<Action> default_actions;
};

// ---- requests and answers ----

struct DescribeTargetGroupsRequest {
    std::string load_balancer_arn;
    std::vector<std::string> target_group_arns;
    std::vector<std::string> names;
    std::string marker;
};
struct DescribeTargetGroupsAnswer {
    std::vector<TargetGroup> target_groups;
    std::string next_marker;
};

struct DescribeTargetGroupAttributesRequest {
    std::string target_group_arn;
};
struct DescribeTargetGroupAttributesAnswer {
    std::vector<TargetGroupAttribute> attributes;
};

struct DescribeTargetHealthRequest {
    std::string target_group_arn;
    std::vector<TargetDescription> targets; // empty: all
};
struct DescribeTargetHealthAnswer {
    std::vector<TargetHealthDescription> target_health_descriptions;
};

struct CreateTargetGroupRequest {
    std::string name;
    std::string protocol;
    std::optional<int> port;
    std::string vpc_id;
    std::string health_check_protocol;
    std::string health_check_port;
    std::string health_check_path;
    std::optional<int> health_check_interval_seconds;
    std::optional<int> health_check_timeout_seconds;
    std::optional<int> healthy_threshold_count;
    std::optional<int> unhealthy_threshold_count;
    std::optional<Matcher> matcher;
    std::string target_type;
};
struct CreateTargetGroupAnswer {
    std::vector<TargetGroup> target_groups;
};

struct ModifyTargetGroupAttributesRequest {
    std::string target_group_arn;
    std::vector<TargetGroupAttribute> attributes;
};
struct ModifyTargetGroupAttributesAnswer {
    std::vector<TargetGroupAttribute> attributes;
};

struct CreateLoadBalancerRequest {
    std::string name;
    std::vector<std::string> subnets;
    std::string scheme; // internet-facing | internal
    std::string type;   // application | network | gateway
};
struct CreateLoadBalancerAnswer {
    std::vector<LoadBalancer> load_balancers;
};

struct CreateListenerRequest {
    std::string load_balancer_arn;
    std::string protocol;
    std::optional<int> port;
    std::vector<Action> default_actions;
};
struct CreateListenerAnswer {
    std::vector<Listener> listeners;
};

struct DescribeListenersRequest {
    std::string load_balancer_arn;
    std::vector<std::string> listener_arns;
    std::string marker;
};
struct DescribeListenersAnswer {
    std::vector<Listener> listeners;
    std::string next_marker;
};

struct DeleteListenerRequest {
    std::string listener_arn;
};
struct DeleteListenerAnswer {};

struct DeleteLoadBalancerRequest {
    std::string load_balancer_arn;
};
struct DeleteLoadBalancerAnswer {};

struct DeleteTargetGroupRequest {
    std::string target_group_arn;
};
struct DeleteTargetGroupAnswer {};

} // namespace ecsr::aws::elbv2
