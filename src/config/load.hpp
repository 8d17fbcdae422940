// Reads recycler.yaml.
#pragma once

#include "base/error.hpp"
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

// What a configuration may refer to.
struct Surroundings {
    // The value of an environment variable; nothing when it is not set.
    std::function<std::optional<std::string>(const std::string& name)> variables;
    // The whole file, for holidays; a path that is not absolute is meant from the configuration's folder. Errors: one
    // line that names it.
    std::function<Result<std::string>(const std::string& path)> read_file = {};
};

Loaded load(std::string_view text, const Surroundings& surroundings);

// The keys of every section that load() knows: "" is the top level, "services" an item of it. What the JSON schema
// must know too.
std::map<std::string, std::vector<std::string>> known_keys();

} // namespace ecsr::config
