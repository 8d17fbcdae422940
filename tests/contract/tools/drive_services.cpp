// Drives every typed AWS service through the real session and transport, for tests/contract/services_test.py:
//   drive_services ENDPOINT_URL SUBNET SUBNET VPC
// Prints one JSON document of what was told; the first error ends it with exit code 1.
#include "aws/autoscaling/client.hpp"
#include "aws/ecr/client.hpp"
#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "aws/elbv2/client.hpp"
#include "aws/session.hpp"
#include "aws/sts/client.hpp"
#include "base/json_mapper.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"
#include "observe/observe.hpp"

#include <iostream>
#include <stdexcept>

namespace ecsr::drive {

struct Seen {
    std::string account;
    std::string assumed_role;
    std::string cluster_status;
    std::string task_definition;
    std::string container_environment;
    std::string service_status;
    std::string load_balancer_dns_name;
    int listener_port = 0;
    std::string forwards_to;
    int deregistration_delay_seconds = 0;
    int health_check_interval_seconds = 0;
    std::size_t targets = 0;
    int desired_count = 0;
    std::string team_tag;
    int deployments_after_force = 0;
    std::optional<int> max_capacity;
    bool scale_in_suspended = false;
    std::map<std::string, std::string> alarms;
    std::string image_digest;
    std::string image_failure;
    std::string error_for_unknown_service;
    std::string error_for_unknown_cluster;
    std::string error_for_unknown_alarm;
    bool service_missing_after_delete = false;
    std::size_t operations = 0;
};
BOOST_DESCRIBE_STRUCT(Seen, (),
                      (account, assumed_role, cluster_status, task_definition, container_environment, service_status,
                       load_balancer_dns_name, listener_port, forwards_to, deregistration_delay_seconds,
                       health_check_interval_seconds, targets, desired_count, team_tag, deployments_after_force,
                       max_capacity, scale_in_suspended, alarms, image_digest, image_failure, error_for_unknown_service,
                       error_for_unknown_cluster, error_for_unknown_alarm, service_missing_after_delete, operations))

namespace {

template <class T>
T told(Result<T> result) {
    if (!result) { throw std::runtime_error(result.error().message); }
    if constexpr (!std::is_void_v<T>) { return *std::move(result); }
}

struct World {
    aws::Session& session;
    Clock& clock;
    std::vector<std::string> subnets;
    Seen seen;
    std::string group_arn;
    std::string balancer_arn;
    std::string listener_arn;
};

void meet(World& world) {
    aws::sts::Client sts(world.session);
    world.seen.account = told(sts.get_caller_identity({}, {})).account;
    const auto role = told(sts.assume_role({"arn:aws:iam::123456789012:role/recycler", "drive", 900, ""}, {}));
    world.seen.assumed_role = role.assumed_role_user.arn;
}

void balance(World& world) {
    aws::elbv2::Client elb(world.session);
    aws::elbv2::CreateTargetGroupRequest group;
    group.name = "web";
    group.protocol = "HTTP";
    group.port = 8080;
    group.vpc_id = world.subnets.back();
    group.health_check_path = "/health?deep=1&x=ü";
    group.health_check_interval_seconds = 5;
    group.target_type = "ip";
    world.group_arn = told(elb.create_target_group(group, {})).target_groups.at(0).target_group_arn;
    told(elb.modify_target_group_attributes({world.group_arn, {{"deregistration_delay.timeout_seconds", "7"}}}, {}));
    const auto balancer =
        told(elb.create_load_balancer({"web", {world.subnets[0], world.subnets[1]}, "internal", "application"}, {}));
    world.balancer_arn = balancer.load_balancers.at(0).load_balancer_arn;
    world.seen.load_balancer_dns_name = balancer.load_balancers.at(0).dns_name;
    world.listener_arn =
        told(elb.create_listener({world.balancer_arn, "HTTP", 8081, {{"forward", world.group_arn}}}, {}))
            .listeners.at(0)
            .listener_arn;
    aws::elbv2::DescribeListenersRequest listeners;
    listeners.load_balancer_arn = world.balancer_arn;
    const auto listener = told(elb.describe_listeners(listeners, {})).listeners.at(0);
    world.seen.listener_port = listener.port.value_or(0);
    world.seen.forwards_to = listener.default_actions.at(0).target_group_arn == world.group_arn ? "web" : "another";
}

void create(World& world) {
    aws::ecs::Client ecs(world.session);
    world.seen.cluster_status = told(ecs.create_cluster({"drive"}, {})).cluster->status;
    aws::ecs::RegisterTaskDefinitionRequest definition;
    definition.family = "web";
    definition.network_mode = "bridge";
    aws::ecs::ContainerDefinition container;
    container.name = "web";
    container.image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1";
    container.memory = 64;
    container.port_mappings = {{.container_port = 8080, .host_port = 0, .protocol = "tcp"}};
    container.environment = {{"GREETING", "größe \"x\"\n"}};
    container.docker_labels = {{"local.ecs/role", "web"}};
    definition.container_definitions = {container};
    const auto registered = told(ecs.register_task_definition(definition, {})).task_definition.value();
    world.seen.task_definition = registered.family + ":" + std::to_string(registered.revision);
    world.seen.container_environment = registered.container_definitions.at(0).environment.at(0).value;
    aws::ecs::CreateServiceRequest service;
    service.cluster = "drive";
    service.service_name = "web";
    service.task_definition = "web";
    service.desired_count = 2;
    service.load_balancers = {{.target_group_arn = world.group_arn,
                               .load_balancer_name = {},
                               .container_name = "web",
                               .container_port = 8080}};
    service.tags = {{"team", "blue"}};
    world.seen.service_status = told(ecs.create_service(service, {})).service->status;
}

Snapshot observe(World& world, const Look& look) {
    Snapshot snapshot;
    told(Observer(world.session, "drive", "web").look(look, snapshot, world.clock.now(), {}));
    return snapshot;
}

void change_and_observe(World& world) {
    aws::ecs::Client ecs(world.session);
    aws::autoscaling::Client scaling(world.session);
    told(scaling.register_scalable_target(aws::autoscaling::to_request({.resource_id = "service/drive/web",
                                                                        .min_capacity = 1,
                                                                        .max_capacity = 9,
                                                                        .suspended = {.dynamic_scaling_in = true}}),
                                          {}));
    const Snapshot snapshot = observe(world, {.service = true,
                                              .list_tasks = true,
                                              .tasks = {},
                                              .task_definitions = true,
                                              .target_groups = true,
                                              .targets = true,
                                              .scaling = true,
                                              .protection = true,
                                              .alarms = {"errors"},
                                              .images = true});
    const TargetGroup& group = snapshot.target_groups.at(world.group_arn);
    world.seen.deregistration_delay_seconds = static_cast<int>(group.deregistration_delay.count());
    world.seen.health_check_interval_seconds = static_cast<int>(group.health_check_interval.count());
    world.seen.targets = snapshot.targets.size();
    world.seen.team_tag = snapshot.service.tags.contains("team") ? snapshot.service.tags.at("team") : "";
    if (snapshot.scalable_target) { world.seen.max_capacity = snapshot.scalable_target->max_capacity; }
    world.seen.scale_in_suspended = snapshot.scalable_target && snapshot.scalable_target->suspended.dynamic_scaling_in;
    for (const AlarmState& alarm : snapshot.alarms) { world.seen.alarms[alarm.name] = alarm.state; }
    aws::ecs::UpdateServiceRequest update;
    update.cluster = "drive";
    update.service = "web";
    update.desired_count = 3;
    world.seen.desired_count = told(ecs.update_service(update, {})).service->desired_count;
    update.desired_count.reset();
    update.force_new_deployment = true;
    world.seen.deployments_after_force =
        static_cast<int>(told(ecs.update_service(update, {})).service->deployments.size());
}

void resolve_image(World& world) {
    aws::ecr::BatchGetImageRequest request;
    request.repository_name = "web";
    request.image_ids = {{"", "1"}, {"", "absent"}};
    const auto answer = told(aws::ecr::Client(world.session).batch_get_image(request, {}));
    world.seen.image_digest = answer.images.at(0).image_id.image_digest;
    world.seen.image_failure = answer.failures.at(0).failure_code;
}

std::string error_of(World& world, const std::string& cluster, const std::string& service, const Look& look) {
    Snapshot snapshot;
    const Status status = Observer(world.session, cluster, service).look(look, snapshot, world.clock.now(), {});
    return status ? "none" : std::string(to_string(status.error().kind)) + ": " + status.error().message;
}

void go_wrong(World& world) {
    const Look service{.service = true, .tasks = {}, .alarms = {}};
    world.seen.error_for_unknown_service = error_of(world, "drive", "wep", service);
    world.seen.error_for_unknown_cluster = error_of(world, "drivve", "web", service);
    world.seen.error_for_unknown_alarm = error_of(world, "drive", "web", {.tasks = {}, .alarms = {"errors", "absent"}});
}

void tear_down(World& world) {
    aws::ecs::Client ecs(world.session);
    aws::elbv2::Client elb(world.session);
    aws::autoscaling::DeregisterScalableTargetRequest target;
    target.resource_id = "service/drive/web";
    told(aws::autoscaling::Client(world.session).deregister_scalable_target(target, {}));
    told(ecs.delete_service({"drive", "web", true}, {}));
    told(ecs.deregister_task_definition({world.seen.task_definition}, {}));
    told(elb.delete_listener({world.listener_arn}, {}));
    told(elb.delete_load_balancer({world.balancer_arn}, {}));
    told(elb.delete_target_group({world.group_arn}, {}));
    told(ecs.delete_cluster({"drive"}, {}));
}

Seen drive(aws::Session& session, Clock& clock, std::vector<std::string> subnets) {
    World world{session, clock, std::move(subnets), {}, {}, {}, {}};
    meet(world);
    balance(world);
    create(world);
    change_and_observe(world);
    resolve_image(world);
    go_wrong(world);
    Snapshot snapshot = observe(world, {.service = true, .tasks = {}, .alarms = {}});
    tear_down(world);
    told(Observer(session, "drive", "web")
             .look({.service = true, .tasks = {}, .alarms = {}}, snapshot, clock.now(), {}));
    world.seen.service_missing_after_delete = snapshot.service_missing || snapshot.service.status == "INACTIVE";
    world.seen.operations = session.counts().by_operation.size();
    return world.seen;
}

int run(const std::string& endpoint, std::vector<std::string> subnets) {
    SystemClock clock;
    const auto transport = CurlTransport::create({});
    if (!transport) { throw std::runtime_error(transport.error().message); }
    aws::SessionOptions options;
    options.endpoint_url = endpoint;
    const auto session =
        aws::Session::create(**transport, clock, Random(seed_from_system()), aws::system_environment(), options);
    if (!session) { throw std::runtime_error(session.error().message); }
    std::cout << json::to_json<json::SnakeCase>(drive(**session, clock, std::move(subnets)), 2) << "\n";
    return 0;
}

} // namespace
} // namespace ecsr::drive

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: drive_services ENDPOINT_URL SUBNET SUBNET VPC\n";
        return 2;
    }
    try {
        return ecsr::drive::run(argv[1], {argv[2], argv[3], argv[4]});
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
