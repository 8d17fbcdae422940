// The members of Elastic Load Balancing's shapes, for the codecs, and the table of its operations. For .cpp files
// alone.
#pragma once

#include "aws/elbv2/types.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::elbv2 {

inline const ServiceInfo service_info{.id = "elasticloadbalancing",
                                      .endpoint_host = "elasticloadbalancing",
                                      .endpoint_env = "ELASTIC_LOAD_BALANCING_V2",
                                      .config_key = "elastic_load_balancing_v2",
                                      .protocol = Protocol::Query,
                                      .target_prefix = "",
                                      .api_version = "2015-12-01"};
// PascalCase, but for the one name that AWS spells otherwise.
struct Names : json::PascalCase {
    static std::string member(std::string_view name) {
        return name == "dns_name" ? "DNSName" : json::PascalCase::member(name);
    }
};

BOOST_DESCRIBE_STRUCT(Matcher, (), (http_code))
BOOST_DESCRIBE_STRUCT(TargetGroup, (),
                      (target_group_arn, target_group_name, protocol, port, health_check_protocol, health_check_port,
                       health_check_enabled, health_check_interval_seconds, health_check_timeout_seconds,
                       healthy_threshold_count, unhealthy_threshold_count, health_check_path, matcher,
                       load_balancer_arns, target_type))
BOOST_DESCRIBE_STRUCT(TargetGroupAttribute, (), (key, value))
BOOST_DESCRIBE_STRUCT(TargetDescription, (), (id, port, availability_zone))
BOOST_DESCRIBE_STRUCT(TargetHealth, (), (state, reason, description))
BOOST_DESCRIBE_STRUCT(TargetHealthDescription, (), (target, health_check_port, target_health))
BOOST_DESCRIBE_STRUCT(LoadBalancerState, (), (code, reason))
BOOST_DESCRIBE_STRUCT(LoadBalancer, (), (load_balancer_arn, dns_name, load_balancer_name, state, type))
BOOST_DESCRIBE_STRUCT(Action, (), (type, target_group_arn))
BOOST_DESCRIBE_STRUCT(Listener, (), (listener_arn, load_balancer_arn, port, protocol, default_actions))
BOOST_DESCRIBE_STRUCT(DescribeTargetGroupsRequest, (), (load_balancer_arn, target_group_arns, names, marker))
BOOST_DESCRIBE_STRUCT(DescribeTargetGroupsAnswer, (), (target_groups, next_marker))
BOOST_DESCRIBE_STRUCT(DescribeTargetGroupAttributesRequest, (), (target_group_arn))
BOOST_DESCRIBE_STRUCT(DescribeTargetGroupAttributesAnswer, (), (attributes))
BOOST_DESCRIBE_STRUCT(DescribeTargetHealthRequest, (), (target_group_arn, targets))
BOOST_DESCRIBE_STRUCT(DescribeTargetHealthAnswer, (), (target_health_descriptions))
BOOST_DESCRIBE_STRUCT(CreateTargetGroupRequest, (),
                      (name, protocol, port, vpc_id, health_check_protocol, health_check_port, health_check_path,
                       health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count,
                       unhealthy_threshold_count, matcher, target_type))
BOOST_DESCRIBE_STRUCT(CreateTargetGroupAnswer, (), (target_groups))
BOOST_DESCRIBE_STRUCT(ModifyTargetGroupAttributesRequest, (), (target_group_arn, attributes))
BOOST_DESCRIBE_STRUCT(ModifyTargetGroupAttributesAnswer, (), (attributes))
BOOST_DESCRIBE_STRUCT(CreateLoadBalancerRequest, (), (name, subnets, scheme, type))
BOOST_DESCRIBE_STRUCT(CreateLoadBalancerAnswer, (), (load_balancers))
BOOST_DESCRIBE_STRUCT(CreateListenerRequest, (), (load_balancer_arn, protocol, port, default_actions))
BOOST_DESCRIBE_STRUCT(CreateListenerAnswer, (), (listeners))
BOOST_DESCRIBE_STRUCT(DescribeListenersRequest, (), (load_balancer_arn, listener_arns, marker))
BOOST_DESCRIBE_STRUCT(DescribeListenersAnswer, (), (listeners, next_marker))
BOOST_DESCRIBE_STRUCT(DeleteListenerRequest, (), (listener_arn))
BOOST_DESCRIBE_STRUCT(DeleteListenerAnswer, (), ())
BOOST_DESCRIBE_STRUCT(DeleteLoadBalancerRequest, (), (load_balancer_arn))
BOOST_DESCRIBE_STRUCT(DeleteLoadBalancerAnswer, (), ())
BOOST_DESCRIBE_STRUCT(DeleteTargetGroupRequest, (), (target_group_arn))
BOOST_DESCRIBE_STRUCT(DeleteTargetGroupAnswer, (), ())

inline constexpr Operations operations{
    Operation<DescribeTargetGroupsRequest, DescribeTargetGroupsAnswer>{"DescribeTargetGroups"},
    Operation<DescribeTargetGroupAttributesRequest, DescribeTargetGroupAttributesAnswer>{
        "DescribeTargetGroupAttributes"},
    Operation<DescribeTargetHealthRequest, DescribeTargetHealthAnswer>{"DescribeTargetHealth"},
    Operation<CreateTargetGroupRequest, CreateTargetGroupAnswer>{"CreateTargetGroup"},
    Operation<ModifyTargetGroupAttributesRequest, ModifyTargetGroupAttributesAnswer>{"ModifyTargetGroupAttributes"},
    Operation<CreateLoadBalancerRequest, CreateLoadBalancerAnswer>{"CreateLoadBalancer"},
    Operation<CreateListenerRequest, CreateListenerAnswer>{"CreateListener"},
    Operation<DescribeListenersRequest, DescribeListenersAnswer>{"DescribeListeners"},
    Operation<DeleteListenerRequest, DeleteListenerAnswer>{"DeleteListener"},
    Operation<DeleteLoadBalancerRequest, DeleteLoadBalancerAnswer>{"DeleteLoadBalancer"},
    Operation<DeleteTargetGroupRequest, DeleteTargetGroupAnswer>{"DeleteTargetGroup"},
};

} // namespace ecsr::aws::elbv2
