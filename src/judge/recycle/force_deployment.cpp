// Strategy force-deployment: ECS replaces everything; success is bound to the deployment that we started, because a
// service that was rolled back looks stable too (ECS behaviour A8, B6).
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

const Deployment* our_deployment(const Context& c) {
    for (const Deployment& deployment : c.snapshot.service.deployments) {
        if (deployment.id == c.run.deployment_id) { return &deployment; }
    }
    return nullptr;
}

bool complete(const Context& c, const Deployment& ours) {
    if (ours.rollout_state == "COMPLETED") { return true; }
    // Behind a Classic Load Balancer there is no rollout state (ECS behaviour B4): count instead.
    return ours.rollout_state.empty() && c.snapshot.service.deployments.size() == 1 &&
           ours.running_count >= ours.desired_count && ours.pending_count == 0;
}

std::optional<Ending> deployment_ended(const Context& c) {
    const Deployment* ours = our_deployment(c);
    const Deployment* primary = primary_deployment(c.snapshot.service);
    if (ours != nullptr && ours->rollout_state == "FAILED") {
        return Ending{Outcome::RolledBack,
                      fmt::format("deployment {} failed: {}{}", ours->id, ours->rollout_state_reason, event_hint(c)),
                      {}};
    }
    if (ours == nullptr || (primary != nullptr && primary->id != ours->id)) {
        const bool older = primary != nullptr && primary->created_at < c.run.started_at;
        const std::string by = primary == nullptr ? "nothing" : primary->id;
        if (older) {
            return Ending{Outcome::RolledBack,
                          fmt::format("deployment {} was rolled back to {}{}", c.run.deployment_id, by, event_hint(c)),
                          {}};
        }
        return Ending{Outcome::Stopped, fmt::format("deployment {} was superseded by {}", c.run.deployment_id, by), {}};
    }
    return std::nullopt;
}

void record_replaced(Context& c) {
    for (const std::string& arn : c.run.remaining) {
        const Task* task = find_task(c, arn);
        const bool recorded =
            std::ranges::any_of(c.run.replaced, [&](const Replacement& r) { return r.task_arn == arn; });
        if (!recorded && task != nullptr && !is_live(*task)) { record_replacement(c, *task); }
    }
}

} // namespace

Next force_deployment(Context& c) {
    if (auto ending = failing_gate(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    c.run.batch_began_at = c.now;
    c.run.batch_number = c.run.batches_total = 1;
    return Perform{ForceNewDeployment{}, "every task is replaced by ECS within its deployment configuration"};
}

Next await_deployment(Context& c) {
    const Look measuring_look{.list_tasks = true, .describe_listed = true, .targets = true};
    Look look{.service = true, .list_tasks = true};
    if (auto wait = look_if_stale(c, look, c.run.phase_since, "waiting for the deployment")) { return wait; }
    if (auto ending = deployment_ended(c)) {
        end_run(c, *ending);
        return std::nullopt;
    }
    const Deployment* found = our_deployment(c);
    ECSR_ASSERT(found != nullptr); // deployment_ended() has ruled it out
    const Deployment& ours = *found;
    if (complete(c, ours)) {
        look = Look{.list_tasks = true, .tasks = c.run.remaining, .targets = true};
        look.tasks.insert(look.tasks.end(), c.snapshot.listed.begin(), c.snapshot.listed.end());
        if (auto wait = look_if_stale(c, look, *c.snapshot.service_at, "seeing what became of the old tasks")) {
            return wait;
        }
        record_replaced(c);
        end_run(c, Ending{Outcome::Done, fmt::format("deployment {} completed", ours.id), {}});
        return std::nullopt;
    }
    if (c.run.abort_requested) {
        end_run(c, Ending{Outcome::Stopped, c.run.abort_reason + "; ECS goes on with deployment " + ours.id, {}});
        return std::nullopt;
    }
    // Health is measured where tasks and targets are read together: whenever the service counts other tasks than
    // before, and now and then. The deployment itself is told by the service.
    if (c.run.looks.running != c.snapshot.service.running_count) {
        if (auto wait = look_if_stale(c, measuring_look, *c.snapshot.service_at, "seeing how many tasks are healthy")) {
            return wait;
        }
        c.run.looks.running = c.snapshot.service.running_count;
    }
    const bool at_tasks = c.run.looks.count % 5 == 4;
    look = at_tasks ? measuring_look : Look{};
    look.service = true;
    return wait_for(c, look,
                    fmt::format("deployment {}: {} of {} tasks running{}", ours.id, ours.running_count,
                                ours.desired_count, event_hint(c)),
                    {}, c.run.deadline);
}

} // namespace ecsr::recycle
