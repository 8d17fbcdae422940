// The journal's file: created so that nobody but its owner can read it.
#pragma once

#include "base/error.hpp"

#include <functional>
#include <string>

namespace ecsr::act {

// Makes sure that there is a file at `path`: mode 0600, missing folders above it 0700. A new one is filled under
// another name and appears whole, so that nobody sees it half made; of several processes that do this at once, one
// wins. An existing file is left as it is. Error Io, and those of `fill`.
Status ensure_private_file(const std::string& path, const std::function<Status(const std::string& temporary)>& fill);

} // namespace ecsr::act
