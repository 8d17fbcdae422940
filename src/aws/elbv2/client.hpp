// Elastic Load Balancing v2, typed. Errors and paging as in aws/ecs/client.hpp.
#pragma once

#include "aws/call.hpp"
#include "aws/elbv2/types.hpp"
#include "model/balancing.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws::elbv2 {

// Health check values that AWS does not tell are those of an Application Load Balancer (ECS behaviour D2).
ecsr::TargetGroup to_model(const TargetGroup& group, const std::vector<TargetGroupAttribute>& attributes);
ecsr::TargetHealth to_model(const std::string& target_group_arn, const TargetHealthDescription& description);

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    Result<DescribeTargetGroupsAnswer> describe_target_groups(const DescribeTargetGroupsRequest& request,
                                                              const std::stop_token& stop);
    Result<DescribeTargetGroupAttributesAnswer>
    describe_target_group_attributes(const DescribeTargetGroupAttributesRequest& request, const std::stop_token& stop);
    Result<DescribeTargetHealthAnswer> describe_target_health(const DescribeTargetHealthRequest& request,
                                                              const std::stop_token& stop);
    Result<DescribeListenersAnswer> describe_listeners(const DescribeListenersRequest& request,
                                                       const std::stop_token& stop);

    // Creating again with the same settings answers what is there, so a lost answer is repeated.
    Result<CreateTargetGroupAnswer> create_target_group(const CreateTargetGroupRequest& request,
                                                        const std::stop_token& stop);
    Result<CreateLoadBalancerAnswer> create_load_balancer(const CreateLoadBalancerRequest& request,
                                                          const std::stop_token& stop);
    Result<CreateListenerAnswer> create_listener(const CreateListenerRequest& request, const std::stop_token& stop);
    Result<ModifyTargetGroupAttributesAnswer>
    modify_target_group_attributes(const ModifyTargetGroupAttributesRequest& request, const std::stop_token& stop);
    Result<DeleteListenerAnswer> delete_listener(const DeleteListenerRequest& request, const std::stop_token& stop);
    Result<DeleteLoadBalancerAnswer> delete_load_balancer(const DeleteLoadBalancerRequest& request,
                                                          const std::stop_token& stop);
    Result<DeleteTargetGroupAnswer> delete_target_group(const DeleteTargetGroupRequest& request,
                                                        const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::elbv2
