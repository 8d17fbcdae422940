#include "tests/simulation/options.hpp"

namespace ecsr::simulation {

namespace {

bool chance(Random& random, int percent) {
    return random.between(0, 99) < percent;
}

Millis span(Random& random, int low_seconds, int high_seconds) {
    return Seconds(random.between(low_seconds, high_seconds));
}

// Nothing most of the time, else up to `most`.
int sometimes(Random& random, int percent, int most) {
    const bool drawn = chance(random, percent);
    const auto value = static_cast<int>(random.between(1, most));
    return drawn ? value : 0;
}

void draw_service(Random& random, Options& options) {
    options.tasks = static_cast<int>(random.between(1, chance(random, 80) ? 5 : 12));
    options.load_balancer = chance(random, 65);
    options.container_check = chance(random, 25);
    options.scalable_target = chance(random, 40);
    options.startup = span(random, 0, chance(random, 80) ? 20 : 90);
    options.drain = span(random, 0, chance(random, 80) ? 15 : 120);
    options.check_interval = span(random, 5, 30);
    options.ignore_sigterm = chance(random, 15);
    options.stop_timeout = span(random, 2, 30);
    options.slowest_decision = chance(random, 70) ? Millis(random.between(1, 2'000)) : span(random, 2, 15);
    options.stop_task_drains = chance(random, 30);
    options.stopping_uses_headroom = chance(random, 30);
}

void draw_run(Random& random, Options& options) {
    if (chance(random, 10)) { options.strategy = Strategy::ForceDeployment; }
    if (chance(random, 50)) { options.method = chance(random, 50) ? Drain::ScaleIn : Drain::StopTask; }
    constexpr Order orders[] = {Order::Oldest, Order::Newest, Order::Az, Order::Random};
    options.order = orders[random.between(0, 3)];
    options.batch = static_cast<int>(random.between(1, std::int64_t{options.tasks} / 2 + 1));
    options.surge = chance(random, 70) ? options.batch : static_cast<int>(random.between(1, options.batch));
    if (options.tasks > 1) { options.max_unavailable = sometimes(random, 15, options.tasks - 1); }
    if (chance(random, 20)) { options.wait = span(random, 1, 60); }
    if (chance(random, 8)) { options.timeout = span(random, 20, 600); }
    options.alarm = chance(random, 30);
    options.wait_for_protection = chance(random, 10);
}

void draw_network(Random& random, Options& options) {
    options.slowest_answer = Millis(random.between(1, chance(random, 80) ? 200 : 3'000));
    options.calm_after = span(random, 30, 900);
    options.throttled = sometimes(random, 40, 150);
    options.failing = sometimes(random, 40, 80);
    options.lost = sometimes(random, 40, 80);
    options.stale = sometimes(random, 40, 400);
}

void draw_tasks(Random& random, Options& options) {
    options.slow = sometimes(random, 15, 500);
    options.never_healthy = sometimes(random, 10, 300);
    options.sickening = sometimes(random, 10, 300);
    options.crashing = sometimes(random, 10, 300);
    options.failing_pulls = sometimes(random, 10, 300);
}

void draw_others(Random& random, Options& options) {
    options.scalings = sometimes(random, 35, 4);
    options.autoscalings = sometimes(random, 50, 4);
    options.limit_changes = sometimes(random, 20, 2);
    options.protects = chance(random, 25);
    options.unprotects = chance(random, 10);
    options.deploys = chance(random, 5);
    options.new_revision = chance(random, 4);
    options.deletes = chance(random, 4);
    options.alarms = sometimes(random, 40, 2);
    options.aborts = chance(random, 12);
    options.interrupts = sometimes(random, 12, 2);
    options.second_recyclers = sometimes(random, 30, 3);
}

void draw_machine(Random& random, Options& options) {
    options.crashes = sometimes(random, 35, 3);
    options.power_cuts = sometimes(random, 25, 3);
    options.full_disk = chance(random, 10);
    if (chance(random, 15)) { options.clock_offset = span(random, -7'200, 7'200); }
    options.clock_jumps = sometimes(random, 15, 3);
}

// From numbers of its own, so that a seed stays the run that it was when options are added here.
void draw_later_options(Options& options) {
    Random random(options.seed * 5 + 2);
    options.resumed_by_person = chance(random, 60);
    options.pauses = chance(random, 40);
    options.shortages = sometimes(random, 12, 2);
    options.deployment_alarm = chance(random, 30) && options.alarm;
    options.circuit_breaker = chance(random, 20);
    options.begun_anew = chance(random, 10);
}

} // namespace

Options draw(std::uint64_t seed) {
    Random random(seed);
    Options options;
    options.seed = seed;
    draw_service(random, options);
    draw_run(random, options);
    draw_network(random, options);
    draw_tasks(random, options);
    draw_others(random, options);
    draw_machine(random, options);
    draw_later_options(options);
    return options;
}

Millis longest_run(const Options& o) {
    const Millis to_healthy = 3 * o.startup + 3 * o.check_interval + Seconds(60);
    const Millis to_gone = o.drain + o.stop_timeout + Seconds(60);
    const Millis decisions = 6 * o.slowest_decision + 60 * o.slowest_answer;
    const Millis batch = 2 * (to_healthy + to_gone + decisions) + o.wait;
    // Every other person may add tasks, so that there are more batches than tasks.
    return batch * (o.tasks + o.scalings + o.autoscalings + 3) + std::chrono::minutes(30);
}

} // namespace ecsr::simulation
