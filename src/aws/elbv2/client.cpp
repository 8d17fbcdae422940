#include "aws/elbv2/client.hpp"

#include "aws/elbv2/describe.hpp"
#include "aws/paging.hpp"
#include "aws/query_mapper.hpp"
#include "base/text.hpp"

namespace ecsr::aws::elbv2 {

namespace {

constexpr const char* deregistration_delay = "deregistration_delay.timeout_seconds";

template <class Request>
auto invoke(Caller& caller, const Request& request, const std::stop_token& stop) {
    return call_query<Names>(caller, service_info, find_operation<Request>(operations), request, stop);
}

template <class Answer, class Request>
Result<Answer> list(Caller& caller, const Request& request, const std::stop_token& stop) {
    return all_pages(request, &Request::marker, &Answer::next_marker,
                     std::string("elasticloadbalancing ") + find_operation<Request>(operations).name,
                     [&](const Request& page) { return invoke(caller, page, stop); });
}

} // namespace

ecsr::TargetGroup to_model(const TargetGroup& group, const std::vector<TargetGroupAttribute>& attributes) {
    ecsr::TargetGroup out;
    out.arn = group.target_group_arn;
    out.name = group.target_group_name;
    out.target_type = group.target_type.empty() ? "instance" : group.target_type;
    out.health_check_interval =
        group.health_check_interval_seconds ? Seconds(*group.health_check_interval_seconds) : out.health_check_interval;
    out.healthy_threshold = group.healthy_threshold_count.value_or(out.healthy_threshold);
    for (const TargetGroupAttribute& attribute : attributes) {
        if (attribute.key != deregistration_delay) { continue; }
        if (const auto seconds = parse_integer(attribute.value)) { out.deregistration_delay = Seconds(*seconds); }
    }
    return out;
}

ecsr::TargetHealth to_model(const std::string& target_group_arn, const TargetHealthDescription& description) {
    return {.target_group_arn = target_group_arn,
            .target_id = description.target.id,
            .port = description.target.port.value_or(0),
            .state = description.target_health.state,
            .reason = description.target_health.reason,
            .description = description.target_health.description};
}

Result<DescribeTargetGroupsAnswer> Client::describe_target_groups(const DescribeTargetGroupsRequest& request,
                                                                  const std::stop_token& stop) {
    return list<DescribeTargetGroupsAnswer>(*caller_, request, stop);
}

Result<DescribeTargetGroupAttributesAnswer>
Client::describe_target_group_attributes(const DescribeTargetGroupAttributesRequest& request,
                                         const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DescribeTargetHealthAnswer> Client::describe_target_health(const DescribeTargetHealthRequest& request,
                                                                  const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DescribeListenersAnswer> Client::describe_listeners(const DescribeListenersRequest& request,
                                                           const std::stop_token& stop) {
    return list<DescribeListenersAnswer>(*caller_, request, stop);
}

Result<CreateTargetGroupAnswer> Client::create_target_group(const CreateTargetGroupRequest& request,
                                                            const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<CreateLoadBalancerAnswer> Client::create_load_balancer(const CreateLoadBalancerRequest& request,
                                                              const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<CreateListenerAnswer> Client::create_listener(const CreateListenerRequest& request,
                                                     const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<ModifyTargetGroupAttributesAnswer>
Client::modify_target_group_attributes(const ModifyTargetGroupAttributesRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeleteListenerAnswer> Client::delete_listener(const DeleteListenerRequest& request,
                                                     const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeleteLoadBalancerAnswer> Client::delete_load_balancer(const DeleteLoadBalancerRequest& request,
                                                              const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeleteTargetGroupAnswer> Client::delete_target_group(const DeleteTargetGroupRequest& request,
                                                            const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

} // namespace ecsr::aws::elbv2
