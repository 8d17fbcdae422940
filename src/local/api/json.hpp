// JSON helpers of this room. Included from .cpp files of local/api alone.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local::wire {

namespace json = boost::json;

// As AWS writes it: plain decimal numbers (Boost writes every double with an exponent).
std::string to_text(const json::value& value);

// A `document` member of the State back as an object; the State keeps only what to_text made of an object.
json::object parse_document(std::string_view document, const json::storage_ptr& storage = {});

json::array to_array(const std::vector<std::string>& texts);

// [{"key": "a", "value": "b"}, ...], with the member names of the service.
json::array tags_array(const std::map<std::string, std::string>& tags, std::string_view key_name,
                       std::string_view value_name);

// Adds the member when there is something to say: a set optional, a text that is not empty.
template <typename T>
void put(json::object& object, std::string_view name, const std::optional<T>& value) {
    if (value) { object[name] = *value; }
}
void put(json::object& object, std::string_view name, const std::string& text);

// Copies those of `names` that `from` has and that are not null.
void copy_members(const json::object& from, json::object& to, const std::vector<std::string_view>& names);

} // namespace ecsr::local::wire
