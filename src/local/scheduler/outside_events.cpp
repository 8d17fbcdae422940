// What the runtime and the balancer report.
#include "local/scheduler/announcements.hpp"
#include "local/scheduler/deployments.hpp"
#include "local/scheduler/events.hpp"
#include "local/scheduler/scheduler.hpp"
#include "local/scheduler/targets.hpp"
#include "local/scheduler/task_life.hpp"
#include "local/scheduler/turn.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

struct Place {
    Task* task = nullptr;
    Container* container = nullptr;
};

// Null pointers when the task is forgotten already.
Place find_container(State& state, const std::string& task_id, const std::string& name) {
    const auto task = state.tasks.find(task_id);
    if (task == state.tasks.end()) { return {}; }
    for (Container& container : task->second.containers) {
        if (container.name == name) { return {&task->second, &container}; }
    }
    return {};
}

// The agent of Fargate spells this one its own way (ECS behaviour C4).
std::string as_fargate_tells(const std::string& reason) {
    constexpr const char* of_the_agent = "OutOfMemoryError: Container killed due to memory usage";
    return reason == of_the_agent ? "OutOfMemoryError: container killed due to memory usage" : reason;
}

class Reception {
public:
    Reception(State& state, const SchedulerOptions& options, Instant now)
        : state_(state), options_(options), now_(now) {}

    void operator()(const ImagePullFailed& event) {
        const auto [task, container] = find_container(state_, event.task_id, event.container);
        if (container == nullptr || task->last_status >= TaskStatus::Deprovisioning) { return; }
        container->reason = event.reason;
        container->last_status = TaskStatus::Stopped;
        task->pull_stopped_at = now_;
        // Only Fargate puts the whole text on the task (ECS behaviour C3).
        fail(*task, stopped_by_failed_start, task->launch_type == "FARGATE" ? event.reason : "Task failed to start",
             failure_of(*task));
        set_due(state_, *task, now_);
        Service* service = service_of(state_, *task);
        if (service == nullptr || task->launch_type != "FARGATE") { return; }
        add_event_rarely(state_, *service, "was unable to place a task. Reason: " + event.reason, now_);
    }

    void operator()(const ContainerStarted& event) {
        const auto [task, container] = find_container(state_, event.task_id, event.container);
        if (container == nullptr || task->last_status >= TaskStatus::Deprovisioning) { return; }
        if (container->last_status == TaskStatus::Stopped) { return; }
        container->last_status = TaskStatus::Running;
        container->runtime_id = event.runtime_id;
        container->network_bindings = event.network_bindings;
        if (task->desired_status == TaskStatus::Stopped) { return; }
        if (!task->pull_stopped_at) { task->pull_stopped_at = now_; }
        containers_moved(*task);
    }

    void operator()(const ContainerExited& event) {
        const auto [task, container] = find_container(state_, event.task_id, event.container);
        if (container == nullptr || container->exit_code) { return; }
        container->exit_code = event.exit_code;
        container->reason = task->launch_type == "FARGATE" ? as_fargate_tells(event.reason) : event.reason;
        if (task->last_status >= TaskStatus::Deprovisioning) { return; }
        container->last_status = TaskStatus::Stopped;
        // It may end in the very moment in which it made the task run.
        const TaskFailure failure = any_pending(*task) ? failure_of(*task) : TaskFailure::Ended;
        if (task->desired_status == TaskStatus::Stopped) {
            set_due(state_, *task, now_);
        } else if (container->essential || all_stopped(*task)) {
            fail(*task, stopped_by_exit, "Essential container in task exited", failure);
        } else {
            containers_moved(*task);
        }
    }

    void operator()(const ContainerHealthChanged& event) {
        const auto [task, container] = find_container(state_, event.task_id, event.container);
        if (container == nullptr || container->health == event.health) { return; }
        container->health = event.health;
        touch_service_of(state_, *task);
    }

    void operator()(const TargetHealthChanged& event) {
        TargetGroup* group = find_target_group(state_, event.target_group_arn);
        Target* target = group == nullptr ? nullptr : find_target(*group, event.target_id, event.port);
        // The balancer does not judge targets that drain.
        if (target == nullptr || target->state == TargetState::Draining) { return; }
        target->state = event.state;
        target->reason = event.reason;
        target->description = event.description;
        touch_services_behind(state_, event.target_group_arn);
    }

    void operator()(const ListenerBound& event) {
        const auto listener = state_.listeners.find(event.listener_arn);
        if (listener != state_.listeners.end()) { listener->second.bound_port = event.bound_port; }
    }

private:
    static bool all_stopped(const Task& task) {
        return std::all_of(task.containers.begin(), task.containers.end(),
                           [](const Container& c) { return c.last_status == TaskStatus::Stopped; });
    }

    // The task may be complete now; the next advance() looks.
    void containers_moved(Task& task) {
        ++task.version;
        if (task.last_status < TaskStatus::Running) {
            task.last_status = TaskStatus::Activating;
            set_due(state_, task, now_);
        }
        announce(state_, task, now_);
    }

    static bool any_pending(const Task& task) {
        return std::any_of(task.containers.begin(), task.containers.end(),
                           [](const Container& c) { return c.last_status == TaskStatus::Pending; });
    }

    static TaskFailure failure_of(const Task& task) {
        return task.started_at ? TaskFailure::Ended : TaskFailure::NeverRan;
    }

    void fail(Task& task, const char* stop_code, const std::string& reason, TaskFailure failure) {
        if (task.desired_status == TaskStatus::Stopped) { return; }
        Service* service = service_of(state_, task);
        Deployment* deployment = service == nullptr ? nullptr : find_deployment(*service, task.started_by);
        if (deployment != nullptr && !task.was_healthy) {
            count_failure(state_, *service, *deployment, failure, options_.pace, now_);
        }
        order_stop(state_, task, stop_code, reason, now_);
        touch_service_of(state_, task);
    }

    State& state_;
    const SchedulerOptions& options_;
    Instant now_;
};

} // namespace

void Scheduler::handle(State& state, const Event& event, Instant now) {
    std::visit(Reception(state, options_, now), event);
}

} // namespace ecsr::local
