#include "tests/simulation/saboteurs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::simulation {

Saboteurs::Saboteurs(VirtualWorld& world, const Options& options, Random& random, Others& others, Marks& marks,
                     Means means)
    : world_(world), options_(options), random_(random), others_(others), marks_(marks), means_(std::move(means)) {
    const auto some_time = [&] { return world.now() + Millis(random_.between(1, options_.calm_after.count())); };
    for (int i = 0; i < options_.scalings; ++i) {
        plan_.emplace(some_time(), [this] { scale(); });
    }
    if (options_.protects) {
        plan_.emplace(some_time(), [this] { protect(); });
    }
    if (options_.deploys) {
        plan_.emplace(some_time(), [this] { deploy(); });
    }
    if (options_.aborts) {
        plan_.emplace(some_time(), [this] {
            if (!means_.abort()) { return; }
            ++marks_["abort asked"];
            means_.tell("others: abort asked");
            others_.abort_asked_at = world_.now();
        });
    }
    for (int i = 0; i < options_.second_recyclers; ++i) {
        plan_.emplace(some_time(), [this] {
            if (means_.recycle_too()) { ++marks_["second recycler refused"]; }
        });
    }
}

void Saboteurs::act(Instant now) {
    if (busy_) { return; } // what they do lets time go on
    busy_ = true;
    while (!plan_.empty() && plan_.begin()->first <= now) {
        const auto deed = std::move(plan_.begin()->second);
        plan_.erase(plan_.begin());
        deed();
    }
    busy_ = false;
}

void Saboteurs::scale() {
    const int present = world_.state().services.at({"c", "s"}).desired_count;
    int to = static_cast<int>(random_.between(1, std::int64_t{options_.tasks} + 3));
    if (others_.highest_desired) { to = std::min(to, *others_.highest_desired); }
    // Nobody can tell a count that is set to what a recycler had set, or had just replaced, from a read that lags.
    if (to == present || to == others_.written || to == others_.replaced) { return; }
    ++marks_[to > present ? "somebody scaled out" : "somebody scaled in"];
    means_.tell(fmt::format("others: desired count {} -> {}", present, to));
    others_.desired = to;
    others_.wrote_last = true;
    world_.ecs("UpdateService", fmt::format(R"({{"cluster":"c","service":"s","desiredCount":{}}})", to));
}

void Saboteurs::protect() {
    for (const auto& [id, task] : world_.state().tasks) {
        if (task.last_status != local::TaskStatus::Running || task.desired_status != local::TaskStatus::Running ||
            local::is_protected(task, world_.now())) {
            continue;
        }
        if (random_.between(0, 1) == 0) { continue; }
        ++marks_["somebody protected a task"];
        means_.tell("others: protect " + id);
        others_.protected_tasks.emplace(id, world_.now());
        world_.ecs(
            "UpdateTaskProtection",
            fmt::format(R"({{"cluster":"c","tasks":["{}"],"protectionEnabled":true,"expiresInMinutes":2880}})", id));
        return;
    }
}

void Saboteurs::deploy() {
    ++marks_["somebody deployed"];
    means_.tell("others: deploy");
    others_.deployed = true;
    world_.ecs("UpdateService", R"({"cluster":"c","service":"s","forceNewDeployment":true})");
}

} // namespace ecsr::simulation
