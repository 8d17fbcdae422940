// What a person may answer to "Proceed with batch 2 of 3?": the grammar of `nomad job restart`.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <string_view>

namespace ecsr::run {

inline constexpr const char* answer_hint = "[Y/n/<wait duration>]";

struct Answer {
    bool proceed = true;
    Millis wait{0};    // before it proceeds
    bool given = true; // false: nobody answered
};

// "", "y", "yes": proceed. "n", "no": stop. "30s", "5m": proceed after that time. In any case, spaces around ignored.
// Error Usage: what is allowed.
Result<Answer> parse_answer(std::string_view line);

} // namespace ecsr::run
