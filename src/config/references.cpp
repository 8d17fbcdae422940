#include "config/references.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::config {

namespace {

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && is_letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// What stands between the braces.
std::optional<std::string> look_up(std::string_view inside, const Variables& variables, const Place& place,
                                   Problems& problems) {
    const auto separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    if (!is_name(name)) {
        problems.add(place.line, place.field,
                     fmt::format("\"${{{}}}\" names no variable; allowed: ${{NAME}}, ${{NAME:-default}}, $$ for a "
                                 "dollar sign",
                                 inside));
        return std::nullopt;
    }
    const auto value = variables(name);
    if (separator == std::string_view::npos) {
        if (!value) {
            problems.add(
                place.line, place.field,
                fmt::format("the environment variable {} is not set; set it, or write ${{{}:-default}}", name, name));
        }
        return value;
    }
    return value && !value->empty() ? *value : std::string(inside.substr(separator + 2));
}

} // namespace

std::optional<std::string> fill_references(const std::string& text, const Variables& variables, const Place& place,
                                           Problems& problems) {
    std::string filled;
    bool whole = true;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view rest = std::string_view(text).substr(at);
        if (rest.starts_with("$$")) {
            filled += '$';
            at += 2;
        } else if (rest.starts_with("${")) {
            const auto end = rest.find('}');
            if (end == std::string_view::npos) {
                problems.add(place.line, place.field,
                             "\"${\" is not closed; allowed: ${NAME}, ${NAME:-default}, $$ "
                             "for a dollar sign");
                return std::nullopt;
            }
            const auto value = look_up(rest.substr(2, end - 2), variables, place, problems);
            whole = whole && value;
            filled += value.value_or("");
            at += end + 1;
        } else {
            filled += text[at++];
        }
    }
    return whole ? std::optional(filled) : std::nullopt;
}

} // namespace ecsr::config
