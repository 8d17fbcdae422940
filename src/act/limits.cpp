#include "act/limits.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace ecsr::act {

namespace {

using Broken = std::optional<BrokenLimit>;

constexpr std::size_t protection_chunk = 10; // ECS behaviour A7

struct Check {
    const recycle::Run& run;
    const Snapshot& snapshot;

    int floor() const { return run.desired_theirs - run.spec.max_unavailable.of(run.desired_theirs); }

    const Task* find(const std::string& arn) const {
        const auto found = snapshot.tasks.find(arn);
        return found == snapshot.tasks.end() ? nullptr : &found->second;
    }

    bool foreign_protection(const std::string& arn) const {
        const auto found = snapshot.protection.find(arn);
        return found != snapshot.protection.end() && found->second.enabled && !run.protected_by_us.contains(arn);
    }

    int healthy_without(const std::vector<std::string>& leaving) const {
        int healthy = 0;
        const std::unordered_set<std::string_view> left_out(leaving.begin(), leaving.end());
        for (const auto& [arn, task] : snapshot.tasks) {
            if (left_out.contains(arn)) { continue; }
            if (is_healthy(snapshot, task)) { ++healthy; }
        }
        return healthy;
    }

    Broken below_floor(const std::string& what, int healthy) const {
        if (healthy >= floor()) { return std::nullopt; }
        return BrokenLimit{"healthy-floor",
                           fmt::format("{} would leave {} healthy tasks, {} are needed", what, healthy, floor())};
    }

    Broken operator()(const recycle::SetDesiredCount& change) const {
        const std::string what = recycle::describe(change);
        if (change.to > run.desired_theirs + std::max(0, run.surge) && change.to > change.from) {
            return BrokenLimit{"surge", fmt::format("{}: {} and a surge of {} are the most", what, run.desired_theirs,
                                                    std::max(0, run.surge))};
        }
        if (change.to < change.from && change.to < floor()) {
            return BrokenLimit{"healthy-floor", fmt::format("{}: at least {} are needed", what, floor())};
        }
        // Putting back what was there takes surplus tasks, and of those the unhealthy ones first (ECS behaviour B3).
        if (change.to >= change.from || run.ending) { return std::nullopt; }
        return below_floor(what, healthy_without(run.batch));
    }

    Broken operator()(const recycle::StopTask& change) const {
        const std::string_view id = short_id(change.task_arn);
        if (run.ending || run.abort_requested) {
            return BrokenLimit{"run-ended", fmt::format("task {} is not stopped: the run is ending", id)};
        }
        const Task* task = find(change.task_arn);
        if (task == nullptr || task->group != "service:" + snapshot.service.name) {
            return BrokenLimit{"foreign-service",
                               fmt::format("task {} is not a task of service {}", id, snapshot.service.name)};
        }
        if (task->created_at >= run.cutoff) {
            return BrokenLimit{"cut-off", fmt::format("task {} was created at {}, after the cut-off {}", id,
                                                      to_rfc3339(task->created_at), to_rfc3339(run.cutoff))};
        }
        if (foreign_protection(change.task_arn)) {
            return BrokenLimit{"foreign-protection", fmt::format("task {} is protected by somebody else", id)};
        }
        return below_floor(fmt::format("stopping task {}", id), healthy_without({change.task_arn}));
    }

    Broken operator()(const recycle::ProtectTasks& change) const {
        if (change.task_arns.empty() || change.task_arns.size() > protection_chunk) {
            return BrokenLimit{"protection-chunk",
                               fmt::format("1 to {} tasks a call, not {}", protection_chunk, change.task_arns.size())};
        }
        for (const std::string& arn : change.task_arns) {
            const bool ours = run.protected_by_us.contains(arn);
            if (change.enabled ? foreign_protection(arn) : !ours) {
                return BrokenLimit{"foreign-protection",
                                   fmt::format("the protection of task {} is not ours to change", short_id(arn))};
            }
        }
        return std::nullopt;
    }

    Broken operator()(const recycle::ForceNewDeployment&) const {
        if (run.spec.strategy == Strategy::ForceDeployment && !run.ending) { return std::nullopt; }
        return BrokenLimit{"strategy", "this run does not force a new deployment"};
    }

    Broken operator()(const recycle::SetScaling& change) const {
        ScalableTarget allowed = change.from;
        allowed.max_capacity = change.to.max_capacity;
        allowed.suspended.dynamic_scaling_in = change.to.suspended.dynamic_scaling_in;
        if (allowed == change.to) { return std::nullopt; }
        return BrokenLimit{"scaling-fields",
                           "of a scalable target only max capacity and suspended scale-in are changed"};
    }
};

} // namespace

Broken broken_limit(const Limits& limits, const recycle::Run& run, const recycle::Change& change,
                    const Snapshot& snapshot) {
    if (limits.read_only) { return BrokenLimit{"read-only", "nothing is changed: " + recycle::describe(change)}; }
    return std::visit(Check{run, snapshot}, change);
}

} // namespace ecsr::act
