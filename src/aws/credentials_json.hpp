// Credentials in JSON documents, as metadata services and helper processes give them. Included by .cpp files alone.
#pragma once

#include "aws/credentials.hpp"

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace ecsr::aws {

// The object in `text`. Error: Credentials, saying that `origin` did not give JSON; the text is not part of it.
Result<boost::json::object> parse_object(const std::string& text, std::string_view origin);

// A member's text, or "" when it is absent or no string.
std::string text_of(const boost::json::object& object, std::string_view key);

// AccessKeyId, SecretAccessKey, Expiration and the token under `token_key`. Error: Credentials (a key or a valid
// Expiration is missing).
Result<Credentials> read_credentials(const boost::json::object& object, std::string_view token_key,
                                     std::string_view origin);

} // namespace ecsr::aws
