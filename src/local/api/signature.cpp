#include "local/api/signature.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "sigv4/sigv4.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <openssl/crypto.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";

// What an Authorization header says.
struct Authorization {
    std::string access_key, date, region, service;
    std::vector<std::string> signed_headers; // lower case, in the order of the header
    std::string signature;
    std::string time; // X-Amz-Date
};

// The same trouble has another name in each protocol; what differs between services of one protocol does not matter to
// clients.
ApiError refuse(Wire wire, const char* json_code, const char* query_code, std::string message) {
    const bool query = wire == Wire::Query;
    return {query ? query_code : json_code, std::move(message), query ? 403 : 400};
}

ApiError incomplete(Wire wire, std::string message) {
    return refuse(wire, "IncompleteSignatureException", "IncompleteSignature", std::move(message));
}

ApiError mismatch(Wire wire, std::string message) {
    return refuse(wire, "InvalidSignatureException", "SignatureDoesNotMatch", std::move(message));
}

// "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..." without its first word.
std::map<std::string, std::string> parameters_of(std::string_view authorization) {
    std::map<std::string, std::string> parameters;
    for (const auto& part : split(authorization, ',')) {
        const auto word = trim(part);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) { continue; }
        parameters.emplace(word.substr(0, equals), word.substr(equals + 1));
    }
    return parameters;
}

std::optional<ApiError> read_scope(const std::string& credential, Wire wire, Authorization& into) {
    const auto parts = split(credential, '/');
    if (parts.size() != 5) {
        return incomplete(wire, fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                                            "keyid/date/region/service/term, got '{}'",
                                            credential));
    }
    if (parts[4] != terminator) {
        return mismatch(wire, fmt::format("Credential should be scoped with a valid terminator: '{}', not '{}'.",
                                          terminator, parts[4]));
    }
    into.access_key = parts[0];
    into.date = parts[1];
    into.region = parts[2];
    into.service = parts[3];
    return std::nullopt;
}

ApiResult<Authorization> read_authorization(const HttpRequest& request, Wire wire) {
    const auto header = find_header(request.headers, "Authorization");
    if (header.empty()) {
        return std::unexpected(
            refuse(wire, "MissingAuthenticationTokenException", "MissingAuthenticationToken",
                   wire == Wire::Query ? "Request is missing Authentication Token" : "Missing Authentication Token"));
    }
    const auto blank = header.find(' ');
    if (header.substr(0, blank) != algorithm) {
        return std::unexpected(
            incomplete(wire, fmt::format("Unsupported AWS 'algorithm': '{}'.", header.substr(0, blank))));
    }
    const auto parameters = parameters_of(blank == std::string_view::npos ? "" : header.substr(blank + 1));
    Authorization authorization;
    authorization.time = std::string(find_header(request.headers, "X-Amz-Date"));
    std::string missing;
    for (const char* name : {"Credential", "Signature", "SignedHeaders"}) {
        if (!parameters.contains(name)) {
            missing += fmt::format("Authorization header requires '{}' parameter. ", name);
        }
    }
    if (authorization.time.empty()) {
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    if (!missing.empty()) {
        return std::unexpected(incomplete(wire, missing + fmt::format("Authorization={}", header)));
    }
    if (auto problem = read_scope(parameters.at("Credential"), wire, authorization)) {
        return std::unexpected(std::move(*problem));
    }
    authorization.signed_headers = split(to_lower(parameters.at("SignedHeaders")), ';');
    authorization.signature = parameters.at("Signature");
    return authorization;
}

// "20261120T123456Z".
std::optional<Instant> parse_signing_time(const std::string& text) {
    if (text.size() != 16) { return std::nullopt; }
    const auto at =
        parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                                  text.substr(9, 2), text.substr(11, 2), text.substr(13, 2)));
    return at && to_iso8601_basic(*at) == text ? std::optional(*at) : std::nullopt;
}

