#include "aws/rate_limit.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace ecsr::aws {

namespace {

struct Group {
    std::string_view name;
    BucketSize size;
};

struct Member {
    std::string_view service;
    std::string_view operation;
    std::string_view group;
};

// ECS behaviour G1; CloudWatch from G3 (no burst is published there: one second's worth).
constexpr std::array<Group, 17> groups{{
    {"cluster modify", {20, 1}},
    {"cluster read", {50, 20}},
    {"task definition modify", {20, 1}},
    {"task definition read", {50, 20}},
    {"task definition delete", {5, 1}},
    {"tag modify", {20, 10}},
    {"tag read", {50, 20}},
    {"cluster resource modify", {100, 40}},
    {"cluster resource read", {100, 20}},
    {"service modify", {50, 5}},
    {"service read", {100, 20}},
    {"service deployment", {50, 20}},
    {"service revision read", {50, 20}},
    {"task protection", {200, 80}},
    {"describe alarms", {9, 9}},
    {"put metric alarm", {3, 3}},
    {"set alarm state", {3, 3}},
}};

constexpr std::array<Member, 41> members{{
    {"ecs", "CreateCluster", "cluster modify"},
    {"ecs", "DeleteCluster", "cluster modify"},
    {"ecs", "UpdateCluster", "cluster modify"},
    {"ecs", "UpdateClusterSettings", "cluster modify"},
    {"ecs", "PutClusterCapacityProviders", "cluster modify"},
    {"ecs", "DescribeClusters", "cluster read"},
    {"ecs", "ListClusters", "cluster read"},
    {"ecs", "RegisterTaskDefinition", "task definition modify"},
    {"ecs", "DeregisterTaskDefinition", "task definition modify"},
    {"ecs", "DescribeTaskDefinition", "task definition read"},
    {"ecs", "ListTaskDefinitions", "task definition read"},
    {"ecs", "ListTaskDefinitionFamilies", "task definition read"},
    {"ecs", "DeleteTaskDefinitions", "task definition delete"},
    {"ecs", "TagResource", "tag modify"},
    {"ecs", "UntagResource", "tag modify"},
    {"ecs", "ListTagsForResource", "tag read"},
    {"ecs", "RunTask", "cluster resource modify"},
    {"ecs", "StartTask", "cluster resource modify"},
    {"ecs", "StopTask", "cluster resource modify"},
    {"ecs", "UpdateContainerInstancesState", "cluster resource modify"},
    {"ecs", "ExecuteCommand", "cluster resource modify"},
    {"ecs", "PutAttributes", "cluster resource modify"},
    {"ecs", "DescribeTasks", "cluster resource read"},
    {"ecs", "ListTasks", "cluster resource read"},
    {"ecs", "DescribeContainerInstances", "cluster resource read"},
    {"ecs", "ListContainerInstances", "cluster resource read"},
    {"ecs", "CreateService", "service modify"},
    {"ecs", "UpdateService", "service modify"},
    {"ecs", "DeleteService", "service modify"},
    {"ecs", "DescribeServices", "service read"},
    {"ecs", "ListServices", "service read"},
    {"ecs", "DescribeServiceDeployments", "service deployment"},
    {"ecs", "ListServiceDeployments", "service deployment"},
    {"ecs", "StopServiceDeployment", "service deployment"},
    {"ecs", "ContinueServiceDeployment", "service deployment"},
    {"ecs", "DescribeServiceRevisions", "service revision read"},
    {"ecs", "GetTaskProtection", "task protection"},
    {"ecs", "UpdateTaskProtection", "task protection"},
    {"monitoring", "DescribeAlarms", "describe alarms"},
    {"monitoring", "PutMetricAlarm", "put metric alarm"},
    {"monitoring", "SetAlarmState", "set alarm state"},
}};

} // namespace

void TokenBucket::refill(Instant now) {
    if (now <= refilled_at_) { return; }
    const double seconds = std::chrono::duration<double>(now - refilled_at_).count();
    tokens_ = std::min(size_.burst, tokens_ + seconds * size_.per_second);
    refilled_at_ = now;
}

Instant TokenBucket::take(Instant now) {
    refill(now);
    tokens_ -= 1.0;
    if (tokens_ >= 0.0) { return now; }
    return now + Millis(std::llround(std::ceil(-tokens_ / size_.per_second * 1000.0)));
}

void TokenBucket::empty(Instant now) {
    refill(now);
    tokens_ = std::min(tokens_, 0.0);
}

std::string_view rate_group(std::string_view service, std::string_view operation) {
    const auto* const found = std::ranges::find_if(
        members, [&](const Member& m) { return m.service == service && m.operation == operation; });
    return found != members.end() ? found->group : std::string_view{};
}

BucketSize bucket_size(std::string_view group) {
    const auto* const found = std::ranges::find(groups, group, &Group::name);
    ECSR_ASSERT(found != groups.end());
    return found->size;
}

Instant RateLimits::reserve(std::string_view service, std::string_view operation, Instant now) {
    const auto group = rate_group(service, operation);
    if (group.empty()) { return now; }
    auto bucket = buckets_.find(group);
    if (bucket == buckets_.end()) { bucket = buckets_.emplace(group, TokenBucket(bucket_size(group))).first; }
    return bucket->second.take(now);
}

void RateLimits::on_throttled(std::string_view service, std::string_view operation, Instant now) {
    const auto bucket = buckets_.find(rate_group(service, operation));
    if (bucket != buckets_.end()) { bucket->second.empty(now); }
}

} // namespace ecsr::aws
