// Reads recycler.yaml.
#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::config {

struct Loaded {
    std::optional<Settings> settings; // nothing when there is a problem
    std::vector<Problem> problems;    // every one, in the order of the lines
};

// Pure. `variables` gives the value of an environment variable, or nothing when it is not set.
Loaded load(std::string_view text, const std::function<std::optional<std::string>(const std::string& name)>& variables);

// The keys of every section that load() knows: "" is the top level, "services" an item of it. What the JSON schema
// must know too.
std::map<std::string, std::vector<std::string>> known_keys();

} // namespace ecsr::config
