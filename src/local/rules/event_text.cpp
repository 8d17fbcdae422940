#include "base/json_text.hpp"
#include "local/rules/json_event.hpp"

#include <fmt/format.h>
#include <iterator>

namespace ecsr::local {

namespace json = boost::json;

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

std::string event_text(const json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

} // namespace ecsr::local
