// Shapes of the Amazon ECS API (2014-11-13), with the members that this product sends or reads.
//
// Named and typed as in the API, members in snake case ("created_at" is "createdAt" on the wire); checked against
// botocore's model by tests/contract/botocore_shapes_test.py. An empty string or list in a request is not sent; an
// optional that holds one is. What an answer leaves out keeps its default. Enumerations are strings, because ECS adds
// values.
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::aws::ecs {

// A partial failure inside HTTP 200: data, not an error (ECS behaviour A4).
struct Failure {
    std::string arn;
    std::string reason; // "MISSING", "TASK_NOT_VALID", "DEPLOYMENT_BLOCKED", ...
    std::string detail;
};

struct Tag {
    std::string key;
    std::string value;
};

struct KeyValuePair {
    std::string name;
    std::string value;
};

// ---- clusters ----

struct Cluster {
    std::string cluster_arn;
    std::string cluster_name;
    std::string status; // ACTIVE | PROVISIONING | DEPROVISIONING | FAILED | INACTIVE
    int registered_container_instances_count = 0;
    int running_tasks_count = 0;
    int pending_tasks_count = 0;
    int active_services_count = 0;
};

struct ContainerInstance {
    std::string container_instance_arn;
    std::string ec2_instance_id;
    std::string status;
};

// ---- services ----

struct LoadBalancer {
    std::string target_group_arn;
    std::string load_balancer_name; // Classic Load Balancer
    std::string container_name;
    std::optional<int> container_port;
};

struct DeploymentCircuitBreaker {
    bool enable = false;
    bool rollback = false;
};

struct DeploymentAlarms {
    std::vector<std::string> alarm_names;
    bool rollback = false;
    bool enable = false;
};

struct DeploymentConfiguration {
    std::optional<DeploymentCircuitBreaker> deployment_circuit_breaker;
    std::optional<int> maximum_percent;
    std::optional<int> minimum_healthy_percent;
    std::optional<DeploymentAlarms> alarms;
    std::string strategy; // ROLLING | BLUE_GREEN | LINEAR | CANARY
};

struct DeploymentController {
    std::string type; // ECS | CODE_DEPLOY | EXTERNAL
};

struct AwsVpcConfiguration {
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;
    std::string assign_public_ip; // ENABLED | DISABLED
};

struct NetworkConfiguration {
    std::optional<AwsVpcConfiguration> awsvpc_configuration;
};

struct Deployment {
    std::string id;
    std::string status; // PRIMARY | ACTIVE | INACTIVE
    std::string task_definition;
    int desired_count = 0;
    int pending_count = 0;
    int running_count = 0;
    int failed_tasks = 0;
    Instant created_at{};
    Instant updated_at{};
    std::string rollout_state; // COMPLETED | FAILED | IN_PROGRESS
    std::string rollout_state_reason;
};

struct ServiceEvent {
    std::string id;
    Instant created_at{};
    std::string message;
};

struct Service {
    std::string service_arn;
    std::string service_name;
    std::string cluster_arn;
    std::vector<LoadBalancer> load_balancers;
    std::string status;
    int desired_count = 0;
    int running_count = 0;
    int pending_count = 0;
    std::string launch_type;
    std::string task_definition;
    std::optional<DeploymentConfiguration> deployment_configuration;
    std::vector<Deployment> deployments;
    std::vector<ServiceEvent> events;
    Instant created_at{};
    std::optional<int> health_check_grace_period_seconds;
    std::string scheduling_strategy;
    std::optional<DeploymentController> deployment_controller;
    std::vector<Tag> tags; // only when asked for
};

// ---- tasks ----

struct NetworkBinding {
    std::optional<int> container_port;
    std::optional<int> host_port;
};

struct NetworkInterface {
    std::string private_ipv4_address;
    std::string ipv6_address;
};

struct Container {
    std::string container_arn;
    std::string name;
    std::string image;
    std::string image_digest;
    std::string last_status;
    std::optional<int> exit_code;
    std::string reason;
    std::vector<NetworkBinding> network_bindings;
    std::vector<NetworkInterface> network_interfaces;
    std::string health_status;
};

struct Task {
    std::string task_arn;
    std::string cluster_arn;
    std::string task_definition_arn;
    std::string group;
    std::string started_by;
    std::string last_status;
    std::string desired_status;
    std::string health_status;
    std::string launch_type;
    std::string availability_zone;
    std::string container_instance_arn;
    std::string stop_code;
    std::string stopped_reason;
    std::vector<Container> containers;
    std::optional<Instant> created_at;
    std::optional<Instant> started_at;
    std::optional<Instant> stopping_at;
    std::optional<Instant> stopped_at;
};

struct ProtectedTask {
    std::string task_arn;
    bool protection_enabled = false;
    std::optional<Instant> expiration_date;
};

// ---- task definitions ----

struct HealthCheck {
    std::vector<std::string> command;
    std::optional<int> interval; // seconds, as the others
    std::optional<int> timeout;
    std::optional<int> retries;
    std::optional<int> start_period;
};

struct PortMapping {
    int container_port = 0;
    std::optional<int> host_port;
    std::string protocol; // tcp | udp
};

struct ContainerDefinition {
    std::string name;
    std::string image;
    int cpu = 0;
    std::optional<int> memory;             // MiB
    std::optional<int> memory_reservation; // MiB
    std::vector<PortMapping> port_mappings;
    bool essential = true;
    std::vector<std::string> entry_point;
    std::vector<std::string> command;
    std::vector<KeyValuePair> environment;
    std::optional<int> stop_timeout; // seconds
    std::map<std::string, std::string> docker_labels;
    std::optional<HealthCheck> health_check;
};

struct TaskDefinition {
    std::string task_definition_arn;
    std::string family;
    int revision = 0;
    std::string status;
    std::string network_mode;
    std::string cpu;    // CPU units, as text
    std::string memory; // MiB, as text
    std::vector<ContainerDefinition> container_definitions;
};

} // namespace ecsr::aws::ecs
