// Application Auto Scaling, typed; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp (ECS behaviour E1).
#pragma once

#include "aws/call.hpp"
#include "model/scaling.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws::autoscaling {

inline constexpr const char* ecs_namespace = "ecs";
inline constexpr const char* ecs_desired_count = "ecs:service:DesiredCount";

// "service/CLUSTER/SERVICE", from names or ARNs.
std::string ecs_resource_id(const std::string& cluster, const std::string& service);

struct SuspendedState {
    std::optional<bool> dynamic_scaling_in_suspended;
    std::optional<bool> dynamic_scaling_out_suspended;
    std::optional<bool> scheduled_scaling_suspended;
};

struct ScalableTarget {
    std::string service_namespace;
    std::string resource_id;
    std::string scalable_dimension;
    int min_capacity = 0;
    int max_capacity = 0;
    std::optional<SuspendedState> suspended_state;
};

struct DescribeScalableTargetsRequest {
    std::string service_namespace = ecs_namespace;
    std::vector<std::string> resource_ids;
    std::string scalable_dimension = ecs_desired_count;
    std::string next_token;
};
struct DescribeScalableTargetsAnswer {
    std::vector<ScalableTarget> scalable_targets;
    std::string next_token;
};

// What is left out keeps its value. AWS moves the service's desired count into [min, max] at once (ECS behaviour E2).
struct RegisterScalableTargetRequest {
    std::string service_namespace = ecs_namespace;
    std::string resource_id;
    std::string scalable_dimension = ecs_desired_count;
    std::optional<int> min_capacity;
    std::optional<int> max_capacity;
    std::optional<SuspendedState> suspended_state;
};
struct RegisterScalableTargetAnswer {};

struct DeregisterScalableTargetRequest {
    std::string service_namespace = ecs_namespace;
    std::string resource_id;
    std::string scalable_dimension = ecs_desired_count;
};
struct DeregisterScalableTargetAnswer {};

// What AWS does not tell counts as not suspended.
ecsr::ScalableTarget to_model(const ScalableTarget& target);
// Sets capacities and all three suspensions to those of `target`.
RegisterScalableTargetRequest to_request(const ecsr::ScalableTarget& target);

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    Result<DescribeScalableTargetsAnswer> describe_scalable_targets(const DescribeScalableTargetsRequest& request,
                                                                    const std::stop_token& stop);
    // Sets absolute values, so a lost answer is repeated.
    Result<RegisterScalableTargetAnswer> register_scalable_target(const RegisterScalableTargetRequest& request,
                                                                  const std::stop_token& stop);
    Result<DeregisterScalableTargetAnswer> deregister_scalable_target(const DeregisterScalableTargetRequest& request,
                                                                      const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::autoscaling
