// What `config check` says about a file.
#pragma once

#include "config/load.hpp"

#include <string>

namespace ecsr::config {

// One line a problem, "FILE:LINE: field: what is wrong; what is allowed".
std::string problems_text(const std::string& file, const std::vector<Problem>& problems);

// What a file that is fine lets the daemon do, for people.
std::string settings_text(const std::string& file, const Settings& settings);

// {"file", "ok", "problems": [...], "watches": [...], ...}; for both outcomes.
std::string check_json(const std::string& file, const Loaded& loaded);

} // namespace ecsr::config
