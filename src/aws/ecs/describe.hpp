// The members of Amazon ECS's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/ecs/operations.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::ecs {

inline const ServiceInfo service_info{.id = "ecs",
                                      .endpoint_host = "ecs",
                                      .endpoint_env = "ECS",
                                      .config_key = "ecs",
                                      .protocol = Protocol::Json11,
                                      .target_prefix = "AmazonEC2ContainerServiceV20141113",
                                      .api_version = ""};
using Names = json::CamelCase;

BOOST_DESCRIBE_STRUCT(Failure, (), (arn, reason, detail))
BOOST_DESCRIBE_STRUCT(Tag, (), (key, value))
BOOST_DESCRIBE_STRUCT(KeyValuePair, (), (name, value))
BOOST_DESCRIBE_STRUCT(Cluster, (),
                      (cluster_arn, cluster_name, status, registered_container_instances_count, running_tasks_count,
                       pending_tasks_count, active_services_count))
BOOST_DESCRIBE_STRUCT(ContainerInstance, (), (container_instance_arn, ec2_instance_id, status))
BOOST_DESCRIBE_STRUCT(LoadBalancer, (), (target_group_arn, load_balancer_name, container_name, container_port))
BOOST_DESCRIBE_STRUCT(DeploymentCircuitBreaker, (), (enable, rollback))
BOOST_DESCRIBE_STRUCT(DeploymentAlarms, (), (alarm_names, rollback, enable))
BOOST_DESCRIBE_STRUCT(DeploymentConfiguration, (),
                      (deployment_circuit_breaker, maximum_percent, minimum_healthy_percent, alarms, strategy))
BOOST_DESCRIBE_STRUCT(DeploymentController, (), (type))
BOOST_DESCRIBE_STRUCT(AwsVpcConfiguration, (), (subnets, security_groups, assign_public_ip))
BOOST_DESCRIBE_STRUCT(NetworkConfiguration, (), (awsvpc_configuration))
BOOST_DESCRIBE_STRUCT(Deployment, (),
                      (id, status, task_definition, desired_count, pending_count, running_count, failed_tasks,
                       created_at, updated_at, rollout_state, rollout_state_reason))
BOOST_DESCRIBE_STRUCT(ServiceEvent, (), (id, created_at, message))
BOOST_DESCRIBE_STRUCT(Service, (),
                      (service_arn, service_name, cluster_arn, load_balancers, status, desired_count, running_count,
                       pending_count, launch_type, task_definition, deployment_configuration, deployments, events,
                       created_at, health_check_grace_period_seconds, scheduling_strategy, deployment_controller, tags))
BOOST_DESCRIBE_STRUCT(NetworkBinding, (), (container_port, host_port))
BOOST_DESCRIBE_STRUCT(NetworkInterface, (), (private_ipv4_address, ipv6_address))
BOOST_DESCRIBE_STRUCT(Container, (),
                      (container_arn, name, image, image_digest, last_status, exit_code, reason, network_bindings,
                       network_interfaces, health_status))
BOOST_DESCRIBE_STRUCT(Task, (),
                      (task_arn, cluster_arn, task_definition_arn, group, started_by, last_status, desired_status,
                       health_status, launch_type, availability_zone, container_instance_arn, stop_code, stopped_reason,
                       containers, created_at, started_at, stopping_at, stopped_at))
BOOST_DESCRIBE_STRUCT(ProtectedTask, (), (task_arn, protection_enabled, expiration_date))
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (command, interval, timeout, retries, start_period))
BOOST_DESCRIBE_STRUCT(PortMapping, (), (container_port, host_port, protocol))
BOOST_DESCRIBE_STRUCT(ContainerDefinition, (),
                      (name, image, cpu, memory, memory_reservation, port_mappings, essential, entry_point, command,
                       environment, stop_timeout, docker_labels, health_check))
BOOST_DESCRIBE_STRUCT(TaskDefinition, (),
                      (task_definition_arn, family, revision, status, network_mode, cpu, memory, container_definitions))
BOOST_DESCRIBE_STRUCT(CreateClusterRequest, (), (cluster_name))
BOOST_DESCRIBE_STRUCT(CreateClusterAnswer, (), (cluster))
BOOST_DESCRIBE_STRUCT(DeleteClusterRequest, (), (cluster))
BOOST_DESCRIBE_STRUCT(DeleteClusterAnswer, (), (cluster))
BOOST_DESCRIBE_STRUCT(DescribeClustersRequest, (), (clusters))
BOOST_DESCRIBE_STRUCT(DescribeClustersAnswer, (), (clusters, failures))
BOOST_DESCRIBE_STRUCT(ListClustersRequest, (), (max_results, next_token))
BOOST_DESCRIBE_STRUCT(ListClustersAnswer, (), (cluster_arns, next_token))
BOOST_DESCRIBE_STRUCT(DescribeContainerInstancesRequest, (), (cluster, container_instances))
BOOST_DESCRIBE_STRUCT(DescribeContainerInstancesAnswer, (), (container_instances, failures))
BOOST_DESCRIBE_STRUCT(DescribeServicesRequest, (), (cluster, services, include))
BOOST_DESCRIBE_STRUCT(DescribeServicesAnswer, (), (services, failures))
BOOST_DESCRIBE_STRUCT(ListServicesRequest, (), (cluster, max_results, next_token))
BOOST_DESCRIBE_STRUCT(ListServicesAnswer, (), (service_arns, next_token))
BOOST_DESCRIBE_STRUCT(CreateServiceRequest, (),
                      (cluster, service_name, task_definition, load_balancers, desired_count, client_token, launch_type,
                       deployment_configuration, network_configuration, health_check_grace_period_seconds,
                       scheduling_strategy, tags))
