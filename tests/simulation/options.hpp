// What one simulated run is made of. All is drawn from its seed; a scenario file may set each option by its name.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "model/run_spec.hpp"

#include <cstdint>
#include <string>

namespace ecsr::simulation {

struct Options {
    std::uint64_t seed = 0;

    // the service
    int tasks = 1;
    bool load_balancer = false;
    bool container_check = false; // the container has a health check
    bool scalable_target = false;
    Millis startup{0};
    Millis drain{0};
    Millis check_interval{0};
    bool ignore_sigterm = false;
    Millis stop_timeout{0};
    Millis slowest_decision{0}; // of the scheduler
    bool stop_task_drains = false;
    bool stopping_uses_headroom = false;

    // the run
    Strategy strategy = Strategy::Rolling;
    Drain method = Drain::Auto;
    Order order = Order::Oldest;
    int batch = 1;
    int surge = 1;
    int max_unavailable = 0;
    Millis wait{0};
    Millis timeout{0}; // 0: longer than any run needs
    bool alarm = false;
    bool wait_for_protection = false;
    bool pauses = false; // --on-error pause; then somebody resumes it

    // the network, in per mille of the calls, until `calm_after`
    int throttled = 0;
    int failing = 0;
    int lost = 0;
    int stale = 0;
    Millis slowest_answer{0};
    Millis calm_after{0};

    // tasks that start before `calm_after`, in per mille
    int slow = 0;          // three times the startup
    int never_healthy = 0; // they start and fail every check
    int sickening = 0;     // healthy first
    int crashing = 0;
    int failing_pulls = 0;

    // others, until `calm_after`
    int scalings = 0;          // by people
    int autoscalings = 0;      // within what the scalable target allows
    int limit_changes = 0;     // of the scalable target
    bool protects = false;     // a task
    bool unprotects = false;   // a task that the recycler protected
    bool deploys = false;      // the same task definition again
    bool new_revision = false; // another one
    bool deletes = false;      // the service
    int alarms = 0;            // times that the alarm fires
    bool aborts = false;
    int interrupts = 0; // by Ctrl-C: in order, at once
    int second_recyclers = 0;
    int shortages = 0;             // times that a neighbour takes all the memory that is left in the cluster
    bool deployment_alarm = false; // it fails deployments too, and rolls them back
    bool circuit_breaker = false;

    // the machine of the recycler
    int crashes = 0;
    int power_cuts = 0;     // at a write of the journal
    bool full_disk = false; // for a while
    Millis clock_offset{0};
    int clock_jumps = 0; // ahead and back

    // who takes up a run that died: a person, so that it gets its time anew when that is over, or a machine
    bool resumed_by_person = true;
    bool begun_anew = false; // it is put back, and then a new run begins
};

// Calls visit(name, value) for each option in the order above.
template <class AnyOptions, class Visit>
void for_each_option(AnyOptions& o, Visit&& visit) {
    visit("seed", o.seed);
    visit("tasks", o.tasks);
    visit("load-balancer", o.load_balancer);
    visit("container-check", o.container_check);
    visit("scalable-target", o.scalable_target);
    visit("startup", o.startup);
    visit("drain", o.drain);
    visit("check-interval", o.check_interval);
    visit("ignore-sigterm", o.ignore_sigterm);
    visit("stop-timeout", o.stop_timeout);
    visit("slowest-decision", o.slowest_decision);
    visit("stop-task-drains", o.stop_task_drains);
    visit("stopping-uses-headroom", o.stopping_uses_headroom);
    visit("strategy", o.strategy);
    visit("method", o.method);
    visit("order", o.order);
    visit("batch", o.batch);
    visit("surge", o.surge);
    visit("max-unavailable", o.max_unavailable);
    visit("wait", o.wait);
    visit("timeout", o.timeout);
    visit("alarm", o.alarm);
    visit("wait-for-protection", o.wait_for_protection);
    visit("pauses", o.pauses);
    visit("throttled", o.throttled);
    visit("failing", o.failing);
    visit("lost", o.lost);
    visit("stale", o.stale);
    visit("slowest-answer", o.slowest_answer);
    visit("calm-after", o.calm_after);
    visit("slow", o.slow);
    visit("never-healthy", o.never_healthy);
    visit("sickening", o.sickening);
    visit("crashing", o.crashing);
    visit("failing-pulls", o.failing_pulls);
    visit("scalings", o.scalings);
    visit("autoscalings", o.autoscalings);
    visit("limit-changes", o.limit_changes);
    visit("protects", o.protects);
    visit("unprotects", o.unprotects);
    visit("deploys", o.deploys);
    visit("new-revision", o.new_revision);
    visit("deletes", o.deletes);
    visit("alarms", o.alarms);
    visit("aborts", o.aborts);
    visit("interrupts", o.interrupts);
    visit("second-recyclers", o.second_recyclers);
    visit("shortages", o.shortages);
    visit("deployment-alarm", o.deployment_alarm);
    visit("circuit-breaker", o.circuit_breaker);
    visit("crashes", o.crashes);
    visit("power-cuts", o.power_cuts);
    visit("full-disk", o.full_disk);
    visit("clock-offset", o.clock_offset);
    visit("clock-jumps", o.clock_jumps);
    visit("resumed-by-person", o.resumed_by_person);
    visit("begun-anew", o.begun_anew);
}

Options draw(std::uint64_t seed);

// The longest that an undisturbed run may take.
Millis longest_run(const Options& options);

} // namespace ecsr::simulation
