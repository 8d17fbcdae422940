#include "base/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/core.h>

namespace ecsr::json {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// The same for eight characters at once: a byte is not plain where the highest bit of one of the terms is set.
bool are_plain(const char* eight) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t highest = 0x80 * ones;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const auto is_zero_somewhere = [](std::uint64_t each) { return (each - ones) & ~each; };
    const std::uint64_t below_blank = (bytes - 0x20 * ones) & ~bytes;
    return ((bytes | below_blank | is_zero_somewhere(bytes ^ (0x22 * ones)) |
             is_zero_somewhere(bytes ^ (0x5C * ones))) &
            highest) == 0;
}

std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (text.size() - length >= 8 && are_plain(text.data() + length)) { length += 8; }
    // Fewer than eight are left: some of the last eight are looked at twice.
    if (length > 0 && text.size() - length < 8 && are_plain(text.data() + text.size() - 8)) { return text.size(); }
    while (length < text.size() && is_plain(text[length])) { ++length; }
    return length;
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Length of the UTF-8 sequence at the start of `text`, 0 if it is not one (over-long forms, surrogates, cut off).
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || text.size() < length) { return 0; }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) { return 0; }
    }
    if (length < 3) { return length; }
    const auto second = static_cast<unsigned char>(text[1]);
    const bool refused = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                         (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
    return refused ? 0 : length;
}

void append_ascii(std::string& out, char c) {
    switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
        out += c;
    }
}

} // namespace

std::string quote(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    append_quoted(out, text);
    return out;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        // Nearly all text is plain: as much of it as there is at once.
        const std::size_t plain = plain_length(text);
        out.append(text.data(), plain);
        text.remove_prefix(plain);
        if (text.empty()) { break; }
        const std::size_t length = sequence_length(text);
        if (length == 1) {
            append_ascii(out, text[0]);
        } else {
            out += length == 0 ? replacement_character : text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

std::string inside_quotes(std::string_view text) {
    const std::string quoted = quote(text);
    return quoted.substr(1, quoted.size() - 2);
}

std::string number(double value) {
    if (!std::isfinite(value)) { return "null"; }
    const double magnitude = std::abs(value);
    const bool plain = magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e17);
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific);
    return {buffer.data(), end.ptr};
}

} // namespace ecsr::json
