// Texts with "*" in them, for filter patterns and event patterns.
#pragma once

#include <string_view>

namespace ecsr::local {

// "*" stands for any text, also for none; "\*" and "\\" for themselves. Takes no longer than the product of the
// lengths.
bool matches_wildcards(std::string_view pattern, std::string_view text);

} // namespace ecsr::local
