// How a decision stops tasks.
#include "local/scheduler/decision.hpp"
#include "local/scheduler/deployments.hpp"
#include "local/scheduler/task_life.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

StopRank rank_of(const Task& task, Verdict verdict) {
    if (task.last_status < TaskStatus::Running) { return StopRank::Pending; }
    if (verdict == Verdict::Bad) { return StopRank::Unhealthy; }
    return verdict == Verdict::Good ? StopRank::Healthy : StopRank::NotYetHealthy;
}

void add_candidates(std::vector<Candidate>& candidates, const std::vector<Task*>& tasks, Verdict verdict) {
    for (Task* task : tasks) { candidates.push_back({task, rank_of(*task, verdict)}); }
}

bool is_on_its_way_out(const Task* task) {
    return task->desired_status == TaskStatus::Stopped;
}

} // namespace

void Decision::note_stop(const Task& task) {
    acted_ = true;
    ++count_.stopping;
    --count_.zones[task.availability_zone];
}

void Decision::forget_stopped(Share& share) {
    std::erase_if(share.good, is_on_its_way_out);
    std::erase_if(share.waiting, is_on_its_way_out);
    std::erase_if(share.bad, is_on_its_way_out);
}

void Decision::stop_for_scaling(Share& share, const std::vector<Task*>& victims) {
    for (Task* task : victims) {
        const bool ran = task->last_status == TaskStatus::Running;
        order_stop(state_, *task, stopped_by_scheduler,
                   fmt::format("Scaling activity initiated by (deployment {})", task->started_by), now_);
        note_stop(*task);
        if (ran) { stopped_running_.push_back(task); }
        if (!ran) { ++stopped_pending_; }
    }
    forget_stopped(share);
}

// The oldest of them. Protection is no shield against this (ECS behaviour B13).
void Decision::stop_for_bad_health(Share& share, int count) {
    std::vector<Task*> victims = share.bad;
    std::sort(victims.begin(), victims.end(), [](const Task* a, const Task* b) {
        return a->created_at != b->created_at ? a->created_at < b->created_at : a->id < b->id;
    });
    if (static_cast<int>(victims.size()) > count) { victims.resize(static_cast<std::size_t>(std::max(0, count))); }
    for (Task* task : victims) {
        order_stop(state_, *task, stopped_by_scheduler, task->unhealthy_reason, now_);
        note_stop(*task);
        stopped_running_.push_back(task);
        Deployment* deployment = find_deployment(service_, task->started_by);
        if (deployment == nullptr) { continue; }
        count_failure(state_, service_, *deployment, TaskFailure::Unhealthy, turn_.options.pace, now_);
    }
    forget_stopped(share);
}

void Decision::scale_in(Share& share, const std::vector<Candidate>& candidates, int count) {
    if (count <= 0) { return; }
    std::vector<Candidate> free;
    std::vector<const Task*> shielded;
    for (const Candidate& candidate : candidates) {
        if (is_protected(*candidate.task, now_)) {
            shielded.push_back(candidate.task);
        } else {
            free.push_back(candidate);
        }
    }
    ZoneCounts zones = count_.zones;
    const std::vector<Task*> victims = pick_victims(free, count, zones, state_.random);
    if (static_cast<int>(victims.size()) < std::min(count, static_cast<int>(candidates.size()))) {
        protected_tasks_ += static_cast<int>(shielded.size());
        protected_task_set_ = shielded.front()->started_by;
        for (const Task* task : shielded) { look_again(*task->protection_expires_at); }
    }
    stop_for_scaling(share, victims);
}

void Decision::shrink_primary() {
    Share& share = count_.primary;
    const int healthy_kept = std::min(share.healthy(), wanted_);
    const int unhealthy_over = primary_failed() ? share.unhealthy() : healthy_kept + share.unhealthy() - wanted_;
    std::vector<Candidate> candidates;
    add_candidates(candidates, share.good, Verdict::Good);
    // What AZ rebalancing has started is on top until it is healthy.
    if (!service_.rebalancing) { add_candidates(candidates, share.waiting, Verdict::Waiting); }
    scale_in(share, candidates, static_cast<int>(candidates.size()) - wanted_);
    stop_for_bad_health(share, unhealthy_over);
}

// Healthy older tasks go as far as minimumHealthyPercent allows; the others, which cost no health, go beyond that.
void Decision::shrink_older() {
    Share& share = count_.older;
    stop_abandoned();
    const int floor = older_floor();
    const int rest = std::max(0, floor - share.healthy());
    const int others_over = share.starting() + share.unhealthy() - rest;
    const int unhealthy_over = std::clamp(others_over, 0, share.unhealthy());

    std::vector<Candidate> healthy;
    add_candidates(healthy, share.good, Verdict::Good);
    scale_in(share, healthy, share.healthy() - floor);
    stop_for_bad_health(share, unhealthy_over);
    std::vector<Candidate> starting;
    add_candidates(starting, share.waiting, Verdict::Waiting);
    scale_in(share, starting, others_over - unhealthy_over);
}

// What a superseded deployment has not started yet is stopped at once, and what a failed one has not got healthy.
void Decision::stop_abandoned() {
    std::vector<Task*> victims;
    for (Task* task : count_.older.waiting) {
        const Deployment* deployment = find_deployment(service_, task->started_by);
        const RolloutState rollout = deployment == nullptr ? RolloutState::Failed : deployment->rollout_state;
        const bool pending = task->last_status < TaskStatus::Running;
        if (rollout == RolloutState::Failed || (rollout == RolloutState::InProgress && pending)) {
            victims.push_back(task);
        }
    }
    stop_for_scaling(count_.older, victims);
}

void Decision::stop_one_unhealthy() {
    Share& share = count_.primary;
    const auto last = static_cast<std::int64_t>(share.bad.size()) - 1;
    std::swap(share.bad.front(), share.bad[static_cast<std::size_t>(state_.random.between(0, last))]);
    Share one;
    one.bad.push_back(share.bad.front());
    stop_for_bad_health(one, 1);
    forget_stopped(share);
}

void Decision::stop_everything() {
    for (Share* share : {&count_.primary, &count_.older}) {
        std::vector<Task*> victims = share->good;
        victims.insert(victims.end(), share->waiting.begin(), share->waiting.end());
        victims.insert(victims.end(), share->bad.begin(), share->bad.end());
        stop_for_scaling(*share, victims);
    }
}

} // namespace ecsr::local
