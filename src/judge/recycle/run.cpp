#include "judge/recycle/run.hpp"

#include "base/text.hpp"
#include "judge/recycle/step.hpp"

#include <fmt/format.h>
#include <string_view>
#include <unordered_set>

namespace ecsr::recycle {

const char* to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::Done: return "done";
    case Outcome::Failed: return "failed";
    case Outcome::Stopped: return "stopped";
    case Outcome::TimedOut: return "timed_out";
    case Outcome::RolledBack: return "rolled_back";
    }
    return "failed";
}

const char* to_string(Phase phase) {
    switch (phase) {
    case Phase::Preflight: return "preflight";
    case Phase::SuspendScaling: return "suspend-scaling";
    case Phase::Surge: return "surge";
    case Phase::AwaitFresh: return "await-fresh";
    case Phase::ProtectOthers: return "protect-others";
    case Phase::ReleaseVictims: return "release-victims";
    case Phase::Lower: return "lower";
    case Phase::AwaitGoing: return "await-going";
    case Phase::StopVictims: return "stop-victims";
    case Phase::AwaitReplaced: return "await-replaced";
    case Phase::BetweenBatches: return "between-batches";
    case Phase::ForceDeployment: return "force-deployment";
    case Phase::AwaitDeployment: return "await-deployment";
    case Phase::BackOut: return "back-out";
    case Phase::RestoreDesired: return "restore-desired";
    case Phase::AwaitSurplusGone: return "await-surplus-gone";
    case Phase::RestoreProtection: return "restore-protection";
    case Phase::RestoreScaling: return "restore-scaling";
    case Phase::AwaitDrained: return "await-drained";
    case Phase::Ended: return "ended";
    }
    return "ended";
}

namespace {

std::string describe_scaling(const SetScaling& change) {
    std::vector<std::string> parts;
    if (change.from.suspended.dynamic_scaling_in != change.to.suspended.dynamic_scaling_in) {
        parts.emplace_back(change.to.suspended.dynamic_scaling_in ? "suspend scale-in" : "resume scale-in");
    }
    if (change.from.max_capacity != change.to.max_capacity) {
        parts.push_back(fmt::format("max capacity {} -> {}", change.from.max_capacity, change.to.max_capacity));
    }
    return "autoscaling: " + join(parts, ", ");
}

} // namespace

std::string describe(const Change& change) {
    struct Words {
        std::string operator()(const SetDesiredCount& c) const {
            return fmt::format("desired count {} -> {}", c.from, c.to);
        }
        std::string operator()(const ProtectTasks& c) const {
            return fmt::format("{} {} {}", c.enabled ? "protect" : "unprotect", c.task_arns.size(),
                               c.task_arns.size() == 1 ? "task" : "tasks");
        }
        std::string operator()(const StopTask& c) const { return fmt::format("stop task {}", short_id(c.task_arn)); }
        std::string operator()(const ForceNewDeployment&) const { return "force a new deployment"; }
        std::string operator()(const SetScaling& c) const { return describe_scaling(c); }
    };
    return std::visit(Words{}, change);
}

Run begin(std::string id, const RunSpec& spec, Instant now) {
    Run run;
    run.id = std::move(id);
    run.spec = spec;
    run.started_at = now;
    run.cutoff = now;
    run.deadline = now + spec.timeout;
    run.phase_since = now;
    return run;
}

Look first_look(const RunSpec& spec) {
    Look look;
    look.service = true;
    look.list_tasks = true;
    look.describe_listed = true;
    look.task_definitions = true;
    look.target_groups = true;
    look.targets = true;
    look.scaling = true;
    look.protection = spec.strategy == Strategy::Rolling;
    look.alarms = spec.alarms;
    look.images = spec.strategy == Strategy::ForceDeployment;
    return look;
}

Run prolong(Run run, Millis timeout, Instant now) {
    run.spec.timeout = timeout;
    run.deadline = now + timeout;
    return run;
}

Run approve(Run run, Millis extra_wait) {
    run.approved_next = extra_wait == Millis(0);
    if (extra_wait > Millis(0)) {
        run.next_batch_at += extra_wait;
        run.approved_next = true;
    }
    return run;
}

Run abort(Run run, const std::string& reason) {
    if (!run.abort_requested) {
        run.abort_requested = true;
        run.abort_reason = reason;
    }
    return run;
}

std::size_t tasks_left(const Run& run) {
    std::unordered_set<std::string_view> left(run.remaining.begin(), run.remaining.end());
    left.insert(run.batch.begin(), run.batch.end());
    for (const Replacement& replacement : run.replaced) { left.erase(replacement.task_arn); }
    return left.size();
}

} // namespace ecsr::recycle
