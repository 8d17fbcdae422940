#include "local/api/json.hpp"

#include "base/error.hpp"
#include "local/state/json_line.hpp"

namespace ecsr::local::wire {

std::string to_text(const json::value& value) {
    return json_line(value);
}

json::object parse_document(std::string_view document, const json::storage_ptr& storage) {
    if (document.empty()) { return json::object(storage); }
    json::error_code error;
    json::value value = json::parse({document.data(), document.size()}, error, storage);
    ECSR_ASSERT(!error && value.is_object());
    return std::move(value.get_object());
}

json::array to_array(const std::vector<std::string>& texts) {
    json::array array;
    array.reserve(texts.size());
    for (const auto& text : texts) { array.emplace_back(text); }
    return array;
}

json::array tags_array(const std::map<std::string, std::string>& tags, std::string_view key_name,
                       std::string_view value_name) {
    json::array array;
    for (const auto& [key, value] : tags) {
        json::object tag;
        tag[key_name] = key;
        tag[value_name] = value;
        array.emplace_back(std::move(tag));
    }
    return array;
}

void put(json::object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) { object[name] = text; }
}

void copy_members(const json::object& from, json::object& to, const std::vector<std::string_view>& names) {
    for (const auto name : names) {
        const auto* member = from.if_contains(name);
        if (member != nullptr && !member->is_null()) { to[name] = *member; }
    }
}

} // namespace ecsr::local::wire
