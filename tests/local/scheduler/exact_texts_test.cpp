// Everything that services and tasks tell, held against the tables of ECS behaviour C1 and C3.
#include "local/scheduler/run_task.hpp"
#include "tests/local/scheduler/exact_texts.hpp"
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>
#include <set>

namespace ecsr::local {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Behaviour never_pulled() {
    Behaviour behaviour;
    behaviour.cannot_be_pulled = true;
    return behaviour;
}

Behaviour slow() {
    Behaviour behaviour;
    behaviour.starts_after = hours{1};
    return behaviour;
}

struct Told {
    std::set<std::string> events; // without "(service NAME) "
    std::set<std::string> stops;

    void take(World& world) {
        constexpr std::string_view prefix = "(service web) ";
        for (const std::string& message : world.messages()) {
            const bool of_task_set = message.starts_with("(service web, taskSet ");
            EXPECT_TRUE(of_task_set || message.starts_with(prefix)) << message;
            if (!of_task_set) { events.insert(message.substr(prefix.size())); }
        }
        for (const auto& [id, task] : world.state.tasks) {
            if (!task.stop_code.empty()) { stops.insert(task.stop_code + ": " + task.stopped_reason); }
        }
    }
};

void deploy_next(World& world, const Behaviour& behaviour = {}) {
    world.behaviours["app"] = behaviour;
    world.define("web");
    world.deploy("web:2");
}

// A service behind a target group that is scaled in, deployed anew, stopped by hand and by the load balancer, and that
// loses its target and its group.
void behind_a_balancer(Told& told, const std::string& type, NetworkMode mode) {
    World world;
    world.define("web", mode).containers[0].port_mappings = {PortMapping{8080, 0, "tcp", ""}};
    world.target_group("blue", 5, type);
    world.start_service({.desired_count = 3, .target_groups = {"blue"}});
    world.scale(2);
    world.run_until_steady();
    stop_task(world.state, *world.live().front(), "", world.now);
    world.run_until_steady();
    stop_task(world.state, *world.live().front(), "because I can", world.now);
    world.run_until_steady();
    TargetGroup& group = world.state.target_groups.at(World::arn_of_group("blue"));
    const TargetRegistration sick = world.live().front()->targets.at(0);
    world.report_target(*find_target(group, sick.target_id, sick.port), "blue", TargetState::Unhealthy,
                        "Request timed out");
    world.run_until_steady();
    told.take(world);
    const TargetRegistration lost = world.live().front()->targets.at(0);
    deregister_target(group, lost.target_id, lost.port, world.now);
    world.service().touched = true;
    world.run_for(minutes{1});
    world.state.target_groups.erase(World::arn_of_group("blue"));
    world.service().touched = true;
    world.run_for(minutes{1});
    told.take(world);
}

void sick_containers(Told& told) {
    World world;
    world.define("web").containers[0].health_check = HealthCheck{};
    world.behaviours["app"].health = {{seconds{1}, Health::Healthy}};
    world.start_service({.desired_count = 1});
    world.report_health(*world.live().front(), Health::Unhealthy);
    world.run_until_steady();
    told.take(world);
}

void failing_deployments(Told& told) {
    for (const std::string launch_type : {"EC2", "FARGATE"}) {
        World world;
        world.start_service({.desired_count = 2, .breaker = true, .rollback = true, .launch_type = launch_type});
        deploy_next(world, never_pulled());
        world.run_for(minutes{30}); // stopped tasks are kept for an hour
        told.take(world);
    }
    World crashing;
    crashing.start_service({.desired_count = 1});
    crashing.report(ContainerExited{crashing.live().front()->id, "app", 1, ""});
    crashing.run_until_steady();
    told.take(crashing);
    World endless;
    endless.behaviours["app"] = never_pulled();
    endless.create({.desired_count = 1});
    endless.run_for(hours{1});
    told.take(endless);
    World unlogged;
    unlogged.create({.desired_count = 1, .launch_type = "FARGATE"});
    unlogged.run_for(seconds{1});
    unlogged.report(ImagePullFailed{unlogged.live().front()->id, "app",
                                    "ResourceInitializationError: failed to validate logger args: x"});
    unlogged.run_for(seconds{10});
    told.take(unlogged);
}

void alarmed_deployment(Told& told) {
    World world;
    world.start_service({.desired_count = 1});
    DeploymentConfiguration& configuration = world.service().deployment_configuration;
    configuration.alarm_names = {"errors"};
    configuration.alarms_enable = configuration.alarms_rollback = true;
    Alarm alarm;
    alarm.name = "errors";
    alarm.metric = AlarmMetric{"app", "Errors", {}, seconds{60}, "Sum", ""};
    put_alarm(world.state, alarm, world.now).state = AlarmState::Ok;
    deploy_next(world);
    world.run_for(seconds{10});
    put_alarm(world.state, alarm, world.now).state = AlarmState::Alarm;
    world.run_until_steady();
    told.take(world);
}

void superseded_and_blocked_deployments(Told& told) {
    World superseded;
    superseded.start_service({.desired_count = 2});
    deploy_next(superseded, slow());
    superseded.run_for(minutes{1});
    superseded.force_deployment();
    superseded.run_for(minutes{1});
    told.take(superseded);
    World narrow;
    narrow.start_service({.desired_count = 1, .maximum_percent = 100});
    deploy_next(narrow);
    narrow.run_for(minutes{5});
    told.take(narrow);
    World protected_world;
    protected_world.start_service({.desired_count = 1});
    protect_task(protected_world.state, *protected_world.live().front(), true, hours{1}, protected_world.now);
    protected_world.scale(0);
    protected_world.run_for(minutes{5});
    told.take(protected_world);
}

void short_capacities(Told& told) {
    for (const std::string launch_type : {"EC2", "FARGATE"}) {
        for (const Capacity& capacity :
             {Capacity{.cpu = 600, .memory_mib = {}, .tasks = {}}, Capacity{.cpu = {}, .memory_mib = 300, .tasks = {}},
              Capacity{.cpu = {}, .memory_mib = {}, .tasks = 1}}) {
            World world;
            TaskDefinition& definition = world.define("web");
            definition.cpu = 512;
            definition.memory_mib = 256;
            world.state.capacity = capacity;
            world.create({.desired_count = 2, .launch_type = launch_type});
            world.run_for(seconds{10});
            RunTaskOrder order;
            order.cluster = "prod";
            order.task_definition = task_definition_arn(world.state.identity, "web", 1);
            order.by_capacity_provider = !capacity.tasks;
            run_task(world.state, order, world.now);
            told.take(world);
        }
    }
    World ports;
    ports.define("web", NetworkMode::Bridge).containers[0].port_mappings = {PortMapping{8080, 9090, "tcp", ""}};
    ports.create({.desired_count = 2});
    ports.run_for(seconds{10});
    told.take(ports);
    World drained;
    drained.define("web");
    drain_instance(drained.state, drained.state.clusters.at("prod"), true);
    drained.create({.desired_count = 1});
    drained.run_for(seconds{10});
    RunTaskOrder order;
    order.cluster = "prod";
    order.task_definition = task_definition_arn(drained.state.identity, "web", 1);
    order.by_capacity_provider = true;
    run_task(drained.state, order, drained.now);
    told.take(drained);
}

void lopsided_zones(Told& told) {
    World world;
    world.start_service({.desired_count = 3});
    for (Task* task : world.live()) { task->availability_zone = "us-east-1a"; }
    world.service().touched = true;
    world.run_for(hours{1});
    told.take(world);
}

const Told& everything_told() {
    static const Told told = [] {
        Told all;
        behind_a_balancer(all, "ip", NetworkMode::Awsvpc);
        behind_a_balancer(all, "instance", NetworkMode::Bridge);
        sick_containers(all);
        failing_deployments(all);
        alarmed_deployment(all);
        superseded_and_blocked_deployments(all);
        short_capacities(all);
        lopsided_zones(all);
        return all;
    }();
    return told;
}

bool matches(const std::string& text, const std::string& expression) {
    return ::testing::Matches(::testing::MatchesRegex(expression))(text);
}

void hold_against(const std::set<std::string>& told, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const bool seen = std::ranges::any_of(told, [&](const auto& text) { return matches(text, row.text); });
        EXPECT_EQ(seen, row.not_reached.empty()) << row.text << "\n" << row.not_reached;
    }
    for (const std::string& text : told) {
        EXPECT_TRUE(std::ranges::any_of(rows, [&](const Row& row) { return matches(text, row.text); }))
            << "in no table: " << text;
    }
}

TEST(ExactTexts, of_service_events_are_those_of_the_table) {
    hold_against(everything_told().events, service_event_rows());
}

TEST(ExactTexts, of_stopped_tasks_are_those_of_the_table) {
    hold_against(everything_told().stops, stop_rows());
}

} // namespace
} // namespace ecsr::local
