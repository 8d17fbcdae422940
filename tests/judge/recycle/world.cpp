#include "tests/judge/recycle/world.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

using namespace std::chrono_literals;

namespace {
constexpr const char* group_arn = "arn:aws:elasticloadbalancing:r:1:targetgroup/tg/1";
constexpr const char* definition_arn = "arn:aws:ecs:r:1:task-definition/web:1";
constexpr int port = 8080;
} // namespace

World::World(WorldOptions options) : options_(std::move(options)) {
    Service& service = truth.service;
    service.name = "web";
    service.status = "ACTIVE";
    service.scheduling_strategy = "REPLICA";
    service.deployment_controller = "ECS";
    service.desired_count = options_.desired;
    if (options_.target_group) {
        service.target_groups.push_back({group_arn, "app", port});
        TargetGroup group;
        group.arn = group_arn;
        group.target_type = "ip";
        group.health_check_interval = options_.check_interval;
        group.deregistration_delay = std::chrono::duration_cast<Seconds>(options_.drain);
        truth.target_groups[group_arn] = group;
    }
    Deployment deployment;
    deployment.id = "ecs-svc/1";
    deployment.status = "PRIMARY";
    deployment.rollout_state = "COMPLETED";
    deployment.created_at = now - 24h;
    service.deployments.push_back(deployment);
    TaskDefinition definition;
    definition.arn = definition_arn;
    definition.containers.push_back({"app", "img", true, options_.health_check, 64, {}, Seconds(30)});
    truth.task_definitions[definition_arn] = definition;
    truth.scalable_target = options_.scalable_target;
    for (int i = 0; i < options_.desired; ++i) { original.push_back(add_task(now - 1h + std::chrono::minutes(i))); }
    former_desired = options_.desired;
    settle(now);
    lowest_healthy = healthy();
}

std::string World::add_task(Instant created) {
    Task task;
    const int id = ++next_id_;
    task.arn = fmt::format("arn:aws:ecs:r:1:task/c/{:032x}", id);
    task.task_definition = definition_arn;
    task.desired_status = "RUNNING";
    task.last_status = "PENDING";
    task.health_status = "UNKNOWN";
    task.availability_zone = fmt::format("az-{}", static_cast<char>('a' + id % 3));
    task.created_at = created;
    task.containers.push_back({});
    task.containers[0].name = "app";
    task.containers[0].private_ip = fmt::format("127.1.{}.{}", id / 250, id % 250 + 1);
    truth.tasks[task.arn] = task;
    return task.arn;
}

void World::stop(const std::string& arn, const std::string& code) {
    Task& victim = task(arn);
    if (!is_live(victim)) { return; }
    victim.desired_status = "STOPPED";
    victim.stop_code = code;
    victim.stopping_at = now;
}

// Moves every task to what it is at `at`, and tells targets and protection accordingly.
void World::settle(Instant at) {
    truth.targets.clear();
    for (auto& [arn, task] : truth.tasks) {
        const bool old = std::ranges::find(original, arn) != original.end() || original.empty();
        if (is_live(task) && task.last_status != "RUNNING" && at >= task.created_at + options_.start) {
            task.last_status = "RUNNING";
            task.started_at = task.created_at + options_.start;
            if (options_.fresh_tasks_crash && !old) { stop(arn, "EssentialContainerExited"); }
        }
        if (task.last_status == "RUNNING" && options_.health_check && at >= *task.started_at + options_.healthy) {
            task.health_status = "HEALTHY";
        }
        if (!is_live(task) && !is_stopped(task) && at >= *task.stopping_at + options_.drain) {
            task.last_status = "STOPPED";
            task.stopped_at = *task.stopping_at + options_.drain;
        }
        if (!options_.target_group || is_stopped(task) || task.last_status != "RUNNING") { continue; }
        const bool ready = at >= *task.started_at + options_.healthy;
        truth.targets.push_back({group_arn, task.containers[0].private_ip, port,
                                 !is_live(task) ? "draining"
                                 : ready        ? "healthy"
                                                : "initial",
                                 "", ""});
    }
}

std::string World::choose_for_scale_in() const {
    std::string chosen;
    for (const Task* task : live_tasks(truth)) {
        const auto protection = truth.protection.find(task->arn);
        const bool shielded = protection != truth.protection.end() && protection->second.enabled;
        const bool better = chosen.empty() || !options_.scale_in_takes_oldest;
        if ((options_.ignores_protection || !shielded) && better) { chosen = task->arn; }
        if (!shielded && task->last_status != "RUNNING") { return task->arn; }
    }
    return chosen;
}

