// Text that is kept or sent small (zlib).
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ecsr {

// What stands around the compressed bytes.
enum class Envelope {
    Zlib, // RFC 1950
    Gzip, // RFC 1952
};

// In the envelope of zlib.
std::string compress(std::string_view text);
// Error Io: not of this envelope, damaged or cut short, or more than `most` bytes of text.
Result<std::string> decompress(std::string_view bytes, std::size_t most, Envelope envelope = Envelope::Zlib);

} // namespace ecsr
