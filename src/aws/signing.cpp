#include "aws/signing.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string_view>
#include <vector>

namespace ecsr::aws {

namespace {

constexpr std::array<std::string_view, 11> unsigned_headers{
    "connection", "expect",  "keep-alive",        "proxy-authenticate", "proxy-authorization", "te",
    "trailer",    "upgrade", "transfer-encoding", "user-agent",         "x-amzn-trace-id"};

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

// Empty, "." and ".." segments disappear; a final slash stays.
std::string normalise_path(std::string_view path) {
    std::vector<std::string> kept;
    for (auto& segment : split(path, '/')) {
        if (segment == "..") {
            if (!kept.empty()) { kept.pop_back(); }
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(std::move(segment));
        }
    }
    return fmt::format("/{}{}", join(kept, "/"), path.ends_with('/') && !kept.empty() ? "/" : "");
}

std::string canonical_path(const std::string& path, const SigningScope& scope) {
    if (scope.s3) { return path.empty() ? "/" : path; }
    return percent_encode(normalise_path(path), "/");
}

// The query is already encoded; "?policy" counts as "policy=".
std::string canonical_query(const std::string& query) {
    if (query.empty()) { return ""; }
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& item : split(query, '&')) {
        const auto equals = item.find('=');
        pairs.emplace_back(item.substr(0, equals), equals == std::string::npos ? "" : item.substr(equals + 1));
    }
    std::ranges::sort(pairs);
    std::vector<std::string> items;
    items.reserve(pairs.size());
    for (const auto& [key, value] : pairs) { items.push_back(fmt::format("{}={}", key, value)); }
    return join(items, "&");
}

// Trimmed, and every run of blanks inside becomes one space.
std::string collapse_blanks(std::string_view value) {
    static constexpr std::string_view blanks = " \t\r\n\v\f";
    std::string result;
    std::size_t at = value.find_first_not_of(blanks);
    while (at != std::string_view::npos) {
        const auto end = value.find_first_of(blanks, at);
        if (!result.empty()) { result += ' '; }
        result += value.substr(at, end - at);
        at = end == std::string_view::npos ? end : value.find_first_not_of(blanks, end);
    }
    return result;
}

// Sorted by lower-case name; a repeated header becomes one, its values in order of sending.
std::map<std::string, std::string> headers_to_sign(const HttpRequest& request) {
    std::map<std::string, std::string> result;
    for (const auto& [name, value] : request.headers) {
        const std::string lower = to_lower(name);
        if (std::ranges::find(unsigned_headers, lower) != unsigned_headers.end() || lower == "authorization") {
            continue;
        }
        const auto [entry, added] = result.try_emplace(lower, collapse_blanks(value));
        if (!added) { entry->second += "," + collapse_blanks(value); }
    }
    if (!result.contains("host")) {
        const auto url = parse_url(request.url);
        result["host"] = url ? url->authority() : "";
    }
    return result;
}

std::string signed_names(const std::map<std::string, std::string>& headers) {
    std::vector<std::string> names;
    names.reserve(headers.size());
    for (const auto& [name, value] : headers) { names.push_back(name); }
    return join(names, ";");
}

void replace_header(HttpHeaders& headers, std::string_view name, std::string value) {
    std::erase_if(headers, [name](const auto& header) { return equals_ignoring_case(header.first, name); });
    headers.emplace_back(std::string(name), std::move(value));
}

} // namespace

std::string sha256_hex(const std::string& bytes) {
    return to_hex(digest(EVP_sha256(), bytes));
}

std::string sha1_hex(const std::string& bytes) {
    return to_hex(digest(EVP_sha1(), bytes));
}

std::string canonical_request(const HttpRequest& request, const SigningScope& scope) {
    const auto url = parse_url(request.url).value_or(Url{});
    const auto headers = headers_to_sign(request);
    std::string text =
        fmt::format("{}\n{}\n{}\n", request.method, canonical_path(url.path, scope), canonical_query(url.query));
    for (const auto& [name, value] : headers) { text += fmt::format("{}:{}\n", name, value); }
    const auto stated = find_header(request.headers, "X-Amz-Content-SHA256");
    text += fmt::format("\n{}\n{}", signed_names(headers), stated.empty() ? sha256_hex(request.body) : stated);
    return text;
}

void sign(HttpRequest& request, const SigningKey& key, const SigningScope& scope, Instant now) {
    const std::string time = to_iso8601_basic(now);
    const std::string date = time.substr(0, 8);
    // AWS takes either header; with both, a proxy that rewrites Date would break the signature.
    std::erase_if(request.headers, [](const auto& header) { return equals_ignoring_case(header.first, "Date"); });
    replace_header(request.headers, "X-Amz-Date", time);
    if (!key.session_token.empty()) { replace_header(request.headers, "X-Amz-Security-Token", key.session_token); }
    if (scope.s3) { replace_header(request.headers, "X-Amz-Content-SHA256", sha256_hex(request.body)); }

    const std::string credential_scope = fmt::format("{}/{}/{}/aws4_request", date, scope.region, scope.service);
    const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, credential_scope,
                                            sha256_hex(canonical_request(request, scope)));
    std::string signing_key = "AWS4" + key.secret_access_key;
    for (const std::string_view part : {std::string_view(date), std::string_view(scope.region),
                                        std::string_view(scope.service), std::string_view("aws4_request")}) {
        signing_key = hmac_sha256(signing_key, part);
    }
    replace_header(request.headers, "Authorization",
                   fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", key.access_key_id,
                               credential_scope, signed_names(headers_to_sign(request)),
                               to_hex(hmac_sha256(signing_key, to_sign))));
}

std::string hmac_sha256_hex(const std::string& key, const std::string& message) {
    return to_hex(hmac_sha256(key, message));
}

} // namespace ecsr::aws