void World::reconcile(Instant at) {
    if (truth.service.status != "ACTIVE" || at < reconcile_at_) { return; }
    while (live() < truth.service.desired_count) { add_task(at); }
    while (live() > truth.service.desired_count) {
        const std::string arn = choose_for_scale_in();
        if (arn.empty()) { break; }
        stop(arn, "ServiceSchedulerInitiated");
        task(arn).stopped_reason = "Scaling activity initiated by (deployment ecs-svc/1)"; // ECS behaviour C3
    }
}

void World::advance(Instant to) {
    while (now < to) {
        now = std::min(to, now + 100ms);
        settle(now);
        reconcile(now);
        settle(now);
        lowest_healthy = std::min(lowest_healthy, healthy());
    }
}

int World::live() const {
    return static_cast<int>(live_tasks(truth).size());
}

int World::healthy() const {
    return healthy_count(truth);
}

int World::protected_count() const {
    return static_cast<int>(std::ranges::count_if(truth.protection, [&](const auto& entry) {
        return entry.second.enabled && is_live(truth.tasks.at(entry.first));
    }));
}

void World::start_deployment() {
    Deployment foreign;
    foreign.id = "ecs-svc/foreign";
    foreign.status = "PRIMARY";
    foreign.rollout_state = "IN_PROGRESS";
    foreign.created_at = now;
    truth.service.deployments[0].status = "ACTIVE";
    truth.service.deployments.insert(truth.service.deployments.begin(), foreign);
}

Status World::apply(const Change& change) {
    log.push_back(describe(change));
    reconcile_at_ = now + options_.decide;
    if (const auto* desired = std::get_if<SetDesiredCount>(&change)) {
        former_desired = truth.service.desired_count;
        truth.service.desired_count = desired->to;
    } else if (const auto* protect = std::get_if<ProtectTasks>(&change)) {
        for (const std::string& arn : protect->task_arns) {
            truth.protection[arn] = {
                protect->enabled, protect->enabled ? std::optional<Instant>(now + protect->expires_in) : std::nullopt};
        }
    } else if (const auto* stopped = std::get_if<StopTask>(&change)) {
        stopped_by_us.push_back(stopped->task_arn);
        stop(stopped->task_arn, "UserInitiated");
    } else if (const auto* scaling = std::get_if<SetScaling>(&change)) {
        truth.scalable_target = scaling->to;
    } else {
        start_deployment();
        truth.service.deployments[0].id = "ecs-svc/ours";
    }
    return {};
}

void World::fulfil(const Look& look, Snapshot& into) {
    ++api_calls;
    if (look.service) {
        into.service = truth.service;
        into.service.running_count = 0;
        into.service.pending_count = 0;
        for (const Task* task : live_tasks(truth)) {
            ++(task->last_status == "RUNNING" ? into.service.running_count : into.service.pending_count);
        }
        if (hide_change_until && now < *hide_change_until) { into.service.desired_count = former_desired; }
        into.service_at = now;
        into.service_missing = truth.service_missing;
    }
    const auto copy = [&](const std::string& arn) {
        Task& told = into.tasks[arn] = truth.tasks.at(arn);
        told.created_at += options_.clock_ahead;
        for (auto* at : {&told.started_at, &told.stopping_at, &told.stopped_at}) {
            if (*at) { **at += options_.clock_ahead; }
        }
        into.task_at[arn] = now;
    };
    if (look.list_tasks) {
        into.listed.clear();
        for (const Task* task : live_tasks(truth)) {
            into.listed.insert(task->arn);
            if (!into.tasks.contains(task->arn)) { copy(task->arn); }
        }
        into.listed_at = now;
        // Known as live but no longer listed: told to stop since; described again, as observe/ does.
        for (const auto& [arn, known] : std::map(into.tasks)) {
            if (is_live(known) && !into.listed.contains(arn)) { copy(arn); }
        }
    }
    if (look.describe_listed) { std::ranges::for_each(into.listed, copy); }
    std::ranges::for_each(look.tasks, copy);
    if (look.task_definitions) { into.task_definitions = truth.task_definitions; }
    if (look.target_groups) { into.target_groups = truth.target_groups; }
    if (look.targets) {
        into.targets = truth.targets;
        into.targets_at = now;
    }
    if (look.scaling) {
        into.scalable_target = lagging_scaling ? lagging_scaling : truth.scalable_target;
        into.scaling_at = now;
    }
    if (look.protection) {
        into.protection = truth.protection;
        into.protection_at = now;
    }
    if (!look.alarms.empty()) {
        into.alarms = truth.alarms;
        into.alarms_at = now;
    }
}

