#include "local/scheduler/scheduler.hpp"

#include "local/scheduler/decision.hpp"
#include "local/scheduler/events.hpp"
#include "local/scheduler/targets.hpp"
#include "local/scheduler/task_life.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

// Stopped tasks are shown for a while (ECS behaviour B12).
bool is_forgotten(const Task& task, const Pace& pace, Instant now) {
    return task.last_status == TaskStatus::Stopped && task.stopped_at &&
           *task.stopped_at + pace.stopped_retention <= now;
}

Instant wakeup_of(const Task& task, const Pace& pace) {
    if (task.status_due_at) { return *task.status_due_at; }
    const bool stopped = task.last_status == TaskStatus::Stopped && task.stopped_at;
    return stopped ? *task.stopped_at + pace.stopped_retention : Instant::max();
}

void progress_tasks(Turn& turn) {
    State& state = turn.state;
    const Pace& pace = turn.options.pace;
    const auto wakeup = [&pace](const Task& task) { return wakeup_of(task, pace); };
    if (!state.agenda.is_filled()) { state.agenda.fill(state.tasks, wakeup); }
    for (const std::string& id : state.agenda.take(turn.now)) {
        const auto task = state.tasks.find(id);
        if (task == state.tasks.end()) { continue; }
        progress(turn, task->second);
        if (is_forgotten(task->second, pace, turn.now)) {
            state.tasks.erase(task);
        } else if (task->second.last_status == TaskStatus::Stopped) {
            state.agenda.add(id, wakeup(task->second));
        }
    }
}

void schedule_decision(Turn& turn, Service& service) {
    if (!service.touched) { return; }
    service.touched = false;
    if (service.status == ServiceStatus::Inactive || service.next_decision_at != Instant::max()) { return; }
    const Pace& pace = turn.options.pace;
    service.next_decision_at =
        turn.now + Millis{turn.state.random.between(pace.decide_low.count(), pace.decide_high.count())};
}

std::vector<Service*> due_services(Turn& turn) {
    std::vector<Service*> due;
    for (auto& [key, service] : turn.state.services) {
        schedule_decision(turn, service);
        if (std::min(service.next_decision_at, service.look_again_at) <= turn.now) { due.push_back(&service); }
    }
    return due;
}

std::vector<Task*> unfinished_tasks(State& state, const Service& service) {
    std::vector<Task*> tasks = tasks_of_service(state, service);
    std::erase_if(tasks, [](const Task* task) { return task->last_status == TaskStatus::Stopped; });
    return tasks;
}

// True when a decision was taken.
bool decide_services(Turn& turn) {
    const std::vector<Service*> due = due_services(turn);
    if (due.empty()) { return false; }
    for (Service* service : due) {
        service->next_decision_at = service->look_again_at = Instant::max();
        Decision(turn, *service, unfinished_tasks(turn.state, *service)).run();
    }
    return true;
}

void tell_balancer(Turn& turn) {
    bool outdated = false;
    for (auto& [arn, group] : turn.state.target_groups) {
        outdated = outdated || group.balancer_outdated;
        group.balancer_outdated = false;
    }
    if (outdated) { turn.effects.emplace_back(BalancerChanged{}); }
}

Instant wakeup_of(const Service& service) {
    if (service.touched) { return Instant{}; }
    return std::min(service.next_decision_at, service.look_again_at);
}

Instant wakeup_of(const TargetGroup& group) {
    if (group.balancer_outdated) { return Instant{}; }
    Instant earliest = Instant::max();
    for (const Target& target : group.targets) {
        earliest = std::min(earliest, target.draining_until.value_or(earliest));
    }
    return earliest;
}

} // namespace

std::vector<Effect> Scheduler::advance(State& state, Instant now) {
    Turn turn{state, options_, now, {}, {}};
    drop_drained_targets(state, now);
    do {
        progress_tasks(turn);
        tell_target_news(turn);
    } while (decide_services(turn));
    drop_drained_targets(state, now);
    tell_balancer(turn);
    return std::move(turn.effects);
}

Instant Scheduler::next_wakeup(const State& state) const {
    Instant earliest = state.agenda.next();
    for (const auto& [key, service] : state.services) { earliest = std::min(earliest, wakeup_of(service)); }
    for (const auto& [arn, group] : state.target_groups) { earliest = std::min(earliest, wakeup_of(group)); }
    return earliest;
}

} // namespace ecsr::local
