// Many simulated runs, on every core: seeds one after another, and scenarios.
#pragma once

#include "tests/simulation/scenario.hpp"
#include "tests/simulation/simulation.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ecsr::simulation {

struct CampaignOptions {
    std::vector<Scenario> scenarios; // run first
    std::uint64_t first = 1;
    std::uint64_t seeds = 0;
    unsigned threads = 1;
    std::chrono::seconds time_limit = std::chrono::hours(1'000); // no seed is begun after it
};

struct Campaign {
    std::int64_t runs = 0;
    std::int64_t calls = 0;
    Millis virtual_time{0};
    double seconds = 0; // real ones
    Marks marks;
    std::vector<std::string> failed; // "seed 17: what was broken", "scenario x: ..."
};

// `tell_failure` hears of each failure as it happens, from any thread but one at a time.
Campaign run_campaign(const CampaignOptions& options,
                      const std::function<void(const std::string& name, const Verdict& verdict)>& tell_failure);

// Branches that the runs of CI take at least once each: what is not simulated is not proven.
const std::vector<std::string>& expected_marks();
// Those of them that were never hit.
std::vector<std::string> missed_marks(const Marks& marks);

// Runs a second, calls, virtual hours, and how often each mark was hit.
std::string to_text(const Campaign& campaign);

} // namespace ecsr::simulation
