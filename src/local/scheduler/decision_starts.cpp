// How a decision starts tasks.
#include "local/scheduler/announcements.hpp"
#include "local/scheduler/capacity.hpp"
#include "local/scheduler/decision.hpp"
#include "local/scheduler/events.hpp"
#include "local/scheduler/task_life.hpp"

#include <algorithm>

namespace ecsr::local {

int Decision::headroom() const {
    const int stopping = turn_.options.stopping_uses_headroom ? count_.stopping : 0;
    return max_tasks_ - count_.live() - stopping;
}

// How many tasks the older deployments must keep so that minimumHealthyPercent holds; behind a failed PRIMARY,
// which starts nothing more, they carry the service.
int Decision::older_floor() const {
    const int needed = primary_failed() ? wanted_ : min_healthy_;
    return std::max(0, needed - count_.primary.healthy());
}

// A revision that never completed is not worth restarting; of the others the newest is.
Deployment* Decision::restartable_older() {
    const auto found = std::find_if(service_.deployments.begin() + 1, service_.deployments.end(),
                                    [](const Deployment& d) { return d.rollout_state == RolloutState::Completed; });
    return found == service_.deployments.end() ? nullptr : &*found;
}

// How many of them find a place; tells why the others do not, and looks again later.
int Decision::room_for(const Deployment& deployment, int count) {
    const TaskDefinition* definition = find_task_definition(state_, deployment.task_definition);
    if (definition == nullptr) { return count; }
    Room room(state_, *definition, service_.cluster, service_.launch_type, demand_of(*definition));
    for (int placed = 0; placed < count; ++placed) {
        const Shortage shortage = room.take();
        if (shortage == Shortage::None) { continue; }
        throttled_ = true;
        look_again(now_ + turn_.options.pace.place_again);
        if (add_event_rarely(state_, service_, shortage_event(state_, service_.cluster, service_.launch_type, shortage),
                             now_)) {
            const bool on_fargate = service_.launch_type == "FARGATE";
            announce(state_, service_, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE",
                     on_fargate ? "RESOURCE:FARGATE" : shortage_reason(service_.launch_type, shortage), now_);
        }
        return placed;
    }
    return count;
}

Task& Decision::add_task(Deployment& deployment, const std::string& zone) {
    const bool of_primary = &deployment == &primary();
    Task& task = create_task(state_,
                             {service_.cluster, deployment.task_definition, "service:" + service_.name, deployment.id,
                              service_.launch_type, zone, service_.name},
                             now_ + turn_.options.pace.provision, now_);
    ++count_.zones[zone];
    tasks_.push_back(&task);
    (of_primary ? count_.primary : count_.older).waiting.push_back(&task);
    if (!of_primary) { ++count_.older_unfinished; }
    return task;
}

// For AZ rebalancing.
void Decision::start_in(const std::string& zone) {
    if (room_for(primary(), 1) == 0) { return; }
    tell_started_in(state_, service_, add_task(primary(), zone), now_);
    acted_ = true;
}

int Decision::start(Deployment& deployment, int count, bool replaces_unhealthy) {
    if (count <= 0) { return 0; }
    const Instant not_before = std::max(deployment.no_start_before, deployment.no_restart_before);
    if (now_ < not_before) {
        throttled_ = true;
        look_again(not_before);
        return 0;
    }
    count = std::min(count, room_for(deployment, count));
    if (count == 0) { return 0; }
    std::vector<const Task*> started;
    started.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        started.push_back(&add_task(deployment, emptiest_zone(count_.zones, state_.identity.region)));
    }
    tell_started(state_, service_, started, replaces_unhealthy, now_);
    acted_ = true;
    return count;
}

// An older task that died is replaced with one of its own revision; one that this scheduler stopped is not.
void Decision::replace_missing_of_older() {
    Deployment* older = restartable_older();
    if (older == nullptr) { return; }
    const int missing = std::min(older_goal_, older_floor()) - count_.older.live();
    start(*older, std::min(missing, headroom()), false);
}

void Decision::grow_primary() {
    if (primary_failed()) { return; }
    start(primary(), std::min(wanted_ - count_.primary.live(), headroom()), false);
}

// The replacement starts first; without headroom one unhealthy task makes room for it at a time (ECS behaviour B5).
void Decision::replace_unhealthy_of_primary() {
    const Share& share = count_.primary;
    const bool all_there = share.live() >= wanted_;
    const int needed = std::min(share.unhealthy(), wanted_ - share.healthy() - share.starting());
    if (primary_failed() || !all_there || needed <= 0) { return; }
    if (headroom() > 0) {
        start(primary(), std::min(needed, headroom()), true);
    } else if (share.starting() == 0) {
        stop_one_unhealthy();
    }
}

void Decision::replace_unhealthy_of_older() {
    Deployment* older = restartable_older();
    if (older == nullptr) { return; }
    const Share& share = count_.older;
    const int needed = older_floor() - share.healthy() - share.starting();
    start(*older, std::min({share.unhealthy(), needed, headroom()}), true);
}

} // namespace ecsr::local
