// Request bodies that clients compress (Content-Encoding: gzip), as PutMetricData's.
#pragma once

#include "base/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local::wire {

// Nothing: it is no gzip data, ends too early, or is larger than `most` bytes.
std::optional<std::string> gunzip(std::string_view data, std::size_t most);

// The body as the client wrote it before it was compressed. Nothing: it is no gzip data though it is said to be, or
// more than 4 MiB.
std::optional<std::string> plain_body(const HttpRequest& request);

} // namespace ecsr::local::wire
