#include "aws/signing.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "sigv4/sigv4.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <vector>

namespace ecsr::aws {

namespace {

constexpr std::array<std::string_view, 11> unsigned_headers{
    "connection", "expect",  "keep-alive",        "proxy-authenticate", "proxy-authorization", "te",
    "trailer",    "upgrade", "transfer-encoding", "user-agent",         "x-amzn-trace-id"};

std::string canonical_path(const std::string& path, const SigningScope& scope) {
    if (scope.s3) { return path.empty() ? "/" : path; }
    return sigv4::canonical_path(path);
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

std::string canonical_request(const HttpRequest& request, const SigningScope& scope) {
    const auto url = parse_url(request.url).value_or(Url{});
    const auto headers = headers_to_sign(request);
    std::string text =
        fmt::format("{}\n{}\n{}\n", request.method, canonical_path(url.path, scope), sigv4::canonical_query(url.query));
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

    const sigv4::Scope signed_scope{date, scope.region, scope.service};
    replace_header(
        request.headers, "Authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", key.access_key_id,
                    sigv4::credential_scope(signed_scope), signed_names(headers_to_sign(request)),
                    sigv4::signature(canonical_request(request, scope), time, signed_scope, key.secret_access_key)));
}

} // namespace ecsr::aws
