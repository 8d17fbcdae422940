#include "sigv4/sigv4.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <utility>
#include <vector>

namespace ecsr {

namespace {

constexpr std::string_view terminator = "aws4_request";

std::string to_hex(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> buffer{};
    unsigned int size = 0;
    ECSR_ASSERT(EVP_Digest(bytes.data(), bytes.size(), buffer.data(), &size, algorithm, nullptr) == 1);
    return std::string(buffer.begin(), buffer.begin() + size);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> buffer{};
    unsigned int size = 0;
    const std::basic_string<unsigned char> data(message.begin(), message.end());
    ECSR_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), buffer.data(),
                     &size) != nullptr);
    return std::string(buffer.begin(), buffer.begin() + size);
}

} // namespace

std::string sha256_hex(std::string_view bytes) {
    return to_hex(digest(EVP_sha256(), bytes));
}

std::string sha1_hex(std::string_view bytes) {
    return to_hex(digest(EVP_sha1(), bytes));
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    return to_hex(hmac_sha256(key, message));
}

namespace sigv4 {

std::string canonical_path(std::string_view path) {
    std::vector<std::string> kept;
    for (auto& segment : split(path, '/')) {
        if (segment == "..") {
            if (!kept.empty()) { kept.pop_back(); }
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(std::move(segment));
        }
    }
    const bool ends_in_slash = path.ends_with('/') && !kept.empty();
    return percent_encode(fmt::format("/{}{}", join(kept, "/"), ends_in_slash ? "/" : ""), "/");
}

std::string canonical_query(std::string_view query) {
    if (query.empty()) { return ""; }
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& item : split(query, '&')) {
        const auto equals = item.find('=');
        pairs.emplace_back(item.substr(0, equals), equals == std::string::npos ? "" : item.substr(equals + 1));
    }
    std::ranges::sort(pairs);
    std::vector<std::string> items;
    items.reserve(pairs.size());
    for (const auto& [name, value] : pairs) { items.push_back(fmt::format("{}={}", name, value)); }
    return join(items, "&");
}

std::string credential_scope(const Scope& scope) {
    return fmt::format("{}/{}/{}/{}", scope.date, scope.region, scope.service, terminator);
}

std::string signature(std::string_view canonical_request, std::string_view time, const Scope& scope,
                      std::string_view secret) {
    const std::string to_sign =
        fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, credential_scope(scope), sha256_hex(canonical_request));
    std::string key = fmt::format("AWS4{}", secret);
    for (const std::string_view part : {scope.date, scope.region, scope.service, terminator}) {
        key = hmac_sha256(key, part);
    }
    return hmac_sha256_hex(key, to_sign);
}

} // namespace sigv4

} // namespace ecsr
