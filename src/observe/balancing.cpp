// Target groups, the health of their targets, and the instances behind them.
#include "aws/ecs/client.hpp"
#include "aws/elbv2/client.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <set>

namespace ecsr::observe {

namespace {

std::set<std::string> group_arns(const Snapshot& snapshot) {
    std::set<std::string> arns;
    for (const TargetGroupBinding& binding : snapshot.service.target_groups) { arns.insert(binding.target_group_arn); }
    return arns;
}

bool is_instance(const TargetHealth& target) {
    return target.target_id.find_first_of(".:") == std::string::npos;
}

// Targets that are instances can only be told apart by the instance that a task runs on; each instance is asked for
// once.
Status read_instances(const Reading& reading) {
    Snapshot& snapshot = reading.snapshot;
    std::set<std::string> unknown;
    for (const auto& [arn, task] : snapshot.tasks) {
        if (!is_stopped(task) && !task.container_instance_arn.empty() &&
            !snapshot.instance_ids.contains(task.container_instance_arn)) {
            unknown.insert(task.container_instance_arn);
        }
    }
    aws::ecs::DescribeContainerInstancesRequest request;
    request.cluster = reading.cluster;
    request.container_instances = {unknown.begin(), unknown.end()};
    auto answer = needs("ecs:DescribeContainerInstances",
                        aws::ecs::Client(reading.caller).describe_container_instances(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    for (const aws::ecs::ContainerInstance& instance : answer->container_instances) {
        snapshot.instance_ids[instance.container_instance_arn] = instance.ec2_instance_id;
    }
    return {};
}

} // namespace

Status read_target_groups(const Reading& reading) {
    Snapshot& snapshot = reading.snapshot;
    aws::elbv2::DescribeTargetGroupsRequest request;
    for (const std::string& arn : group_arns(snapshot)) {
        if (!snapshot.target_groups.contains(arn)) { request.target_group_arns.push_back(arn); }
    }
    if (request.target_group_arns.empty()) { return {}; }
    aws::elbv2::Client client(reading.caller);
    auto groups =
        needs("elasticloadbalancing:DescribeTargetGroups", client.describe_target_groups(request, reading.stop));
    if (!groups) { return std::unexpected(std::move(groups).error()); }
    for (const aws::elbv2::TargetGroup& group : groups->target_groups) {
        auto attributes = needs("elasticloadbalancing:DescribeTargetGroupAttributes",
                                client.describe_target_group_attributes({group.target_group_arn}, reading.stop));
        if (!attributes) { return std::unexpected(std::move(attributes).error()); }
        snapshot.target_groups[group.target_group_arn] = aws::elbv2::to_model(group, attributes->attributes);
    }
    return {};
}

Status read_targets(const Reading& reading) {
    std::vector<TargetHealth> targets;
    for (const std::string& arn : group_arns(reading.snapshot)) {
        auto answer = needs("elasticloadbalancing:DescribeTargetHealth",
                            aws::elbv2::Client(reading.caller).describe_target_health({arn, {}}, reading.stop));
        if (!answer) { return std::unexpected(std::move(answer).error()); }
        for (const auto& description : answer->target_health_descriptions) {
            targets.push_back(aws::elbv2::to_model(arn, description));
        }
    }
    if (std::ranges::any_of(targets, is_instance)) {
        if (Status instances = read_instances(reading); !instances) { return instances; }
    }
    reading.snapshot.targets = TargetList(std::move(targets));
    reading.snapshot.targets_at = reading.now;
    return {};
}

} // namespace ecsr::observe
