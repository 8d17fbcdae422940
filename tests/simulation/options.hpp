// What one simulated run is made of: everything is drawn from its seed.
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
    bool scalable_target = false;
    Millis startup{0};
    Millis drain{0};
    Millis check_interval{0};
    bool ignore_sigterm = false;
    Millis stop_timeout{0};
    Millis slowest_decision{0}; // of the scheduler
    bool stop_task_drains = false;

    // the run
    Strategy strategy = Strategy::Rolling;
    Drain method = Drain::Auto;
    int batch = 1;
    int surge = 1;
    Millis wait{0};

    // the network, in per mille of the calls, until `calm_after`
    int throttled = 0;
    int failing = 0;
    int lost = 0;
    int stale = 0;
    Millis slowest_answer{0};
    Millis calm_after{0};

    // others, until `calm_after`
    int scalings = 0; // by a person or an autoscaler
    bool protects = false;
    bool deploys = false;
    bool aborts = false;
    int second_recyclers = 0;
    int crashes = 0;
};

Options draw(std::uint64_t seed);

// One line: "seed=7 tasks=3 ...".
std::string describe(const Options& options);

// The longest that an undisturbed run may take.
Millis longest_run(const Options& options);

} // namespace ecsr::simulation
