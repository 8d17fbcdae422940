// The service scheduler and the agent of the local ECS as a state machine on handed-in time (ECS behaviour B).
//
// Called by local/plane alone, under its lock. Nothing moves when it is read; ties are broken by creation order;
// randomness comes from State::random.
#pragma once

#include "local/state/outside.hpp"
#include "local/state/state.hpp"

#include <vector>

namespace ecsr::local {

// How long the plane takes to react; real ECS needs 5 to 20 s for a decision (ECS behaviour B3), people on a laptop do
// not.
struct Pace {
    Millis decide_low{100}; // latency of each scheduler decision, drawn evenly
    Millis decide_high{300};
    Millis provision{50};         // PROVISIONING -> PENDING (network interface)
    Millis deprovision{50};       // DEPROVISIONING -> STOPPED
    Millis healthy_after{40'000}; // RUNNING for so long counts as healthy where nothing else vouches (ECS behaviour B2)
    Millis stopped_retention{3'600'000}; // ECS behaviour B12
    Millis steady_event_every{6 * 3'600'000};
    Millis start_backoff_unit{
        30'000}; // starts are throttled for 1, 1, 10, 10, 20, 30, 54, 54, ... units (ECS behaviour B8)
    Millis restart_backoff_unit{10'000};  // tasks that run and soon end again start after 0, 1, 2, 4, 5, 5, ... units
    Millis rebalance_after{5 * 60'000};   // a service must have been steady for so long (ECS behaviour B14)
    Millis place_again{5000};             // a task that found no place is tried again after this
    Millis alarm_poll{1000};              // how often a deployment looks at its alarms (ECS behaviour B7)
    Millis longest_bake_time{5 * 60'000}; // ECS behaviour B7
};

struct SchedulerOptions {
    Pace pace;
    bool stop_task_drains =
        false; // StopTask waits for the deregistration delay (ECS behaviour B9: both readings exist)
    bool stopping_uses_headroom = false; // STOPPING tasks count against maximumPercent (ECS behaviour B1)
};

class Scheduler {
public:
    explicit Scheduler(SchedulerOptions options) : options_(options) {}

    // Takes in what happened outside.
    void handle(State& state, const Event& event, Instant now);

    // Moves everything on to `now` and says what must be done outside. Calling it twice with the same time does nothing
    // more.
    std::vector<Effect> advance(State& state, Instant now);

    // When advance() is needed next if no request and no event comes; max() when never.
    Instant next_wakeup(const State& state) const;

    const SchedulerOptions& options() const { return options_; }

private:
    SchedulerOptions options_;
};

} // namespace ecsr::local