BOOST_DESCRIBE_STRUCT(CreateServiceAnswer, (), (service))
BOOST_DESCRIBE_STRUCT(UpdateServiceRequest, (),
                      (cluster, service, desired_count, task_definition, deployment_configuration,
                       force_new_deployment))
BOOST_DESCRIBE_STRUCT(UpdateServiceAnswer, (), (service))
BOOST_DESCRIBE_STRUCT(DeleteServiceRequest, (), (cluster, service, force))
BOOST_DESCRIBE_STRUCT(DeleteServiceAnswer, (), (service))
BOOST_DESCRIBE_STRUCT(ListTasksRequest, (), (cluster, service_name, desired_status, max_results, next_token))
BOOST_DESCRIBE_STRUCT(ListTasksAnswer, (), (task_arns, next_token))
BOOST_DESCRIBE_STRUCT(DescribeTasksRequest, (), (cluster, tasks))
BOOST_DESCRIBE_STRUCT(DescribeTasksAnswer, (), (tasks, failures))
BOOST_DESCRIBE_STRUCT(StopTaskRequest, (), (cluster, task, reason))
BOOST_DESCRIBE_STRUCT(StopTaskAnswer, (), (task))
BOOST_DESCRIBE_STRUCT(GetTaskProtectionRequest, (), (cluster, tasks))
BOOST_DESCRIBE_STRUCT(GetTaskProtectionAnswer, (), (protected_tasks, failures))
BOOST_DESCRIBE_STRUCT(UpdateTaskProtectionRequest, (), (cluster, tasks, protection_enabled, expires_in_minutes))
BOOST_DESCRIBE_STRUCT(UpdateTaskProtectionAnswer, (), (protected_tasks, failures))
BOOST_DESCRIBE_STRUCT(DescribeTaskDefinitionRequest, (), (task_definition))
BOOST_DESCRIBE_STRUCT(DescribeTaskDefinitionAnswer, (), (task_definition))
BOOST_DESCRIBE_STRUCT(RegisterTaskDefinitionRequest, (),
                      (family, network_mode, container_definitions, requires_compatibilities, cpu, memory))
BOOST_DESCRIBE_STRUCT(RegisterTaskDefinitionAnswer, (), (task_definition))
BOOST_DESCRIBE_STRUCT(DeregisterTaskDefinitionRequest, (), (task_definition))
BOOST_DESCRIBE_STRUCT(DeregisterTaskDefinitionAnswer, (), (task_definition))

inline constexpr Operations operations{
    Operation<CreateClusterRequest, CreateClusterAnswer>{"CreateCluster"},
    Operation<DeleteClusterRequest, DeleteClusterAnswer>{"DeleteCluster"},
    Operation<DescribeClustersRequest, DescribeClustersAnswer>{"DescribeClusters"},
    Operation<ListClustersRequest, ListClustersAnswer>{"ListClusters"},
    Operation<DescribeContainerInstancesRequest, DescribeContainerInstancesAnswer>{"DescribeContainerInstances"},
    Operation<DescribeServicesRequest, DescribeServicesAnswer>{"DescribeServices"},
    Operation<ListServicesRequest, ListServicesAnswer>{"ListServices"},
    Operation<CreateServiceRequest, CreateServiceAnswer>{"CreateService"},
    Operation<UpdateServiceRequest, UpdateServiceAnswer>{"UpdateService"},
    Operation<DeleteServiceRequest, DeleteServiceAnswer>{"DeleteService"},
    Operation<ListTasksRequest, ListTasksAnswer>{"ListTasks"},
    Operation<DescribeTasksRequest, DescribeTasksAnswer>{"DescribeTasks"},
    Operation<StopTaskRequest, StopTaskAnswer>{"StopTask"},
    Operation<GetTaskProtectionRequest, GetTaskProtectionAnswer>{"GetTaskProtection"},
    Operation<UpdateTaskProtectionRequest, UpdateTaskProtectionAnswer>{"UpdateTaskProtection"},
    Operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionAnswer>{"DescribeTaskDefinition"},
    Operation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionAnswer>{"RegisterTaskDefinition",
                                                                           Repeat::OnlyIfNotSent},
    Operation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionAnswer>{"DeregisterTaskDefinition"},
};

} // namespace ecsr::aws::ecs
