#include "local/api/xml.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\r': out += "&#13;"; break;
        default:
            // XML 1.0 has no way to write the other control characters.
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') { out += c; }
        }
    }
    return out;
}

void append(std::string& out, const json::value& value);

void append_element(std::string& out, std::string_view name, const json::value& value) {
    out += '<';
    out += name;
    out += '>';
    append(out, value);
    out += "</";
    out += name;
    out += '>';
}

// The entries of a map stand side by side.
void append_members(std::string& out, const json::object& object) {
    for (const auto& [key, member] : object) {
        if (key == "entry" && member.is_array()) {
            for (const auto& entry : member.get_array()) { append_element(out, "entry", entry); }
        } else {
            append_element(out, {key.data(), key.size()}, member);
        }
    }
}

void append(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        append_members(out, *object);
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) { append_element(out, "member", item); }
    } else if (const auto* text = value.if_string()) {
        out += escape({text->data(), text->size()});
    } else if (!value.is_null()) {
        out += to_text(value);
    }
}

std::string content(const json::object& result) {
    std::string out;
    append_members(out, result);
    return out;
}

} // namespace

std::string xml_result(std::string_view operation, std::string_view xml_namespace, const json::object& result,
                       std::string_view request_id) {
    return fmt::format(
        "<{0}Response xmlns=\"{1}\"><{0}Result>{2}</{0}Result><ResponseMetadata><RequestId>{3}</RequestId>"
        "</ResponseMetadata></{0}Response>\n",
        operation, xml_namespace, content(result), request_id);
}

std::string xml_error(const ApiError& error, std::string_view xml_namespace, std::string_view request_id) {
    return fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>"
                       "<RequestId>{}</RequestId></ErrorResponse>\n",
                       xml_namespace, error.http_status < 500 ? "Sender" : "Receiver", escape(error.code),
                       escape(error.message), request_id);
}

} // namespace ecsr::local::wire
