// The members of Application Auto Scaling's shapes, for the codecs, and the table of its operations. For .cpp files
// alone.
#pragma once

#include "aws/autoscaling/client.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::autoscaling {

inline const ServiceInfo service_info{.id = "application-autoscaling",
                                      .endpoint_host = "application-autoscaling",
                                      .endpoint_env = "APPLICATION_AUTO_SCALING",
                                      .config_key = "application_auto_scaling",
                                      .protocol = Protocol::Json11,
                                      .target_prefix = "AnyScaleFrontendService",
                                      .api_version = ""};
using Names = json::PascalCase;

BOOST_DESCRIBE_STRUCT(SuspendedState, (),
                      (dynamic_scaling_in_suspended, dynamic_scaling_out_suspended, scheduled_scaling_suspended))
BOOST_DESCRIBE_STRUCT(ScalableTarget, (),
                      (service_namespace, resource_id, scalable_dimension, min_capacity, max_capacity, suspended_state))
BOOST_DESCRIBE_STRUCT(DescribeScalableTargetsRequest, (),
                      (service_namespace, resource_ids, scalable_dimension, next_token))
BOOST_DESCRIBE_STRUCT(DescribeScalableTargetsAnswer, (), (scalable_targets, next_token))
BOOST_DESCRIBE_STRUCT(RegisterScalableTargetRequest, (),
                      (service_namespace, resource_id, scalable_dimension, min_capacity, max_capacity, suspended_state))
BOOST_DESCRIBE_STRUCT(RegisterScalableTargetAnswer, (), ())
BOOST_DESCRIBE_STRUCT(DeregisterScalableTargetRequest, (), (service_namespace, resource_id, scalable_dimension))
BOOST_DESCRIBE_STRUCT(DeregisterScalableTargetAnswer, (), ())

inline constexpr Operations operations{
    Operation<DescribeScalableTargetsRequest, DescribeScalableTargetsAnswer>{"DescribeScalableTargets"},
    Operation<RegisterScalableTargetRequest, RegisterScalableTargetAnswer>{"RegisterScalableTarget"},
    Operation<DeregisterScalableTargetRequest, DeregisterScalableTargetAnswer>{"DeregisterScalableTarget"},
};

} // namespace ecsr::aws::autoscaling
