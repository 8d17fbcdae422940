#include "local/api/gzip.hpp"

#include "base/compression.hpp"

namespace ecsr::local::wire {

std::optional<std::string> plain_body(const HttpRequest& request) {
    static constexpr std::size_t longest = 4U << 20U;
    if (find_header(request.headers, "Content-Encoding") != "gzip") { return request.body; }
    auto body = decompress(request.body, longest, Envelope::Gzip);
    return body ? std::optional(std::move(*body)) : std::nullopt;
}

} // namespace ecsr::local::wire
