#include "base/compression.hpp"

#include <fmt/format.h>
#include <zlib.h>

namespace ecsr {

std::string compress(std::string_view text) {
    uLongf size = compressBound(static_cast<uLong>(text.size()));
    std::string bytes(size, '\0');
    // The fastest: what it mostly compresses are random identifiers, of which better levels make hardly less.
    const int done =
        compress2(reinterpret_cast<Bytef*>(bytes.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                  static_cast<uLong>(text.size()), Z_BEST_SPEED);
    ECSR_ASSERT(done == Z_OK);
    bytes.resize(size);
    return bytes;
}

Result<std::string> decompress(std::string_view bytes, std::size_t most, Envelope envelope) {
    constexpr int with_gzip_header = 16;
    z_stream stream{};
    const int window_bits = MAX_WBITS + (envelope == Envelope::Gzip ? with_gzip_header : 0);
    if (inflateInit2(&stream, window_bits) != Z_OK) { return fail(ErrorKind::Io, "no memory to decompress it"); }
    std::string input(bytes); // zlib's interface takes no const data
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string text;
    char buffer[16'384];
    int status = Z_OK;
    while (status == Z_OK && text.size() <= most) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        status = inflate(&stream, Z_NO_FLUSH);
        text.append(buffer, sizeof buffer - stream.avail_out);
    }
    inflateEnd(&stream);
    if (text.size() > most) { return fail(ErrorKind::Io, fmt::format("more than {} bytes, decompressed", most)); }
    if (status != Z_STREAM_END) { return fail(ErrorKind::Io, "cannot be decompressed"); }
    return text;
}

} // namespace ecsr
