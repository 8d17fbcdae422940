#include "cli/demo/watch.hpp"

#include <algorithm>

namespace ecsr::cli {

namespace {

constexpr Millis look_every{500};

} // namespace

Watch::Watch(Scene& scene, const StagedService& service, Clock& clock, int healthy)
    : scene_(scene), service_(service), clock_(clock), seen_{.lowest_healthy = healthy, .trouble = {}},
      thread_([this](const std::stop_token& stop) { look_all_the_time(stop); }) {}

Sightings Watch::sightings() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
}

void Watch::look_all_the_time(const std::stop_token& stop) {
    do {
        const auto looked = look(stop);
        if (!looked && !stop.stop_requested()) {
            const std::scoped_lock lock(mutex_);
            if (!seen_.trouble) { seen_.trouble = looked.error(); }
        }
    } while (clock_.sleep_until(clock_.now() + look_every, stop));
}

Status Watch::look(const std::stop_token& stop) {
    const auto healthy = scene_.healthy_targets(service_, stop);
    if (!healthy) { return std::unexpected(healthy.error()); }
    const auto memory = scene_.memory(service_, stop);
    if (!memory) { return std::unexpected(memory.error()); }
    const std::scoped_lock lock(mutex_);
    seen_.lowest_healthy = std::min(seen_.lowest_healthy, *healthy);
    for (const auto& task : *memory) { seen_.highest_memory = std::max(seen_.highest_memory, task.bytes); }
    return {};
}

} // namespace ecsr::cli
