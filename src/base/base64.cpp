#include "base/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace ecsr {

namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int value_of(char digit) {
    if (digit >= 'A' && digit <= 'Z') { return digit - 'A'; }
    if (digit >= 'a' && digit <= 'z') { return digit - 'a' + 26; }
    if (digit >= '0' && digit <= '9') { return digit - '0' + 52; }
    if (digit == '+') { return 62; }
    return digit == '/' ? 63 : -1;
}

} // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = (group << 8U) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= count ? digits[(group >> (18U - 6U * static_cast<unsigned>(k))) & 63U] : '=';
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) { return std::nullopt; }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char digit : text) {
        const int value = value_of(digit);
        if (value < 0) { return std::nullopt; }
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) { continue; }
        bits -= 8;
        bytes += static_cast<char>((group >> bits) & 255U);
    }
    return bytes;
}

} // namespace ecsr
