#include "base/json_names.hpp"

namespace ecsr::json {

namespace {

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

} // namespace

std::string to_camel_case(std::string_view snake) {
    std::string out;
    bool word_begins = false;
    for (const char c : snake) {
        if (c == '_') {
            word_begins = true;
            continue;
        }
        out += word_begins ? upper(c) : c;
        word_begins = false;
    }
    return out;
}

std::string to_pascal_case(std::string_view snake) {
    std::string out = to_camel_case(snake);
    if (!out.empty()) { out[0] = upper(out[0]); }
    return out;
}

std::string to_snake_case(std::string_view pascal) {
    std::string out;
    for (const char c : pascal) {
        if (is_upper(c) && !out.empty()) { out += '_'; }
        out += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string SnakeCase::member(std::string_view name) {
    if (name.ends_with('_')) { name.remove_suffix(1); }
    return std::string(name);
}

} // namespace ecsr::json
