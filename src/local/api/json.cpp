#include "local/api/json.hpp"

#include "base/error.hpp"
#include "base/json_text.hpp"

#include <fmt/format.h>
#include <iterator>

namespace ecsr::local::wire {

namespace {

void append(std::string& out, const json::value& value) {
    switch (value.kind()) {
    case json::kind::object: {
        out += '{';
        for (const auto& [name, member] : value.get_object()) {
            if (out.back() != '{') { out += ','; }
            ecsr::json::append_quoted(out, {name.data(), name.size()});
            out += ':';
            append(out, member);
        }
        out += '}';
        break;
    }
    case json::kind::array: {
        out += '[';
        bool first = true;
        for (const auto& item : value.get_array()) {
            if (!first) { out += ','; }
            first = false;
            append(out, item);
        }
        out += ']';
        break;
    }
    case json::kind::string: {
        const auto& text = value.get_string();
        ecsr::json::append_quoted(out, {text.data(), text.size()});
        break;
    }
    case json::kind::int64: fmt::format_to(std::back_inserter(out), "{}", value.get_int64()); break;
    case json::kind::uint64: fmt::format_to(std::back_inserter(out), "{}", value.get_uint64()); break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::null: out += "null"; break;
    case json::kind::double_: fmt::format_to(std::back_inserter(out), "{}", value.get_double()); break;
    }
}

} // namespace

std::string to_text(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

json::object parse_document(std::string_view document) {
    if (document.empty()) { return {}; }
    json::error_code error;
    json::value value = json::parse({document.data(), document.size()}, error);
    ECSR_ASSERT(!error && value.is_object());
    return std::move(value.get_object());
}

json::array to_array(const std::vector<std::string>& texts) {
    json::array array;
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
