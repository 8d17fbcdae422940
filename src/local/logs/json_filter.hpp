// "{ $.level = "error" }": filter patterns on log events that are JSON objects. Internal to this folder.
#pragma once

#include "base/error.hpp"

#include <functional>
#include <string_view>

namespace ecsr::local {

// `text` from "{" to "}". Error: Usage.
Result<std::function<bool(std::string_view message)>> parse_json_filter(std::string_view text);

} // namespace ecsr::local
