#include "local/api/gzip.hpp"

#include <zlib.h>

namespace ecsr::local::wire {

std::optional<std::string> gunzip(std::string_view data, std::size_t most) {
    static constexpr int with_gzip_header = MAX_WBITS + 16;
    z_stream stream{};
    if (inflateInit2(&stream, with_gzip_header) != Z_OK) { return std::nullopt; }
    std::string input(data); // zlib's interface takes no const data
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string out;
    char buffer[16'384];
    int status = Z_OK;
    while (status == Z_OK && out.size() <= most) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        status = inflate(&stream, Z_NO_FLUSH);
        out.append(buffer, sizeof buffer - stream.avail_out);
    }
    inflateEnd(&stream);
    if (status != Z_STREAM_END || out.size() > most) { return std::nullopt; }
    return out;
}

std::optional<std::string> plain_body(const HttpRequest& request) {
    static constexpr std::size_t longest = 4U << 20U;
    if (find_header(request.headers, "Content-Encoding") != "gzip") { return request.body; }
    return gunzip(request.body, longest);
}

} // namespace ecsr::local::wire
