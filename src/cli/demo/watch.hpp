// Looks at a service from outside all the time: the fewest healthy targets and the most memory that were ever seen.
#pragma once

#include "base/clock.hpp"
#include "cli/demo/scene.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace ecsr::cli {

struct Sightings {
    int lowest_healthy = 0;
    std::uint64_t highest_memory = 0;
    std::optional<Error> trouble; // a look that failed: the other figures may miss something
};

class Watch {
public:
    // Looks until destruction. `healthy` is what was seen before.
    Watch(Scene& scene, const StagedService& service, Clock& clock, int healthy);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    Sightings sightings() const;

private:
    void look_all_the_time(const std::stop_token& stop);
    Status look(const std::stop_token& stop);

    Scene& scene_;
    const StagedService service_;
    Clock& clock_;
    mutable std::mutex mutex_;
    Sightings seen_;      // guarded by mutex_
    std::jthread thread_; // last: ends first
};

} // namespace ecsr::cli
