// The journal's file: created so that nobody but its owner can read it.
#pragma once

#include "base/error.hpp"

#include <string>

namespace ecsr::act {

// Makes sure that there is a file at `path`: mode 0600, missing folders above it 0700. An existing file keeps its mode.
// Safe against other processes that do the same. Error Io.
Status ensure_private_file(const std::string& path);

} // namespace ecsr::act
