// What a recycle is expected to cost, before it is run.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ecsr {

// Over all simulated runs: the middle one's duration with the shortest and the longest; the worst of the rest.
struct Prediction {
    Millis duration{0};
    Millis shortest{0};
    Millis longest{0};
    int lowest_healthy = 0;
    int extra_tasks = 0; // most tasks beyond the desired count that exist at once, draining ones included
    std::int64_t api_calls = 0;
    int simulated_runs = 0;
};

struct Forecast {
    std::optional<Prediction> predicted;
    std::string not_predicted;      // why, when there is none
    std::vector<std::string> risks; // what could make the run go another way, one line each
};

} // namespace ecsr
