#include "tests/local/scheduler/world.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ecsr::local {

namespace {

const Instant beginning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + std::chrono::hours{12}};

} // namespace

World::World(SchedulerOptions options, std::uint64_t seed) : scheduler(options), now(beginning) {
    state.random = Random(seed);
    Cluster cluster;
    cluster.name = "prod";
    cluster.container_instance_id = "0123456789abcdef0123456789abcdef";
    state.clusters["prod"] = cluster;
}

std::string World::arn_of_group(const std::string& name) {
    return "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/0123456789abcdef";
}

TaskDefinition& World::define(const std::string& family, NetworkMode mode, const std::vector<std::string>& containers) {
    std::vector<TaskDefinition>& revisions = state.task_definitions[family];
    TaskDefinition& definition = revisions.emplace_back();
    definition.family = family;
    definition.revision = static_cast<int>(revisions.size());
    definition.network_mode = mode;
    for (const std::string& name : containers) {
        ContainerDefinition container;
        container.name = name;
        container.image = name;
        container.port_mappings = {PortMapping{8080, 0, "tcp", ""}};
        definition.containers.push_back(container);
    }
    return definition;
}

TargetGroup& World::target_group(const std::string& name, int deregistration_delay, const std::string& type) {
    TargetGroup& group = state.target_groups[arn_of_group(name)];
    group.arn = arn_of_group(name);
    group.name = name;
    group.target_type = type;
    group.attributes["deregistration_delay.timeout_seconds"] = std::to_string(deregistration_delay);
    return group;
}

Service& World::create(const ServicePlan& plan) {
    Service service;
    service.cluster = "prod";
    service.name = plan.name;
    service.desired_count = plan.desired_count;
    service.launch_type = plan.launch_type;
    service.health_check_grace_period = plan.grace;
    service.deployment_configuration.minimum_healthy_percent = plan.minimum_healthy_percent;
    service.deployment_configuration.maximum_percent = plan.maximum_percent;
    service.deployment_configuration.circuit_breaker_enable = plan.breaker;
    service.deployment_configuration.circuit_breaker_rollback = plan.rollback;
    for (const std::string& group : plan.target_groups) {
        service.load_balancers.push_back({arn_of_group(group), "app", 8080});
    }
    const TaskDefinition* definition = find_task_definition(state, plan.task_definition);
    if (definition == nullptr) {
        define(std::string(plan.task_definition.substr(0, plan.task_definition.find(':'))));
        definition = find_task_definition(state, plan.task_definition);
    }
    const auto created = create_service(
        state, service, task_definition_arn(state.identity, definition->family, definition->revision), now);
    EXPECT_TRUE(created) << created.error().message;
    return **created;
}

void World::update(const ServiceUpdate& update, const std::string& name) {
    const auto updated = update_service(state, service(name), update, now);
    ASSERT_TRUE(updated) << updated.error().message;
}

void World::scale(int desired_count) {
    ServiceUpdate change;
    change.desired_count = desired_count;
    update(change);
}

void World::deploy(const std::string& task_definition) {
    const TaskDefinition* definition = find_task_definition(state, task_definition);
    ASSERT_NE(definition, nullptr);
    ServiceUpdate change;
    change.task_definition = task_definition_arn(state.identity, definition->family, definition->revision);
    update(change);
}

void World::force_deployment() {
    ServiceUpdate change;
    change.force_new_deployment = true;
    update(change);
}

Instant World::next_report() const {
    return coming_.empty() ? Instant::max() : coming_.begin()->first;
}

void World::step() {
    ++steps;
    while (next_report() <= now) {
        const Event event = coming_.begin()->second;
        coming_.erase(coming_.begin());
        scheduler.handle(state, event, now);
    }
    for (const Effect& effect : scheduler.advance(state, now)) { carry_out(effect); }
    ASSERT_TRUE(scheduler.advance(state, now).empty()) << "a second advance() at the same time must do nothing";
    ASSERT_GT(scheduler.next_wakeup(state), now) << "advance() left something that was due";
    if (after_each_step) { after_each_step(); }
}

void World::run_for(Millis span) {
    const Instant end = now + span;
    run_until([] { return false; }, span);
    now = end;
}

bool World::run_until(const std::function<bool()>& condition, Millis limit) {
    const Instant end = now + limit;
    while (true) {
        step();
        if (condition()) { return true; }
        if (::testing::Test::HasFatalFailure()) { return false; }
        const Instant next = std::min(scheduler.next_wakeup(state), next_report());
        if (next > end) { break; }
        now = std::max(now, next);
    }
    now = end;
    return false;
}

bool World::run_until_steady(Millis limit) {
    return run_until(
        [this] {
            const Service& each = service();
            return each.steady_since && !each.touched && each.next_decision_at == Instant::max();
        },
        limit);
}

void World::start_service(const ServicePlan& plan) {
    create(plan);
    ASSERT_TRUE(run_until([&] { return service(plan.name).steady_since.has_value(); }))
        << "the service never became steady";
}

Service& World::service(const std::string& name) {
    return state.services.at({"prod", name});
}

