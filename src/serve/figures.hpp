// What the daemon counts, and how it is shown at /metrics.
#pragma once

#include "base/time.hpp"
#include "serve/places.hpp"
#include "serve/roster.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::serve {

// Upper bounds of the histogram of run durations.
inline constexpr std::array<Seconds, 9> duration_buckets{Seconds(30),   Seconds(60),    Seconds(300),
                                                         Seconds(600),  Seconds(1800),  Seconds(3600),
                                                         Seconds(7200), Seconds(14400), Seconds(28800)};

// Not thread-safe: guarded by its owner.
struct Figures {
    std::map<std::pair<std::string, std::string>, std::int64_t> runs;    // (trigger, outcome)
    std::array<std::int64_t, duration_buckets.size()> duration_counts{}; // each with those of the shorter ones
    std::int64_t durations = 0;
    Millis duration_sum{0};
    std::int64_t tasks_recycled = 0;
    std::int64_t fires_passed = 0;
    bool last_reload_successful = true;
    Instant last_reload_success_at{};
    Instant started_at{};

    struct Discovery {
        std::int64_t failures = 0;
        std::optional<Instant> last_success_at;
        std::string last_error; // of the last one, if it failed
    };
    std::map<std::pair<std::string, std::string>, Discovery> discoveries; // (account, region)

    void count_run(std::string_view trigger, std::string_view outcome, Millis duration, std::size_t recycled);
};

struct MetricsInput {
    const Figures& figures;
    const Roster& roster;
    const std::vector<Place>& places;
    bool read_only = false;
    std::string version;
};

std::string metrics_text(const MetricsInput& input);

} // namespace ecsr::serve
