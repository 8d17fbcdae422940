// An error as the JSON document that a command prints when it has no other result.
#pragma once

#include "base/error.hpp"

#include <string>

namespace ecsr::tell {

// {"error": {"kind": "not_found", "code": "ClusterNotFoundException", "message": "..."}}
std::string error_json(const Error& error);

} // namespace ecsr::tell
