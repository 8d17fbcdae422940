// One decision of the service scheduler about one service (ECS behaviour B3, B5). Internal to this folder.
//
// decision.cpp runs it and closes deployments; the other decision_*.cpp hold the moves. Each move
// acts within what minimumHealthyPercent and maximumPercent allow after the moves before it.
#pragma once

#include "local/scheduler/capacity.hpp"
#include "local/scheduler/census.hpp"
#include "local/scheduler/service_history.hpp"
#include "local/scheduler/turn.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

class Decision {
public:
    // `tasks`: those of the service that are not STOPPED.
    Decision(Turn& turn, Service& service, std::vector<Task*> tasks);

    // Starts and stops tasks, moves deployments on and tells events. Sets service.look_again_at, and service.touched
    // when it did something that calls for another decision.
    void run();

private:
    Deployment& primary() { return service_.deployments.front(); }
    bool primary_failed() const { return service_.deployments.front().rollout_state == RolloutState::Failed; }

    // decision.cpp
    void take_count();
    void note_health();
    void tell_lost_targets();
    void judge_deployment();
    std::optional<FailureCause> failure_cause();
    bool is_baking();
    void close_deployment();
    void show_counts();
    void tell_obstacles();
    bool is_steady();
    void settle();
    void look_again(Instant at);

    // decision_starts.cpp
    int headroom() const;
    int older_floor() const;
    Deployment* restartable_older();
    int room_for(const Deployment& deployment, int count);
    Task& add_task(Deployment& deployment, const std::string& zone);
    void start_in(const std::string& zone);
    int start(Deployment& deployment, int count, bool replaces_unhealthy);
    void replace_missing_of_older();
    void grow_primary();
    void replace_unhealthy_of_primary();
    void replace_unhealthy_of_older();

    // decision_rebalance.cpp
    bool may_rebalance() const;
    std::vector<std::string> zones_to_fill() const;
    std::vector<const Task*> movable_tasks() const;
    void rebalance();

    // decision_drain.cpp
    void leave_instance();

    // decision_stops.cpp
    void shrink_primary();
    void shrink_older();
    void stop_abandoned();
    void stop_one_unhealthy();
    void stop_everything();
    void scale_in(Share& share, const std::vector<Candidate>& candidates, int count);
    void stop_for_scaling(Share& share, const std::vector<Task*>& victims);
    void stop_for_bad_health(Share& share, int count);
    void forget_stopped(Share& share);
    void note_stop(const Task& task);

    Turn& turn_;
    State& state_;
    Service& service_;
    Instant now_;
    std::vector<Task*> tasks_;
    TargetIndex targets_;
    int wanted_, min_healthy_, max_tasks_;
    int older_goal_ = 0; // what the older deployments were to hold when they were last looked at
    Census count_;
    std::vector<const Task*> stopped_running_;
    int stopped_pending_ = 0;
    int protected_tasks_ = 0; // that kept something from being stopped
    std::string protected_task_set_;
    bool acted_ = false;
    bool throttled_ = false;
    bool completed_ = false;
};

} // namespace ecsr::local
