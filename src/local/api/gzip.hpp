// Request bodies that clients compress (Content-Encoding: gzip), as PutMetricData's.
#pragma once

#include "base/http.hpp"

#include <optional>
#include <string>

namespace ecsr::local::wire {

// The body as the client wrote it before it was compressed. Nothing: it is no gzip data though it is said to be, or
// more than 4 MiB.
std::optional<std::string> plain_body(const HttpRequest& request);

} // namespace ecsr::local::wire