RunSpec spec_for_tests() {
    RunSpec spec;
    spec.cluster = "c";
    spec.service = "web";
    return spec;
}

namespace {

// The driver's memory of one life of the recycler process.
struct Driver {
    World& world;
    const DriveHooks& hooks;
    Ended ended;
    Run journal;
    Snapshot snapshot;
    int changes = 0;
    int looks = 0;
    int points = 0;

    bool crashes() { return hooks.crash && hooks.crash(points++); }

    void restart() {
        snapshot = {};
        Decision decision = resume(journal, world.now);
        ended.run = decision.run;
        look(std::get<Wait>(decision.action).look);
    }

    void look(const Look& wanted) {
        if (hooks.fail_look) {
            if (const auto error = hooks.fail_look(wanted, looks++)) {
                ended.run = trouble(std::move(ended.run), *error, world.now);
                return;
            }
        }
        world.fulfil(wanted, snapshot);
    }

    // What the answer of a change tells is merged, as act/ does.
    void merge_answer(const Change& change) {
        if (std::holds_alternative<SetDesiredCount>(change) || std::holds_alternative<ForceNewDeployment>(change)) {
            snapshot.service = world.truth.service;
            snapshot.service_at = world.now;
        } else if (const auto* protect = std::get_if<ProtectTasks>(&change)) {
            for (const std::string& arn : protect->task_arns) {
                snapshot.protection[arn] = world.truth.protection[arn];
            }
        } else if (const auto* stopped = std::get_if<StopTask>(&change)) {
            snapshot.tasks[stopped->task_arn] = world.truth.tasks.at(stopped->task_arn);
        } else {
            snapshot.scalable_target = world.truth.scalable_target;
        }
    }

    void perform(const Perform& perform) {
        journal = ended.run;
        if (crashes()) { return restart(); }
        ++world.api_calls;
        const auto error = hooks.fail_change ? hooks.fail_change(perform.change, changes++) : std::nullopt;
        if (error) {
            if (hooks.apply_before_failing) { (void)world.apply(perform.change); }
            ended.run = conclude(std::move(ended.run), std::unexpected(*error), snapshot, world.now);
            journal = ended.run;
            return;
        }
        const Status status = world.apply(perform.change);
        if (crashes()) { return restart(); }
        merge_answer(perform.change);
        ended.run = conclude(std::move(ended.run), status, snapshot, world.now);
        journal = ended.run;
    }
};

} // namespace

Ended drive(World& world, const RunSpec& spec, const DriveHooks& hooks) {
    Driver d{world, hooks, {}, {}, {}};
    d.ended.run = begin("run-1", spec, world.now);
    d.journal = d.ended.run;
    d.look(first_look(spec));
    for (d.ended.steps = 0; d.ended.steps < 20'000; ++d.ended.steps) {
        if (hooks.between_steps) { d.ended.run = hooks.between_steps(std::move(d.ended.run)); }
        Decision decision = step(std::move(d.ended.run), d.snapshot, world.now);
        d.ended.run = std::move(decision.run);
        for (const Note& note : decision.notes) { d.ended.notes.push_back(note.text); }
        if (hooks.before_action) { hooks.before_action(world, decision.action, d.ended.steps); }
        if (const auto* wait = std::get_if<Wait>(&decision.action)) {
            const bool leaves = wait->until - world.now > hooks.leaves_longer_waits;
            world.advance(std::max(wait->until, world.now + 10ms));
            if (leaves) {
                d.journal = d.ended.run;
                d.restart();
            } else {
                d.look(wait->look);
            }
        } else if (const auto* perform = std::get_if<Perform>(&decision.action)) {
            d.perform(*perform);
        } else if (std::holds_alternative<Ask>(decision.action)) {
            d.ended.run = approve(std::move(d.ended.run), Millis(0));
        } else {
            return d.ended;
        }
    }
    assertion_failed("a run ends within 20000 steps", __FILE__, __LINE__);
}

} // namespace ecsr::recycle
