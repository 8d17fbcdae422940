// A little ECS at the level of facts, for the engine's tests: it applies Changes, fulfils Looks, and moves with
// handed-in time.
#pragma once

#include "judge/recycle/step.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::recycle {

struct WorldOptions {
    int desired = 3;
    bool target_group = true;
    bool health_check = false;
    Millis start{4'000};        // created -> RUNNING
    Millis healthy{2'000};      // RUNNING -> target healthy
    Millis decide{500};         // the scheduler's reaction
    Millis drain{3'000};        // told to stop -> STOPPED
    Seconds check_interval{30}; // as the target group tells; `healthy` is what counts
    Millis clock_ahead{0};      // the clock of ECS, by which it tells of tasks
    bool fresh_tasks_crash = false;
    bool ignores_protection = false;    // scale-in takes the newest task instead
    bool scale_in_takes_oldest = false; // of those that it may take; else the newest
    std::optional<ScalableTarget> scalable_target = std::nullopt;
};

class World {
public:
    explicit World(WorldOptions options);

    Instant now{Millis(1'700'000'000'000)};
    Snapshot truth; // all parts current
    int api_calls = 0;
    int lowest_healthy = 1'000'000;
    std::vector<std::string> stopped_by_us; // StopTask
    std::vector<std::string> original;
    std::vector<std::string> log;             // every change, in words
    std::optional<Instant> hide_change_until; // reads show the former desired count until then
    int former_desired = 0;
    std::optional<ScalableTarget> lagging_scaling; // reads show this

    void advance(Instant to);
    Status apply(const Change& change);
    void fulfil(const Look& look, Snapshot& into);

    int live() const;
    int healthy() const;
    int protected_count() const;
    Task& task(const std::string& arn) { return truth.tasks.at(arn); }
    void stop(const std::string& arn, const std::string& code);
    void start_deployment();
    std::string add_task(Instant created);

private:
    void settle(Instant at);
    void reconcile(Instant at);
    std::string choose_for_scale_in() const;

    WorldOptions options_;
    int next_id_ = 0;
    Instant reconcile_at_{};
};

struct Ended {
    Run run;
    std::vector<std::string> notes;
    int steps = 0;
};

struct DriveHooks {
    std::function<void(World&, const Action&, int step)> before_action; // people, autoscalers, accidents
    std::function<std::optional<Error>(const Change&, int change)> fail_change;
    std::function<std::optional<Error>(const Look&, int look)> fail_look;
    std::function<bool(int point)> crash;       // dies at this point; resumed from the last journalled run
    std::function<Run(Run)> between_steps;      // aborts, approvals
    Millis leaves_longer_waits = Millis::max(); // as a state machine does: the run is resumed when the wait is over
    bool apply_before_failing = false;          // lost answers: done, but the answer never arrives
};

// Drives a run to its end as src/run does, with the journal as "the last run handed over before a change".
Ended drive(World& world, const RunSpec& spec, const DriveHooks& hooks = {});

RunSpec spec_for_tests();

} // namespace ecsr::recycle
