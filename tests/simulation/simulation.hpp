// One simulated run: the real client, observer, gate, journal and runner against a local ECS on virtual time.
#pragma once

#include "tests/simulation/options.hpp"
#include "tests/simulation/wire.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ecsr::simulation {

struct Verdict {
    Options options;
    std::vector<std::string> broken; // empty: all invariants held
    std::vector<std::string> story;  // what the runs told, for a failing seed
    std::uint64_t last_random = 0;   // the same for the same options
    std::int64_t calls = 0;
    Millis virtual_time{0};
    Marks marks; // how often each rare branch was taken
};

Verdict simulate(const Options& options);

// Options as a scenario file has them, what was broken, and the story: for people.
std::string to_text(const Verdict& verdict);

} // namespace ecsr::simulation