Task& World::task(const std::string& id) {
    return state.tasks.at(id);
}

std::vector<Task*> World::tasks(TaskStatus status) {
    std::vector<Task*> found;
    for (auto& [id, each] : state.tasks) {
        if (each.last_status == status) { found.push_back(&each); }
    }
    return found;
}

std::vector<Task*> World::tasks_of(const std::string& task_definition, TaskStatus status) {
    std::vector<Task*> found = tasks(status);
    std::erase_if(found, [&](const Task* each) { return short_id(each->task_definition) != task_definition; });
    return found;
}

std::vector<Task*> World::live() {
    std::vector<Task*> found;
    for (auto& [id, each] : state.tasks) {
        if (each.desired_status == TaskStatus::Running) { found.push_back(&each); }
    }
    return found;
}

std::vector<std::string> World::messages(const std::string& name) {
    std::vector<std::string> texts;
    for (const ServiceEvent& event : service(name).events) { texts.push_back(event.message); }
    std::reverse(texts.begin(), texts.end());
    return texts;
}

int World::told(const std::string& part, const std::string& name) {
    const auto texts = messages(name);
    return static_cast<int>(std::count_if(
        texts.begin(), texts.end(), [&](const std::string& text) { return text.find(part) != std::string::npos; }));
}

std::optional<Instant> World::told_at(const std::string& part) {
    for (const ServiceEvent& event : service().events) {
        if (event.message.find(part) != std::string::npos) { return event.created_at; }
    }
    return std::nullopt;
}

Target* World::target_of(const Task& of, const std::string& group) {
    TargetGroup* found = find_target_group(state, arn_of_group(group));
    return found == nullptr ? nullptr : find_target(*found, of.private_ip, 8080);
}

Instant World::effect_at(const std::string& what, const std::string& task_id) {
    for (const Seen& seen : effects) {
        if (seen.what == what && seen.task_id == task_id) { return seen.at; }
    }
    return {};
}

void World::report(const Event& event) {
    scheduler.handle(state, event, now);
}

void World::report_health(const Task& of, Health health, const std::string& container) {
    report(ContainerHealthChanged{of.id, container, health});
}

void World::report_target(const Target& target, const std::string& group, TargetState to,
                          const std::string& description) {
    report(TargetHealthChanged{arn_of_group(group), target.id, target.port, to, "", description});
}

void World::carry_out(const Effect& effect) {
    if (const auto* order = std::get_if<LaunchTask>(&effect)) {
        effects.push_back({now, "launch", order->launch.task_id});
        launch(order->launch);
    } else if (const auto* ended = std::get_if<StopContainers>(&effect)) {
        effects.push_back({now, "stop", ended->task_id});
        stop(ended->task_id);
    } else {
        effects.push_back({now, "balancer", ""});
        check_targets();
    }
}

void World::launch(const TaskLaunch& launch) {
    for (const ContainerDefinition& container : launch.containers) { start_container(launch, container); }
}

void World::start_container(const TaskLaunch& launch, const ContainerDefinition& container) {
    const Behaviour& behaviour = behaviour_of(container.image);
    const Instant start = now + behaviour.starts_after;
    if (behaviour.cannot_be_pulled) {
        coming_.emplace(start, ImagePullFailed{launch.task_id, container.name,
                                               "CannotPullContainerError: Error response from daemon: not found"});
        return;
    }
    ContainerStarted started{launch.task_id, container.name, "pid", {}};
    if (launch.network_mode != NetworkMode::Awsvpc) {
        started.network_bindings = {NetworkBinding{"0.0.0.0", 8080, next_port_++, "tcp"}};
    }
    coming_.emplace(start, started);
    for (const auto& [after, health] : behaviour.health) {
        coming_.emplace(start + after, ContainerHealthChanged{launch.task_id, container.name, health});
    }
    if (behaviour.exits_after) {
        coming_.emplace(start + *behaviour.exits_after,
                        ContainerExited{launch.task_id, container.name, behaviour.exit_code, behaviour.exit_reason});
    }
}

void World::stop(const std::string& task_id) {
    for (const Container& container : task(task_id).containers) {
        if (container.last_status != TaskStatus::Running) { continue; }
        coming_.emplace(now + behaviour_of(container.image).stops_after,
                        ContainerExited{task_id, container.name, 143, ""});
    }
}

void World::check_targets() {
    for (auto& [arn, group] : state.target_groups) {
        for (const Target& target : group.targets) {
            Instant& since = probed_[arn + target.id + ":" + std::to_string(target.port)];
            if (target.state != TargetState::Initial || since == target.registered_at) { continue; }
            since = target.registered_at;
            for (const auto& [after, verdict] : behaviour_of("app").target) {
                const bool bad = verdict == TargetState::Unhealthy;
                coming_.emplace(now + after,
                                TargetHealthChanged{arn, target.id, target.port, verdict, bad ? "Target.Timeout" : "",
                                                    bad ? "Request timed out" : ""});
            }
        }
    }
}

} // namespace ecsr::local
