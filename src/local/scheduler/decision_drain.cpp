// How a decision empties a container instance that is DRAINING (ECS behaviour B14).
#include "local/scheduler/decision.hpp"

#include <algorithm>

namespace ecsr::local {

// PENDING tasks go at once, healthy ones as far as minimumHealthyPercent allows. Nothing can replace them: the instance
// is the only one.
void Decision::leave_instance() {
    if (!instance_drains(state_, service_) || service_.status != ServiceStatus::Active) { return; }
    for (Share* share : {&count_.older, &count_.primary}) {
        std::vector<Task*> pending;
        std::ranges::copy_if(share->waiting, std::back_inserter(pending),
                             [](const Task* task) { return task->last_status < TaskStatus::Running; });
        stop_for_scaling(*share, pending);
    }
    const int left = count_.older.live() + count_.primary.live();
    int surplus = count_.older.healthy() + count_.primary.healthy() - min_healthy_;
    if (surplus <= 0 && left > 0 && headroom() > 0) { room_for(primary(), 1); } // tells that there is none
    for (Share* share : {&count_.older, &count_.primary}) {
        const int leaving = std::clamp(surplus, 0, share->healthy());
        std::vector<Candidate> candidates;
        for (Task* task : share->good) { candidates.push_back({task, StopRank::Healthy}); }
        scale_in(*share, candidates, leaving);
        surplus -= leaving;
    }
}

} // namespace ecsr::local
