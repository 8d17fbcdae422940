// Text that is kept small (zlib, RFC 1950).
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace ecsr::act {

std::string compress(std::string_view text);
// Error Io: damaged or cut short, or more than `most` bytes of text.
Result<std::string> decompress(std::string_view bytes, std::size_t most);

} // namespace ecsr::act
