#include "tests/simulation/options.hpp"

#include <fmt/format.h>

namespace ecsr::simulation {

namespace {

bool chance(Random& random, int percent) {
    return random.between(0, 99) < percent;
}

Millis span(Random& random, int low_seconds, int high_seconds) {
    return Seconds(random.between(low_seconds, high_seconds));
}

void draw_service(Random& random, Options& options) {
    options.tasks = static_cast<int>(random.between(1, chance(random, 80) ? 5 : 12));
    options.load_balancer = chance(random, 65);
    options.scalable_target = chance(random, 40);
    options.startup = span(random, 0, chance(random, 80) ? 20 : 90);
    options.drain = span(random, 0, chance(random, 80) ? 15 : 120);
    options.check_interval = span(random, 5, 30);
    options.ignore_sigterm = chance(random, 15);
    options.stop_timeout = span(random, 2, 30);
    options.slowest_decision = chance(random, 70) ? Millis(random.between(1, 2'000)) : span(random, 2, 15);
    options.stop_task_drains = chance(random, 30);
}

void draw_run(Random& random, Options& options) {
    if (chance(random, 10)) { options.strategy = Strategy::ForceDeployment; }
    if (chance(random, 50)) { options.method = chance(random, 50) ? Drain::ScaleIn : Drain::StopTask; }
    options.batch = static_cast<int>(random.between(1, std::int64_t{options.tasks} / 2 + 1));
    options.surge = chance(random, 70) ? options.batch : static_cast<int>(random.between(1, options.batch));
    if (chance(random, 20)) { options.wait = span(random, 1, 60); }
}

void draw_trouble(Random& random, Options& options) {
    options.slowest_answer = Millis(random.between(1, chance(random, 80) ? 200 : 3'000));
    options.calm_after = span(random, 30, 900);
    if (chance(random, 40)) { options.throttled = static_cast<int>(random.between(1, 150)); }
    if (chance(random, 40)) { options.failing = static_cast<int>(random.between(1, 80)); }
    if (chance(random, 40)) { options.lost = static_cast<int>(random.between(1, 80)); }
    if (chance(random, 40)) { options.stale = static_cast<int>(random.between(1, 400)); }
    if (chance(random, 40)) { options.scalings = static_cast<int>(random.between(1, 4)); }
    options.protects = chance(random, 25);
    options.deploys = chance(random, 7);
    options.aborts = chance(random, 15);
    if (chance(random, 30)) { options.second_recyclers = static_cast<int>(random.between(1, 3)); }
    if (chance(random, 40)) { options.crashes = static_cast<int>(random.between(1, 3)); }
}

} // namespace

Options draw(std::uint64_t seed) {
    Random random(seed);
    Options options;
    options.seed = seed;
    draw_service(random, options);
    draw_run(random, options);
    draw_trouble(random, options);
    return options;
}

std::string describe(const Options& o) {
    return fmt::format(
        "seed={} tasks={} load-balancer={} scalable-target={} startup={} drain={} check={} "
        "ignore-sigterm={} stop-timeout={} decision={} stop-task-drains={} strategy={} method={} "
        "batch={} surge={} wait={} throttled={} failing={} lost={} stale={} answer={} calm={} "
        "scalings={} protects={} deploys={} aborts={} second={} crashes={}",
        o.seed, o.tasks, o.load_balancer, o.scalable_target, format_duration(o.startup), format_duration(o.drain),
        format_duration(o.check_interval), o.ignore_sigterm, format_duration(o.stop_timeout),
        format_duration(o.slowest_decision), o.stop_task_drains, to_string(o.strategy), to_string(o.method), o.batch,
        o.surge, format_duration(o.wait), o.throttled, o.failing, o.lost, o.stale, format_duration(o.slowest_answer),
        format_duration(o.calm_after), o.scalings, o.protects, o.deploys, o.aborts, o.second_recyclers, o.crashes);
}

Millis longest_run(const Options& o) {
    const Millis to_healthy = o.startup + 2 * o.check_interval + Seconds(60);
    const Millis to_gone = o.drain + o.stop_timeout + Seconds(60);
    const Millis decisions = 6 * o.slowest_decision + 60 * o.slowest_answer;
    const Millis batch = 2 * (to_healthy + to_gone + decisions) + o.wait;
    // Every other person may add tasks, so that there are more batches than tasks.
    return batch * (o.tasks + o.scalings + 3) + std::chrono::minutes(30);
}

} // namespace ecsr::simulation
