// References to environment variables in a value. Internal to config/.
#pragma once

#include "config/document.hpp"

#include <optional>
#include <string>

namespace ecsr::config {

struct Place {
    int line = 0;
    const std::string& field;
};

// `text` with every "${NAME}" and "${NAME:-default}" replaced; the default counts where the variable is not set or
// empty. "$$" is a dollar sign; any other "$" stands for itself. A variable that is not set and a reference that is not
// closed are problems; nothing is returned then.
std::optional<std::string> fill_references(const std::string& text, const Variables& variables, const Place& place,
                                           Problems& problems);

} // namespace ecsr::config
