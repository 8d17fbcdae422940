// The plane's own pages, next to the AWS APIs. Included from .cpp files of local/api alone.
#pragma once

#include "base/http.hpp"
#include "local/api/api.hpp"

#include <optional>

namespace ecsr::local::wire {

// Answers GET of "/", "/_local/health", "/_local/memory" and "/_local/messages"; nothing for any other request.
std::optional<HttpResponse> own_page(const HttpRequest& request, State& state, const Api::TaskMemory& task_memory);

} // namespace ecsr::local::wire
