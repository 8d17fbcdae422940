#include "base/random.hpp"
#include "base/text.hpp"
#include "judge/recycle/internal.hpp"
#include "model/permissions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <tuple>

namespace ecsr::recycle {

namespace {

using Tasks = std::vector<const Task*>;

void refuse(Plan& plan, std::string code, std::string message, std::string instead) {
    plan.refusals.push_back({std::move(code), std::move(message), std::move(instead)});
}

// ---- which tasks ----

bool is_named(const RunSpec& spec, const Task& task) {
    return std::ranges::any_of(
        spec.tasks, [&](const std::string& wanted) { return wanted == task.arn || wanted == short_id(task.arn); });
}

std::string why_selected(const RunSpec& spec, const Task& task, Instant now) {
    if (!spec.tasks.empty() && !is_named(spec, task)) { return {}; }
    if (spec.older_than) {
        if (now - task.created_at < *spec.older_than) { return {}; }
        return "older than " + format_duration(*spec.older_than);
    }
    return spec.tasks.empty() ? "created before the cut-off" : "named";
}

void refuse_unknown_tasks(Plan& plan, const RunSpec& spec, const Tasks& live) {
    for (const std::string& wanted : spec.tasks) {
        const bool found = std::ranges::any_of(
            live, [&](const Task* task) { return wanted == task->arn || wanted == short_id(task->arn); });
        if (!found) {
            refuse(plan, "unknown-task", fmt::format("--task {}: the service runs no such task", wanted),
                   "name one that `status` lists");
        }
    }
}

// Each next task comes from the zone that has most of them left, so that zones stay even while tasks are replaced.
Tasks spread_over_zones(const Tasks& oldest_first) {
    std::map<std::string, Tasks> zones;
    for (const Task* task : oldest_first) { zones[task->availability_zone].push_back(task); }
    Tasks ordered;
    while (ordered.size() < oldest_first.size()) {
        auto fullest = std::ranges::max_element(zones, {}, [](const auto& zone) { return zone.second.size(); });
        ordered.push_back(fullest->second.front());
        fullest->second.erase(fullest->second.begin());
    }
    return ordered;
}

Tasks in_order(const RunSpec& spec, Tasks tasks) {
    std::ranges::sort(tasks, {}, [](const Task* task) { return std::tie(task->created_at, task->arn); });
    switch (spec.order) {
    case Order::Oldest: break;
    case Order::Newest: std::ranges::reverse(tasks); break;
    case Order::Az: return spread_over_zones(tasks);
    case Order::Random: {
        Random random(spec.seed);
        for (std::size_t i = tasks.size(); i > 1; --i) {
            std::swap(tasks[i - 1],
                      tasks[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
        }
        break;
    }
    }
    return tasks;
}

bool has_protection(const Snapshot& snapshot, const Task& task) {
    const auto found = snapshot.protection.find(task.arn);
    return found != snapshot.protection.end() && found->second.enabled;
}

void select_tasks(Plan& plan, const RunSpec& spec, const Snapshot& snapshot, Instant now) {
    const Tasks live = live_tasks(snapshot);
    refuse_unknown_tasks(plan, spec, live);
    for (const Task* task : in_order(spec, live)) {
        const std::string reason = why_selected(spec, *task, now);
        if (reason.empty()) { continue; }
        if (spec.strategy == Strategy::Rolling && has_protection(snapshot, *task) && !spec.wait_for_protection) {
            plan.skipped.push_back({task->arn, "protected from scale-in by somebody else"});
            continue;
        }
        const int batch = plan.batch == 0 ? 1 : static_cast<int>(plan.tasks.size()) / plan.batch + 1;
        plan.tasks.push_back({task->arn, batch, task->created_at, task->availability_zone, reason});
    }
}

// A batch is no larger than what there is to replace; what is added for it neither.
void fit_to_tasks(Plan& plan, const RunSpec& spec) {
    if (plan.tasks.empty()) { return; }
    plan.batch = std::min(plan.batch, static_cast<int>(plan.tasks.size()));
    if (!spec.surge) { plan.surge = std::min(plan.surge, plan.batch); }
}

// ---- what makes it refuse ----

bool refuse_kind(Plan& plan, const Service& service) {
    const std::size_t before = plan.refusals.size();
    if (service.scheduling_strategy == "DAEMON") {
        refuse(plan, "daemon",
               fmt::format("service {} is a DAEMON service; it has no desired count to work with", service.name),
               "replace its tasks with a new deployment (aws ecs update-service --force-new-deployment)");
    }
    if (service.deployment_controller == "CODE_DEPLOY") {
        refuse(plan, "code-deploy", fmt::format("service {} is deployed by CodeDeploy (CODE_DEPLOY)", service.name),
               "start a CodeDeploy deployment");
    }
    if (service.deployment_controller == "EXTERNAL") {
        refuse(plan, "external", fmt::format("service {} has an EXTERNAL deployment controller", service.name),
               "ask its controller to replace the task sets");
    }
    if (service.status != "ACTIVE") {
        refuse(plan, "not-active", fmt::format("service {} is {}, not ACTIVE", service.name, service.status),
               "recycle a service that is ACTIVE");
    }
    return plan.refusals.size() > before;
}

void refuse_state(Plan& plan, const RunSpec& spec, const Snapshot& snapshot) {
    const Service& service = snapshot.service;
    if (service.desired_count == 0) {
        refuse(plan, "desired-zero",
               fmt::format("service {} has desired count 0: there is nothing to recycle", service.name),
               "scale it up first");
        return;
    }
    if (deployment_in_flight(service)) {
        const Deployment* primary = primary_deployment(service);
        refuse(plan, "deployment-in-flight",
               fmt::format("a deployment is in flight ({}, {} deployment{})", primary == nullptr ? "none" : primary->id,
                           service.deployments.size(), service.deployments.size() == 1 ? "" : "s"),
               "wait until it is COMPLETED");
    }
    for (const AlarmState& alarm : snapshot.alarms) {
        if (alarm.state == "ALARM") {
            refuse(plan, "alarm", fmt::format("alarm {} is in ALARM", alarm.name),
                   "clear the alarm, or leave out --alarm");
        }
    }
    const auto live = static_cast<int>(live_tasks(snapshot).size());
    if (live > service.desired_count && !deployment_in_flight(service)) {
        refuse(plan, "surplus",
               fmt::format("{} tasks are running and {} are wanted: ECS has not scaled in yet", live,
                           service.desired_count),
               "wait until it has, or see what protects the surplus (status shows it)");
    }
    const int healthy = healthy_count(snapshot);
    const int floor = service.desired_count - spec.max_unavailable.of(service.desired_count);
    if (healthy < floor) {
        std::string detail;
        for (const Task* task : live_tasks(snapshot)) {
            if (detail.empty() && !is_healthy(snapshot, *task)) {
                detail = fmt::format(": {} {}", short_id(task->arn), why_not_healthy(snapshot, *task));
            }
        }
        refuse(plan, "not-healthy",
               fmt::format("only {} of {} tasks are healthy{}", healthy, service.desired_count, detail),
               "get the service healthy first, or allow it with --max-unavailable");
    }
}

void refuse_amounts(Plan& plan, const RunSpec& spec, const Service& service) {
    if (plan.batch == 0) { refuse(plan, "bad-batch", "--batch 0 replaces nothing", "use at least 1"); }
    const int max_unavailable = spec.max_unavailable.of(service.desired_count);
    if (spec.strategy == Strategy::Rolling && plan.surge + max_unavailable < plan.batch) {
        refuse(plan, "no-headroom",
               fmt::format("a surge of {} with at most {} unavailable cannot replace {} at a time", plan.surge,
                           max_unavailable, plan.batch),
               "raise --surge or --max-unavailable, or lower --batch");
    }
    if (spec.strategy == Strategy::ForceDeployment) {
        const int lowest = (service.desired_count * service.minimum_healthy_percent + 99) / 100;
        const int highest = service.desired_count * service.maximum_percent / 100;
        if (lowest >= service.desired_count && highest <= service.desired_count) {
            refuse(
                plan, "no-headroom",
                fmt::format("minimumHealthyPercent {} and maximumPercent {} of {} leave ECS no room to replace a task",
                            service.minimum_healthy_percent, service.maximum_percent, service.desired_count),
                "use --strategy rolling, or change the deployment configuration");
        }
    }
}

// ---- what it would do ----

void list_changes(Plan& plan, const RunSpec& spec, const Snapshot& snapshot) {
    const int desired = snapshot.service.desired_count;
    if (spec.strategy == Strategy::ForceDeployment) {
        plan.changes.push_back("start a new deployment of the same task definition; ECS replaces every task");
        return;
    }
    if (snapshot.scalable_target) {
        if (!snapshot.scalable_target->suspended.dynamic_scaling_in) {
            plan.changes.emplace_back("suspend scale-in of the scalable target; resume it at the end");
        }
        if (desired + plan.surge > snapshot.scalable_target->max_capacity) {
            plan.changes.push_back(fmt::format("raise max capacity {} -> {}; put it back at the end",
                                               snapshot.scalable_target->max_capacity, desired + plan.surge));
        }
    }
    if (plan.drain == Drain::ScaleIn) {
        plan.changes.push_back(
            fmt::format("per batch: desired count {} -> {}, wait until the new tasks are healthy, protect "
                        "all but the batch, desired count back to {}: ECS drains and stops the batch",
                        desired, desired + plan.surge, desired));
        plan.changes.emplace_back("remove the scale-in protection that was set, at the end");
    } else {
        plan.changes.push_back(fmt::format("desired count {} -> {} once, and back to {} at the end", desired,
                                           desired + plan.surge, desired));
        plan.changes.emplace_back("per batch: StopTask on each task; wait for it to stop and for a new healthy task");
        plan.changes.emplace_back("old tasks that are not replaced: protected from scale-in while the desired count "
                                  "goes back");
    }
}

void list_permissions(Plan& plan, const RunSpec& spec, const Snapshot& snapshot) {
    std::vector<Feature> used{spec.strategy == Strategy::ForceDeployment ? Feature::ForceDeployment
                              : plan.drain == Drain::StopTask            ? Feature::StopTask
                                                                         : Feature::ScaleIn};
    if (!snapshot.service.target_groups.empty()) { used.push_back(Feature::LoadBalancer); }
    if (!snapshot.instance_ids.empty()) { used.push_back(Feature::ContainerInstances); }
    if (snapshot.scalable_target) { used.push_back(Feature::Autoscaling); }
    if (!spec.alarms.empty()) { used.push_back(Feature::Alarms); }
    plan.permissions = actions_of(used);
}

void list_risks(Plan& plan, const RunSpec& spec, const Snapshot& snapshot) {
    const Service& service = snapshot.service;
    if (plan.drain == Drain::StopTask && !service.target_groups.empty()) {
        plan.risks.emplace_back(
            "StopTask may end a task before its connections are drained; --drain scale-in does not");
    }
    if (spec.max_unavailable.value > 0) {
        plan.risks.push_back(fmt::format("up to {} fewer healthy tasks than desired, as allowed by --max-unavailable",
                                         spec.max_unavailable.of(service.desired_count)));
    }
    if (service.has_classic_load_balancer) {
        plan.risks.emplace_back(
            "a Classic Load Balancer does not tell the health of single tasks here; only ECS's view is used");
    }
    for (const std::string& warning : snapshot.image_warnings) { plan.risks.push_back(warning); }
}

Drain resolve_drain(const RunSpec& spec, const Service& service) {
    if (spec.strategy == Strategy::ForceDeployment) { return Drain::Auto; }
    if (spec.drain != Drain::Auto) { return spec.drain; }
    const bool balanced = !service.target_groups.empty() || service.has_classic_load_balancer;
    return balanced ? Drain::ScaleIn : Drain::StopTask;
}

} // namespace

Plan plan(const RunSpec& spec, const Snapshot& snapshot, Instant now) {
    Plan plan;
    const Service& service = snapshot.service;
    if (snapshot.service_missing) {
        refuse(plan, "not-active", fmt::format("service {} does not exist in cluster {}", spec.service, spec.cluster),
               "name a service that exists");
        return plan;
    }
    plan.desired_count = service.desired_count;
    plan.drain = resolve_drain(spec, service);
    plan.batch = spec.batch.of(service.desired_count);
    plan.surge = spec.strategy == Strategy::Rolling ? spec.surge.value_or(spec.batch).of(service.desired_count) : 0;
    if (refuse_kind(plan, service)) { return plan; }
    refuse_state(plan, spec, snapshot);
    if (service.desired_count == 0) { return plan; }
    select_tasks(plan, spec, snapshot, now);
    fit_to_tasks(plan, spec);
    refuse_amounts(plan, spec, service);
    list_changes(plan, spec, snapshot);
    list_permissions(plan, spec, snapshot);
    list_risks(plan, spec, snapshot);
    return plan;
}

} // namespace ecsr::recycle
