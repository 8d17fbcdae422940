#include "predict/learned.hpp"

#include <algorithm>
#include <ranges>

namespace ecsr::predict {

namespace {

// Further apart, two things have nothing to do with each other.
constexpr Millis longest_decision{60'000};
constexpr Millis longest_health{30 * 60'000};
constexpr Millis same_decision{20}; // events that are nearer belong together

std::vector<const Task*> all_tasks(const Snapshot& snapshot) {
    std::vector<const Task*> tasks;
    tasks.reserve(snapshot.tasks.size() + snapshot.recently_stopped.size());
    for (const auto& [arn, task] : snapshot.tasks) { tasks.push_back(&task); }
    for (const Task& task : snapshot.recently_stopped) {
        if (!snapshot.tasks.contains(task.arn)) { tasks.push_back(&task); }
    }
    return tasks;
}

// The first task that was created after `cause`, when it came soon enough to be its effect.
std::optional<Millis> until_next_task(const std::vector<const Task*>& tasks, Instant cause) {
    std::optional<Millis> shortest;
    for (const Task* task : tasks) {
        const Millis span = task->created_at - cause;
        if (span < Millis(0) || span > longest_decision) { continue; }
        shortest = std::min(shortest.value_or(span), span);
    }
    return shortest;
}

bool tells_of_health(const ServiceEvent& event) {
    return event.message.find("has reached a steady state") != std::string::npos ||
           event.message.find("has stopped") != std::string::npos;
}

bool tells_of_a_decision(const ServiceEvent& event) {
    return event.message.find("has started") != std::string::npos || tells_of_health(event);
}

// What ECS does one after the other lies a decision apart, and what caused the second one at least as much again. Tells
// only that ECS is faster here than it usually is.
std::optional<Millis> learn_decision_from_events(const Snapshot& snapshot) {
    std::optional<Instant> after;
    std::optional<Millis> shortest;
    for (const ServiceEvent& event : snapshot.service.events) {
        if (!tells_of_a_decision(event)) { continue; }
        const Millis apart = after.value_or(event.created_at) - event.created_at;
        after = event.created_at;
        if (apart >= same_decision) { shortest = std::min(shortest.value_or(apart), apart); }
    }
    if (!shortest || *shortest >= DecisionRange{}.low) { return std::nullopt; }
    return *shortest / 2;
}

// A deployment starts its first tasks, and a task that ended is replaced, one decision later.
std::optional<Millis> learn_decision(const Snapshot& snapshot, const std::vector<const Task*>& tasks) {
    std::vector<Millis> samples;
    for (const Deployment& deployment : snapshot.service.deployments) {
        if (const auto span = until_next_task(tasks, deployment.created_at)) { samples.push_back(*span); }
    }
    for (const Task* task : tasks) {
        const bool unforeseen = task->stop_code == "UserInitiated" || task->stop_code == "EssentialContainerExited";
        if (!unforeseen || !task->stopping_at) { continue; }
        if (const auto span = until_next_task(tasks, *task->stopping_at)) { samples.push_back(*span); }
    }
    if (samples.empty()) { return learn_decision_from_events(snapshot); }
    return middle(std::move(samples));
}

Millis longest_deregistration(const Snapshot& snapshot) {
    Millis longest{0};
    for (const auto& [arn, group] : snapshot.target_groups) {
        longest = std::max(longest, Millis(group.deregistration_delay));
    }
    return longest;
}

// What the scheduler stops is drained first; StopTask does not wait (ECS behaviour B9).
std::vector<Millis> learn_stops(const Snapshot& snapshot, const std::vector<const Task*>& tasks) {
    std::vector<Millis> stops;
    for (const Task* task : tasks) {
        const bool by_scheduler = task->stop_code == "ServiceSchedulerInitiated";
        const bool ordered = by_scheduler || task->stop_code == "UserInitiated";
        if (!ordered || !task->started_at || !task->stopping_at || !task->stopped_at) { continue; }
        const Millis span = *task->stopped_at - *task->stopping_at;
        const Millis drain = by_scheduler ? longest_deregistration(snapshot) : Millis(0);
        if (span >= drain) { stops.push_back(span - drain); }
    }
    return stops;
}

// ECS tells nowhere when a task became healthy. But it calls a service steady, and stops what is surplus, one decision
// after the new tasks are.
std::optional<Millis> learn_health(const Snapshot& snapshot, const std::vector<const Task*>& tasks, Millis decision) {
    std::vector<Millis> samples;
    Instant before{};
    for (const ServiceEvent& event : std::views::reverse(snapshot.service.events)) {
        if (!tells_of_health(event)) { continue; }
        std::optional<Instant> last_start;
        for (const Task* task : tasks) {
            const bool waited_for =
                task->created_at > before && task->started_at && *task->started_at < event.created_at;
            if (waited_for) { last_start = std::max(last_start.value_or(Instant{}), *task->started_at); }
        }
        if (last_start && event.created_at - *last_start <= longest_health) {
            samples.push_back(std::max(Millis(0), event.created_at - *last_start - decision));
        }
        before = event.created_at;
    }
    if (samples.empty()) { return std::nullopt; }
    return middle(std::move(samples));
}

bool is_vouched_for(const Snapshot& snapshot) {
    return !snapshot.service.target_groups.empty() ||
           std::ranges::any_of(snapshot.task_definitions,
                               [](const auto& definition) { return has_health_check(definition.second); });
}

} // namespace

DecisionRange decision_range(const std::optional<Millis>& learned) {
    const DecisionRange usual;
    if (!learned || (*learned >= usual.low && *learned <= usual.high)) { return usual; }
    return {*learned / 2, *learned * 3 / 2};
}

Millis middle(std::vector<Millis> samples) {
    ECSR_ASSERT(!samples.empty());
    const auto at = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::ranges::nth_element(samples, at);
    return *at;
}

Learned learn(const Snapshot& snapshot) {
    const std::vector<const Task*> tasks = all_tasks(snapshot);
    Learned learned;
    for (const Task* task : tasks) {
        if (task->started_at) { learned.starts.push_back(*task->started_at - task->created_at); }
    }
    learned.stops = learn_stops(snapshot, tasks);
    learned.decision = learn_decision(snapshot, tasks);
    if (is_vouched_for(snapshot)) {
        learned.health = learn_health(snapshot, tasks, decision_range(learned.decision).middle());
    }
    return learned;
}

Millis well_after(const TaskDefinition& definition, const Learned& learned) {
    Millis interval{0};
    for (const auto& container : definition.containers) {
        if (container.has_health_check) { interval = std::max(interval, Millis(container.health_check.interval)); }
    }
    if (!learned.health || interval == Millis(0)) { return Millis(0); }
    return std::max(Millis(0), *learned.health - interval / 2);
}

} // namespace ecsr::predict
