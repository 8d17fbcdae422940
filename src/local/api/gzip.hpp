// Request bodies that clients compress (Content-Encoding: gzip), as PutMetricData's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local::wire {

// Nothing: it is no gzip data, ends too early, or is larger than `most` bytes.
std::optional<std::string> gunzip(std::string_view data, std::size_t most);

} // namespace ecsr::local::wire
