// Requests and answers of the Amazon ECS operations that this product uses; see types.hpp for the conventions.
//
// `cluster` takes a name or an ARN; left empty it means the cluster "default". `service` and `tasks` take names or
// ARNs.
#pragma once

#include "aws/ecs/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::aws::ecs {

// ---- clusters ----

struct CreateClusterRequest {
    std::string cluster_name;
};
struct CreateClusterAnswer {
    std::optional<Cluster> cluster;
};

struct DeleteClusterRequest {
    std::string cluster;
};
struct DeleteClusterAnswer {
    std::optional<Cluster> cluster;
};

struct DescribeClustersRequest {
    std::vector<std::string> clusters;
};
struct DescribeClustersAnswer {
    std::vector<Cluster> clusters;
    std::vector<Failure> failures;
};

struct ListClustersRequest {
    std::optional<int> max_results;
    std::string next_token;
};
struct ListClustersAnswer {
    std::vector<std::string> cluster_arns;
    std::string next_token;
};

struct DescribeContainerInstancesRequest {
    std::string cluster;
    std::vector<std::string> container_instances;
};
struct DescribeContainerInstancesAnswer {
    std::vector<ContainerInstance> container_instances;
    std::vector<Failure> failures;
};

// ---- services ----

struct DescribeServicesRequest {
    std::string cluster;
    std::vector<std::string> services;
    std::vector<std::string> include; // "TAGS"
};
struct DescribeServicesAnswer {
    std::vector<Service> services;
    std::vector<Failure> failures;
};

struct ListServicesRequest {
    std::string cluster;
    std::optional<int> max_results;
    std::string next_token;
};
struct ListServicesAnswer {
    std::vector<std::string> service_arns;
    std::string next_token;
};

struct CreateServiceRequest {
    std::string cluster;
    std::string service_name;
    std::string task_definition;
    std::vector<LoadBalancer> load_balancers;
    std::optional<int> desired_count;
    std::string client_token;
    std::string launch_type;
    std::optional<DeploymentConfiguration> deployment_configuration;
    std::optional<NetworkConfiguration> network_configuration;
    std::optional<int> health_check_grace_period_seconds;
    std::string scheduling_strategy;
    std::vector<Tag> tags;
};
struct CreateServiceAnswer {
    std::optional<Service> service;
};

struct UpdateServiceRequest {
    std::string cluster;
    std::string service;
    std::optional<int> desired_count;
    std::string task_definition;
    std::optional<DeploymentConfiguration> deployment_configuration;
    std::optional<bool> force_new_deployment;
};
struct UpdateServiceAnswer {
    std::optional<Service> service;
};

struct DeleteServiceRequest {
    std::string cluster;
    std::string service;
    std::optional<bool> force;
};
struct DeleteServiceAnswer {
    std::optional<Service> service;
};

// ---- tasks ----

struct ListTasksRequest {
    std::string cluster;
    std::string service_name;
    std::string desired_status; // RUNNING | PENDING | STOPPED
    std::optional<int> max_results;
    std::string next_token;
};
struct ListTasksAnswer {
    std::vector<std::string> task_arns;
    std::string next_token;
};

struct DescribeTasksRequest {
    std::string cluster;
    std::vector<std::string> tasks;
};
struct DescribeTasksAnswer {
    std::vector<Task> tasks;
    std::vector<Failure> failures;
};

struct StopTaskRequest {
    std::string cluster;
    std::string task;
    std::string reason;
};
struct StopTaskAnswer {
    std::optional<Task> task;
};

struct GetTaskProtectionRequest {
    std::string cluster;
    std::vector<std::string> tasks;
};
struct GetTaskProtectionAnswer {
    std::vector<ProtectedTask> protected_tasks;
    std::vector<Failure> failures;
};

struct UpdateTaskProtectionRequest {
    std::string cluster;
    std::vector<std::string> tasks; // at most 10
    bool protection_enabled = false;
    std::optional<int> expires_in_minutes; // 1 - 2880
};
struct UpdateTaskProtectionAnswer {
    std::vector<ProtectedTask> protected_tasks;
    std::vector<Failure> failures;
};

// ---- task definitions ----

struct DescribeTaskDefinitionRequest {
    std::string task_definition;
};
struct DescribeTaskDefinitionAnswer {
    std::optional<TaskDefinition> task_definition;
};

struct RegisterTaskDefinitionRequest {
    std::string family;
    std::string network_mode; // bridge | host | awsvpc | none
    std::vector<ContainerDefinition> container_definitions;
    std::vector<std::string> requires_compatibilities;
    std::string cpu;
    std::string memory;
};
struct RegisterTaskDefinitionAnswer {
    std::optional<TaskDefinition> task_definition;
};

struct DeregisterTaskDefinitionRequest {
    std::string task_definition;
};
struct DeregisterTaskDefinitionAnswer {
    std::optional<TaskDefinition> task_definition;
};

} // namespace ecsr::aws::ecs
