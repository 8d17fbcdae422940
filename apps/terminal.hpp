// The terminal, or what stands in its place.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace ecsr::apps {

bool is_terminal(int descriptor);

// Width of the terminal at `descriptor`; 80 when it has none.
int columns(int descriptor);

// One line of standard input without its end; nothing at its end or when `stop` is requested. One caller at a time.
std::optional<std::string> read_line(const std::stop_token& stop);

} // namespace ecsr::apps
