#include "local/scheduler/health.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::local {

namespace {

bool has_essential_check(const Task& task) {
    return std::any_of(task.containers.begin(), task.containers.end(),
                       [](const Container& c) { return c.essential && c.has_health_check; });
}

bool is_unhealthy(const Target* target) {
    return target != nullptr && target->state == TargetState::Unhealthy;
}

// Until `at`, `before`; from then on, `after`.
Judgement change_at(Instant at, Verdict before, Verdict after, Instant now) {
    return now < at ? Judgement{before, at} : Judgement{after, Instant::max()};
}

} // namespace

std::size_t TargetIndex::Hash::operator()(const Name& name) const {
    return std::hash<std::string_view>()(name.id) + static_cast<std::size_t>(name.port);
}

TargetIndex::TargetIndex(const State& state, const std::vector<Task*>& tasks) {
    for (const Task* task : tasks) {
        for (const TargetRegistration& registration : task->targets) {
            groups_.try_emplace(registration.target_group_arn);
        }
    }
    for (auto& [arn, targets] : groups_) {
        const auto group = state.target_groups.find(std::string(arn));
        if (group == state.target_groups.end()) { continue; }
        targets.reserve(group->second.targets.size());
        for (const Target& target : group->second.targets) { targets[Name{target.id, target.port}] = &target; }
    }
}

const Target* TargetIndex::find(const TargetRegistration& registration) const {
    const auto group = groups_.find(registration.target_group_arn);
    if (group == groups_.end()) { return nullptr; }
    const auto found = group->second.find(Name{registration.target_id, registration.port});
    return found == group->second.end() ? nullptr : found->second;
}

Judgement judge(const Task& task, const TargetIndex& targets, const HealthRules& rules, Instant now) {
    if (task.last_status != TaskStatus::Running || !task.started_at) { return {}; }
    const Instant started = *task.started_at;
    bool all_targets_healthy = true;
    bool unhealthy = task_health(task) == Health::Unhealthy;
    for (const TargetRegistration& registration : task.targets) {
        const Target* target = targets.find(registration);
        unhealthy = unhealthy || is_unhealthy(target);
        all_targets_healthy = all_targets_healthy && target != nullptr && target->state == TargetState::Healthy;
    }
    if (unhealthy) { return change_at(started + rules.grace_period, Verdict::Waiting, Verdict::Bad, now); }

    const bool behind_balancer = rules.expects_targets || !task.targets.empty();
    if (behind_balancer && (task.targets.empty() || !all_targets_healthy)) { return {}; }
    if (has_essential_check(task)) {
        return {task_health(task) == Health::Healthy ? Verdict::Good : Verdict::Waiting, Instant::max()};
    }
    if (behind_balancer) { return {Verdict::Good, Instant::max()}; }
    return change_at(started + rules.healthy_after, Verdict::Waiting, Verdict::Good, now);
}

UnhealthyTexts unhealthy_texts(const Task& task, const TargetIndex& targets) {
    if (task_health(task) == Health::Unhealthy) {
        return {"Task failed container health checks",
                fmt::format("(task {}) failed container health checks.", task.id)};
    }
    for (const TargetRegistration& registration : task.targets) {
        const Target* target = targets.find(registration);
        if (!is_unhealthy(target)) { continue; }
        const bool instance = registration.target_id.starts_with("i-");
        const std::string who =
            instance ? fmt::format("(instance {})", registration.target_id) : fmt::format("(task {})", task.id);
        return {fmt::format("Task failed ELB health checks in (target-group {})", registration.target_group_arn),
                fmt::format("{} (port {}) is unhealthy in (target-group {}) due to (reason {}).", who,
                            registration.port, registration.target_group_arn, target->description)};
    }
    return {};
}

} // namespace ecsr::local
