#include "aws/autoscaling/client.hpp"

#include "aws/autoscaling/describe.hpp"
#include "aws/json_call.hpp"
#include "aws/paging.hpp"
#include "base/text.hpp"

namespace ecsr::aws::autoscaling {

namespace {

template <class Request>
auto invoke(Caller& caller, const Request& request, const std::stop_token& stop) {
    return call_json<Names>(caller, service_info, find_operation<Request>(operations), request, stop);
}

} // namespace

std::string ecs_resource_id(const std::string& cluster, const std::string& service) {
    return "service/" + std::string(short_id(cluster)) + "/" + std::string(short_id(service));
}

ecsr::ScalableTarget to_model(const ScalableTarget& target) {
    const SuspendedState suspended = target.suspended_state.value_or(SuspendedState{});
    return {.resource_id = target.resource_id,
            .min_capacity = target.min_capacity,
            .max_capacity = target.max_capacity,
            .suspended = {.dynamic_scaling_in = suspended.dynamic_scaling_in_suspended.value_or(false),
                          .dynamic_scaling_out = suspended.dynamic_scaling_out_suspended.value_or(false),
                          .scheduled_scaling = suspended.scheduled_scaling_suspended.value_or(false)}};
}

RegisterScalableTargetRequest to_request(const ecsr::ScalableTarget& target) {
    RegisterScalableTargetRequest request;
    request.resource_id = target.resource_id;
    request.min_capacity = target.min_capacity;
    request.max_capacity = target.max_capacity;
    request.suspended_state = {.dynamic_scaling_in_suspended = target.suspended.dynamic_scaling_in,
                               .dynamic_scaling_out_suspended = target.suspended.dynamic_scaling_out,
                               .scheduled_scaling_suspended = target.suspended.scheduled_scaling};
    return request;
}

Result<DescribeScalableTargetsAnswer> Client::describe_scalable_targets(const DescribeScalableTargetsRequest& request,
                                                                        const std::stop_token& stop) {
    return all_pages(request, &DescribeScalableTargetsRequest::next_token, &DescribeScalableTargetsAnswer::next_token,
                     "application-autoscaling DescribeScalableTargets",
                     [&](const DescribeScalableTargetsRequest& page) { return invoke(*caller_, page, stop); });
}

Result<RegisterScalableTargetAnswer> Client::register_scalable_target(const RegisterScalableTargetRequest& request,
                                                                      const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeregisterScalableTargetAnswer>
Client::deregister_scalable_target(const DeregisterScalableTargetRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

} // namespace ecsr::aws::autoscaling
