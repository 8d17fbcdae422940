#include "local/scheduler/task_life.hpp"

#include "local/scheduler/announcements.hpp"
#include "local/scheduler/deployments.hpp"
#include "local/scheduler/targets.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

void move_to(Turn& turn, Task& task, TaskStatus status) {
    task.last_status = status;
    ++task.version;
    // The states in between change no count that a decision rests on.
    if (status == TaskStatus::Running || status == TaskStatus::Stopped) { touch_service_of(turn.state, task); }
    announce(turn.state, task, turn.now);
}

bool any_container(const Task& task, TaskStatus status) {
    return std::any_of(task.containers.begin(), task.containers.end(),
                       [&](const Container& container) { return container.last_status == status; });
}

std::vector<Container> containers_of(const TaskDefinition& definition, Random& random) {
    std::vector<Container> containers;
    for (const ContainerDefinition& from : definition.containers) {
        Container container;
        container.name = from.name;
        container.uuid = new_uuid(random);
        container.image = from.image;
        container.essential = from.essential;
        container.has_health_check = from.health_check.has_value();
        containers.push_back(std::move(container));
    }
    return containers;
}

void override_container(ContainerDefinition& container, const ContainerOverride& changed) {
    if (!changed.command.empty()) { container.command = changed.command; }
    for (const auto& [name, value] : changed.environment) { container.environment[name] = value; }
    container.cpu = changed.cpu.value_or(container.cpu);
    if (changed.memory_mib) { container.memory_mib = changed.memory_mib; }
    if (changed.memory_reservation_mib) { container.memory_reservation_mib = changed.memory_reservation_mib; }
}

void override_launch(TaskLaunch& launch, const TaskOverrides& overrides) {
    if (overrides.cpu) { launch.cpu = overrides.cpu; }
    if (overrides.memory_mib) { launch.memory_mib = overrides.memory_mib; }
    for (const ContainerOverride& changed : overrides.containers) {
        for (ContainerDefinition& container : launch.containers) {
            if (container.name == changed.name) { override_container(container, changed); }
        }
    }
}

void launch(Turn& turn, Task& task) {
    const TaskDefinition* definition = find_task_definition(turn.state, task.task_definition);
    if (definition == nullptr) {
        order_stop(turn.state, task, stopped_by_failed_start, "Task failed to start", turn.now);
        return;
    }
    TaskLaunch order;
    order.task_id = task.id;
    order.task_arn = task_arn(turn.state.identity, task.cluster, task.id);
    order.cluster = task.cluster;
    order.family = definition->family;
    order.revision = definition->revision;
    order.network_mode = definition->network_mode;
    order.address = task.private_ip;
    order.containers = definition->containers;
    order.cpu = definition->cpu;
    order.memory_mib = definition->memory_mib;
    override_launch(order, task.overrides);
    turn.effects.emplace_back(LaunchTask{std::move(order)});
    task.launched = true;
    task.connectivity_at = turn.now;
    task.pull_started_at = turn.now;
    move_to(turn, task, TaskStatus::Pending);
}

void start_running(Turn& turn, Task& task) {
    if (any_container(task, TaskStatus::Pending)) { return; }
    task.started_at = turn.now;
    register_task(turn, task);
    move_to(turn, task, TaskStatus::Running);
    Service* service = service_of(turn.state, task);
    Deployment* deployment = service == nullptr ? nullptr : find_deployment(*service, task.started_by);
    if (deployment == nullptr) { return; }
    deployment->start_failures = 0;
    deployment->no_start_before = {};
}

// Whether the stop signal waits until the targets have drained (ECS behaviour B9, B10).
bool drains_first(const Turn& turn, const Task& task) {
    if (!any_container(task, TaskStatus::Running)) { return false; }
    return task.stop_code == stopped_by_scheduler ||
           (task.stop_code == stopped_by_user && turn.options.stop_task_drains);
}

void finish_containers(Turn& turn, Task& task) {
    for (Container& container : task.containers) { container.last_status = TaskStatus::Stopped; }
    if (task.launched) { task.execution_stopped_at = turn.now; }
    set_due(turn.state, task, turn.now + turn.options.pace.deprovision);
    move_to(turn, task, TaskStatus::Deprovisioning);
}