std::optional<ApiError> time_problem(const Authorization& authorization, const SignatureCheck& check) {
    const auto& time = authorization.time;
    const auto at = parse_signing_time(time);
    if (!at) {
        return incomplete(check.wire, fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                                                  "http://en.wikipedia.org/wiki/ISO_8601",
                                                  time));
    }
    if (!time.starts_with(authorization.date)) {
        return mismatch(check.wire, fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                                "version of date from HTTP: '{}' != '{}', from '{}'.",
                                                authorization.date, time.substr(0, 8), time));
    }
    if (!check.now) { return std::nullopt; }
    const auto tolerance = std::chrono::minutes(check.wire == Wire::Query ? 15 : 5);
    const std::string now = to_iso8601_basic(*check.now);
    if (*at < *check.now - tolerance) {
        return mismatch(check.wire, fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.)", time,
                                                to_iso8601_basic(*check.now - tolerance), now, tolerance.count()));
    }
    if (*at > *check.now + tolerance) {
        return mismatch(check.wire,
                        fmt::format("Signature not yet current: {} is still later than {} ({} + {} min.)", time,
                                    to_iso8601_basic(*check.now + tolerance), now, tolerance.count()));
    }
    return std::nullopt;
}

// The host and every X-Amz header have to be under the signature: they say what is asked for.
std::optional<ApiError> unsigned_header(const HttpRequest& request, const Authorization& authorization, Wire wire) {
    const auto is_signed = [&](const std::string& name) {
        return std::ranges::find(authorization.signed_headers, name) != authorization.signed_headers.end();
    };
    if (!is_signed("host")) {
        return mismatch(wire, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (const auto& [name, value] : request.headers) {
        const auto lower = to_lower(name);
        if (lower.starts_with("x-amz-") && !is_signed(lower)) {
            return mismatch(wire, fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", name));
        }
    }
    return std::nullopt;
}

// Every value of the header; trimmed, blanks inside as one space, with commas between values.
std::string canonical_header(const HttpRequest& request, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [spelled, value] : request.headers) {
        if (!equals_ignoring_case(spelled, name)) { continue; }
        std::vector<std::string> words;
        std::string tabless = value;
        std::ranges::replace(tabless, '\t', ' ');
        for (auto& word : split(tabless, ' ')) {
            if (!word.empty()) { words.push_back(std::move(word)); }
        }
        values.push_back(join(words, " "));
    }
    return join(values, ",");
}

std::string canonical_request(const HttpRequest& request, const Authorization& authorization) {
    const std::string_view target = request.url;
    const auto question = target.find('?');
    const auto query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    std::string text = fmt::format("{}\n{}\n{}\n", request.method, sigv4::canonical_path(target.substr(0, question)),
                                   sigv4::canonical_query(query));
    for (const auto& name : authorization.signed_headers) {
        text += fmt::format("{}:{}\n", name, canonical_header(request, name));
    }
    return text + fmt::format("\n{}\n{}", join(authorization.signed_headers, ";"), sha256_hex(request.body));
}

std::string signature_of(const HttpRequest& request, const Authorization& authorization, const Secret& secret) {
    return sigv4::signature(canonical_request(request, authorization), authorization.time,
                            {authorization.date, authorization.region, authorization.service}, secret.reveal());
}

bool same(const std::string& a, const std::string& b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<ApiError> key_problem(const HttpRequest& request, const KnownKey* key, const SignatureCheck& check) {
    const auto token = find_header(request.headers, "X-Amz-Security-Token");
    if (key == nullptr || key->session_token != token) {
        return refuse(check.wire, "UnrecognizedClientException", "InvalidClientTokenId",
                      "The security token included in the request is invalid.");
    }
    if (key->expires_at && check.now && *key->expires_at <= *check.now) {
        return refuse(check.wire, "ExpiredTokenException", "ExpiredToken",
                      "The security token included in the request is expired");
    }
    return std::nullopt;
}

} // namespace

std::optional<ApiError> signature_problem(const HttpRequest& request, const SignatureCheck& check,
                                          const KnownKeys& keys) {
    const auto authorization = read_authorization(request, check.wire);
    if (!authorization) { return authorization.error(); }
    const KnownKey* key = keys.find(authorization->access_key);
    if (auto problem = key_problem(request, key, check)) { return problem; }
    if (authorization->service != check.signing_name) {
        return mismatch(check.wire,
                        fmt::format("Credential should be scoped to correct service: '{}'. ", check.signing_name));
    }
    if (auto problem = time_problem(*authorization, check)) { return problem; }
    if (auto problem = unsigned_header(request, *authorization, check.wire)) { return problem; }
    if (!same(authorization->signature, signature_of(request, *authorization, key->secret))) {
        return mismatch(check.wire, "The request signature we calculated does not match the signature you provided. "
                                    "Check your AWS Secret Access Key and signing method. Consult the service "
                                    "documentation for details.");
    }
    return std::nullopt;
}

} // namespace ecsr::local::wire
