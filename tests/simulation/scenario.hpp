// A run with a name and a story: options by name, one a line, that override what the seed draws.
//
//   # Why this scenario exists: lines of story.
//   seed = 4711
//   tasks = 3
//   strategy = rolling
#pragma once

#include "base/error.hpp"
#include "tests/simulation/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::simulation {

struct Scenario {
    std::string name;
    std::string story;
    Options options;
};

// Error Usage: one line that names the file, the line, and what is allowed there.
Result<Scenario> parse_scenario(const std::string& name, std::string_view text);
// One file; its name without ".scenario" is the scenario's.
Result<Scenario> read_scenario(const std::string& path);
// Those of a folder, by name.
Result<std::vector<Scenario>> read_scenarios(const std::string& folder);

// All options as the lines of a scenario file.
std::string to_lines(const Options& options);
// The same in one line: "seed=7 tasks=3 ...".
std::string describe(const Options& options);

} // namespace ecsr::simulation
