#include "aws/credentials_json.hpp"

#include <fmt/format.h>

namespace ecsr::aws {

Result<boost::json::object> parse_object(const std::string& text, std::string_view origin) {
    boost::system::error_code failure;
    auto value = boost::json::parse(text, failure);
    if (failure || !value.is_object()) {
        return fail(ErrorKind::Credentials, fmt::format("{} did not give a JSON object", origin));
    }
    return std::move(value.get_object());
}

std::string text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

Result<Credentials> read_credentials(const boost::json::object& object, std::string_view token_key,
                                     std::string_view origin) {
    Credentials credentials;
    credentials.key = {text_of(object, "AccessKeyId"), text_of(object, "SecretAccessKey"), text_of(object, token_key)};
    if (credentials.key.access_key_id.empty() || credentials.key.secret_access_key.empty()) {
        return fail(ErrorKind::Credentials, fmt::format("{} gave no AccessKeyId and SecretAccessKey", origin));
    }
    if (const std::string expiration = text_of(object, "Expiration"); !expiration.empty()) {
        const auto at = parse_rfc3339(expiration);
        if (!at) {
            return fail(ErrorKind::Credentials, fmt::format("Expiration from {}: {}", origin, at.error().message));
        }
        credentials.expires_at = *at;
    }
    return credentials;
}

} // namespace ecsr::aws
