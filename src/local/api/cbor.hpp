// Bodies of the rpc-v2-cbor protocol as the trees that JSON bodies are (ECS behaviour A5). Included from .cpp files of
// local/api alone.
#pragma once

#include "local/api/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local::wire {

// A moment in an answer: CBOR marks it as one (tag 1), which a tree of JSON cannot.
json::value cbor_time(double seconds);

std::string to_cbor(const json::object& body);

// Nothing: it is no CBOR map, or holds what JSON has no form for. Tags are left out, so that a moment is its seconds.
std::optional<json::object> parse_cbor(std::string_view body);

} // namespace ecsr::local::wire
