#include "cli/demo/scene.hpp"

#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "aws/elbv2/client.hpp"
#include "base/json_mapper.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::cli {

struct MemoryOfTask {
    std::string task_arn;
    std::uint64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(MemoryOfTask, (), (task_arn, bytes))

struct MemoryPage {
    std::vector<MemoryOfTask> tasks;
};
BOOST_DESCRIBE_STRUCT(MemoryPage, (), (tasks))

namespace {

constexpr int container_port = 8080;
constexpr const char* container_name = "web";
// The shortest that AWS takes, so that a recycle of three tasks fits into a demo.
constexpr int health_check_interval_seconds = 5;
constexpr int healthy_threshold = 2;
constexpr int deregistration_delay_seconds = 5;
constexpr int response_ms = 10;
constexpr Millis look_every{200};

aws::ecs::ContainerDefinition leaky_container(const LeakyService& service) {
    aws::ecs::ContainerDefinition container;
    container.name = container_name;
    container.image = "ecs-recycler/leaky-web";
    container.memory = service.memory_mib;
    container.port_mappings = {{.container_port = container_port, .host_port = {}, .protocol = "tcp"}};
    container.environment = {{"LEAK_BYTES_PER_SECOND", std::to_string(service.leak_bytes_per_second)},
                             {"RESPONSE_MS", std::to_string(response_ms)}};
    return container;
}

Error nothing_answered(const std::string& operation) {
    Error error;
    error.kind = ErrorKind::Remote;
    error.message = operation + ": the answer describes nothing";
    return error;
}

} // namespace

Scene::Scene(aws::Caller& caller, Transport& transport, Clock& clock, std::string endpoint,
             std::function<Result<std::uint16_t>()> free_port)
    : caller_(caller), transport_(transport), clock_(clock), endpoint_(std::move(endpoint)),
      free_port_(std::move(free_port)) {}

Status Scene::create_cluster(const std::string& name, const std::stop_token& stop) {
    const auto answer = aws::ecs::Client(caller_).create_cluster({.cluster_name = name}, stop);
    return answer ? Status{} : std::unexpected(answer.error());
}

Result<std::string> Scene::create_target_group(const std::string& name, const std::stop_token& stop) {
    aws::elbv2::Client client(caller_);
    aws::elbv2::CreateTargetGroupRequest request;
    request.name = name;
    request.protocol = "HTTP";
    request.port = container_port;
    request.vpc_id = "vpc-local";
    request.health_check_path = "/health";
    request.health_check_interval_seconds = health_check_interval_seconds;
    request.health_check_timeout_seconds = 2;
    request.healthy_threshold_count = healthy_threshold;
    request.unhealthy_threshold_count = 2;
    request.target_type = "ip";
    const auto created = client.create_target_group(request, stop);
    if (!created) { return std::unexpected(created.error()); }
    if (created->target_groups.empty()) { return std::unexpected(nothing_answered("CreateTargetGroup")); }
    std::string arn = created->target_groups.front().target_group_arn;
    const auto modified = client.modify_target_group_attributes(
        {.target_group_arn = arn,
         .attributes = {{"deregistration_delay.timeout_seconds", std::to_string(deregistration_delay_seconds)}}},
        stop);
    if (!modified) { return std::unexpected(modified.error()); }
    return arn;
}

Result<std::string> Scene::create_listener(const std::string& name, const std::string& target_group_arn,
                                           const std::stop_token& stop) {
    aws::elbv2::Client client(caller_);
    const auto port = free_port_();
    if (!port) { return std::unexpected(port.error()); }
    const auto balancer = client.create_load_balancer(
        {.name = name, .subnets = {"subnet-a", "subnet-b"}, .scheme = "internal", .type = "application"}, stop);
    if (!balancer) { return std::unexpected(balancer.error()); }
    if (balancer->load_balancers.empty()) { return std::unexpected(nothing_answered("CreateLoadBalancer")); }
    const auto listener =
        client.create_listener({.load_balancer_arn = balancer->load_balancers.front().load_balancer_arn,
                                .protocol = "HTTP",
                                .port = *port,
                                .default_actions = {{.type = "forward", .target_group_arn = target_group_arn}}},
                               stop);
    if (!listener) { return std::unexpected(listener.error()); }
    if (listener->listeners.empty()) { return std::unexpected(nothing_answered("CreateListener")); }
    return listener->listeners.front().listener_arn;
}

Result<std::string> Scene::register_task_definition(const LeakyService& service, const std::stop_token& stop) {
    const auto answer =
        aws::ecs::Client(caller_).register_task_definition({.family = service.name,
                                                            .network_mode = "awsvpc",
                                                            .container_definitions = {leaky_container(service)},
                                                            .requires_compatibilities = {},
                                                            .cpu = {},
                                                            .memory = {}},
                                                           stop);
    if (!answer) { return std::unexpected(answer.error()); }
    if (!answer->task_definition) { return std::unexpected(nothing_answered("RegisterTaskDefinition")); }
    return answer->task_definition->task_definition_arn;
}

Result<StagedService> Scene::create_service(const std::string& cluster, const LeakyService& service,
                                            const std::stop_token& stop) {
    const auto target_group = create_target_group(service.name, stop);
    if (!target_group) { return std::unexpected(target_group.error()); }
    const auto listener = create_listener(service.name, *target_group, stop);
    if (!listener) { return std::unexpected(listener.error()); }
    const auto definition = register_task_definition(service, stop);
    if (!definition) { return std::unexpected(definition.error()); }
    aws::ecs::CreateServiceRequest request;
    request.cluster = cluster;
    request.service_name = service.name;
    request.task_definition = *definition;
    request.load_balancers = {{.target_group_arn = *target_group,
                               .load_balancer_name = {},
                               .container_name = container_name,
                               .container_port = container_port}};
    request.desired_count = service.tasks;
    request.launch_type = "FARGATE";
    request.network_configuration = {
        {.awsvpc_configuration = {
             {.subnets = {"subnet-a", "subnet-b"}, .security_groups = {}, .assign_public_ip = {}}}}};
    const auto created = aws::ecs::Client(caller_).create_service(request, stop);
    if (!created) { return std::unexpected(created.error()); }
    return StagedService{cluster, service.name, *target_group, *listener, {}};
}

Result<int> Scene::healthy_targets(const StagedService& service, const std::stop_token& stop) {
    const auto answer = aws::elbv2::Client(caller_).describe_target_health(
        {.target_group_arn = service.target_group_arn, .targets = {}}, stop);
    if (!answer) { return std::unexpected(answer.error()); }
    int healthy = 0;
    for (const auto& target : answer->target_health_descriptions) {
        healthy += target.target_health.state == "healthy" ? 1 : 0;
    }
    return healthy;
}

Result<bool> Scene::is_served(StagedService& service, int tasks, const std::stop_token& stop) {
    const auto healthy = healthy_targets(service, stop);
    if (!healthy) { return std::unexpected(healthy.error()); }
    if (*healthy < tasks) { return false; }
    const auto listeners = aws::elbv2::Client(caller_).describe_listeners(
        {.load_balancer_arn = {}, .listener_arns = {service.listener_arn}, .marker = {}}, stop);
    if (!listeners) { return std::unexpected(listeners.error()); }
    if (listeners->listeners.empty() || !listeners->listeners.front().port) { return false; }
    service.url = fmt::format("http://127.0.0.1:{}/", *listeners->listeners.front().port);
    const auto page = transport_.send({.url = service.url, .headers = {}, .body = {}}, {.bypass_proxy = true}, stop);
    // "task ID" is what leaky-web answers: the port is ours.
    return page && page->status == 200 && page->body.starts_with("task ");
}

Status Scene::wait_until_served(StagedService& service, int tasks, Millis limit, const std::stop_token& stop) {
    const Instant deadline = clock_.now() + limit;
    while (clock_.now() < deadline) {
        const auto served = is_served(service, tasks, stop);
        if (!served) { return std::unexpected(served.error()); }
        if (*served) { return {}; }
        if (!clock_.sleep_until(clock_.now() + look_every, stop)) {
            return fail(ErrorKind::Interrupted, fmt::format("interrupted while service {} was starting", service.name));
        }
    }
    return fail(ErrorKind::Timeout, fmt::format("service {} was not served by {} healthy tasks within {}", service.name,
                                                tasks, format_duration(limit)));
}

Result<std::vector<TaskMemory>> Scene::memory(const StagedService& service, const std::stop_token& stop) {
    const std::string url =
        fmt::format("{}/_local/memory?cluster={}&service={}", endpoint_, service.cluster, service.name);
    const auto answer = transport_.send({.url = url, .headers = {}, .body = {}}, {.bypass_proxy = true}, stop);
    if (!answer) { return std::unexpected(answer.error()); }
    const auto page = json::from_json<json::CamelCase, MemoryPage>(answer->body);
    if (!page) { return std::unexpected(page.error()); }
    std::vector<TaskMemory> memory;
    for (const auto& task : page->tasks) { memory.push_back({task.task_arn, task.bytes}); }
    return memory;
}

Result<std::vector<Kill>> Scene::kills(const StagedService& service, const std::stop_token& stop) {
    aws::ecs::Client client(caller_);
    const auto stopped = client.list_tasks({.cluster = service.cluster,
                                            .service_name = service.name,
                                            .desired_status = "STOPPED",
                                            .max_results = {},
                                            .next_token = {}},
                                           stop);
    if (!stopped) { return std::unexpected(stopped.error()); }
    std::vector<Kill> kills;
    if (stopped->task_arns.empty()) { return kills; }
    const auto described = client.describe_tasks({.cluster = service.cluster, .tasks = stopped->task_arns}, stop);
    if (!described) { return std::unexpected(described.error()); }
    for (const auto& answer : described->tasks) {
        const Task task = aws::ecs::to_model(answer);
        if (!killed_for_memory(task) || !task.stopped_at) { continue; }
        const auto& container = task.containers.front();
        kills.push_back({task.arn, container.reason, container.exit_code.value_or(-1), *task.stopped_at});
    }
    return kills;
}

} // namespace ecsr::cli