void stop_containers(Turn& turn, Task& task) {
    const bool anything_left = any_container(task, TaskStatus::Running) || any_container(task, TaskStatus::Pending);
    if (task.launched && anything_left && !task.stop_sent) {
        turn.effects.emplace_back(StopContainers{task.id});
        task.stop_sent = true;
    }
    // A container that never started has nothing to wait for: the runtime will not start it any more.
    if (!any_container(task, TaskStatus::Running)) { return finish_containers(turn, task); }
    if (task.last_status != TaskStatus::Stopping) { move_to(turn, task, TaskStatus::Stopping); }
}

// A task that goes without draining is taken out of its target groups as fast as the scheduler decides anything, and no
// faster: until then the load balancer sends requests to a task that is gone (ECS behaviour B9).
Instant deregister_at(const Turn& turn, const Task& task) {
    return task.stopping_at.value_or(turn.now) + turn.options.pace.decide_high;
}

void deprovision(Turn& turn, Task& task) {
    if (!task.targets.empty()) {
        if (const Instant due = deregister_at(turn, task); turn.now < due) { return set_due(turn.state, task, due); }
        deregister_task(turn, task);
    }
    task.stopped_at = turn.now;
    move_to(turn, task, TaskStatus::Stopped);
}

void stop(Turn& turn, Task& task) {
    if (task.last_status == TaskStatus::Stopped) { return; }
    if (task.last_status == TaskStatus::Deprovisioning) { return deprovision(turn, task); }
    if (!task.targets.empty() && drains_first(turn, task)) {
        if (const Seconds delay = deregister_task(turn, task); delay > Seconds{0}) {
            return set_due(turn.state, task, turn.now + delay);
        }
    }
    stop_containers(turn, task);
    if (task.targets.empty() || task.last_status == TaskStatus::Deprovisioning) { return; }
    if (const Instant due = deregister_at(turn, task); turn.now < due) { return set_due(turn.state, task, due); }
    deregister_task(turn, task);
}

} // namespace

Task& create_task(State& state, const NewTask& wanted, Instant launch_at, Instant now) {
    Task task;
    do { task.id = state.random.hex(32); } while (state.tasks.contains(task.id));
    task.cluster = wanted.cluster;
    task.task_definition = wanted.task_definition;
    task.group = wanted.group;
    task.started_by = wanted.started_by;
    task.service = wanted.service;
    task.launch_type = wanted.launch_type;
    task.availability_zone = wanted.zone;
    task.created_at = now;
    task.private_ip = "127.0.0.1";
    if (const TaskDefinition* definition = find_task_definition(state, wanted.task_definition)) {
        task.containers = containers_of(*definition, state.random);
        if (definition->network_mode == NetworkMode::Awsvpc) {
            const std::uint64_t number = state.next_address++;
            task.private_ip = state.own_networks ? network_address(number) : loopback_address(number);
        }
    }
    Task& made = state.tasks.add(std::move(task));
    set_due(state, made, launch_at);
    announce(state, made, now);
    return made;
}

void set_due(State& state, Task& task, Instant due) {
    task.status_due_at = due;
    state.agenda.add(task.id, due);
}

void order_stop(State& state, Task& task, const char* stop_code, const std::string& reason, Instant now) {
    if (task.desired_status == TaskStatus::Stopped) { return; }
    task.desired_status = TaskStatus::Stopped;
    task.stop_code = stop_code;
    task.stopped_reason = reason;
    task.stopping_at = now;
    set_due(state, task, now);
    if (!task.targets.empty()) { task.last_status = TaskStatus::Deactivating; }
    ++task.version;
    announce(state, task, now);
}

void progress(Turn& turn, Task& task) {
    while (task.status_due_at && *task.status_due_at <= turn.now) {
        task.status_due_at.reset();
        if (task.desired_status == TaskStatus::Stopped) {
            stop(turn, task);
        } else if (task.last_status == TaskStatus::Provisioning) {
            launch(turn, task);
        } else if (task.last_status == TaskStatus::Activating) {
            start_running(turn, task);
        }
    }
}

} // namespace ecsr::local
