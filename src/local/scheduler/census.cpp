#include "local/scheduler/census.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

int live_primary_tasks(const Service& service, const std::vector<Task*>& tasks) {
    return static_cast<int>(std::count_if(tasks.begin(), tasks.end(), [&](const Task* task) {
        return task->desired_status == TaskStatus::Running && task->started_by == service.deployments.front().id;
    }));
}

void add_live(Share& share, Task& task, Verdict verdict) {
    switch (verdict) {
    case Verdict::Good: share.good.push_back(&task); return;
    case Verdict::Waiting: share.waiting.push_back(&task); return;
    case Verdict::Bad: share.bad.push_back(&task); return;
    }
}

} // namespace

std::size_t deployment_index(const Service& service, const Task& task) {
    const auto found = std::find_if(service.deployments.begin(), service.deployments.end(),
                                    [&](const Deployment& d) { return d.id == task.started_by; });
    return static_cast<std::size_t>(found - service.deployments.begin());
}

Census take_census(const Service& service, const std::vector<Task*>& tasks, const TargetIndex& targets, int wanted,
                   Millis healthy_after, Instant now) {
    Census census;
    census.unfinished.assign(service.deployments.size() + 1, 0);
    const bool crowded = live_primary_tasks(service, tasks) > wanted;
    for (Task* task : tasks) {
        if (task->last_status == TaskStatus::Stopped) { continue; }
        const std::size_t index = deployment_index(service, *task);
        const bool of_primary = index == 0;
        ++census.unfinished[index];
        if (!of_primary) { ++census.older_unfinished; }
        if (task->desired_status == TaskStatus::Stopped) {
            ++census.stopping;
            continue;
        }
        ++census.zones[task->availability_zone];
        HealthRules rules{healthy_after, service.health_check_grace_period, false};
        if (of_primary && crowded) { rules.grace_period = Seconds{0}; }
        rules.expects_targets =
            index < service.deployments.size() && !service.deployments[index].load_balancers.empty();
        const Judgement judgement = judge(*task, targets, rules, now);
        census.changes_at = std::min(census.changes_at, judgement.changes_at);
        add_live(of_primary ? census.primary : census.older, *task, judgement.verdict);
    }
    return census;
}

} // namespace ecsr::local
