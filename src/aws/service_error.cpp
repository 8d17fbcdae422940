#include "aws/service_error.hpp"

#include "aws/retry.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

namespace ecsr::aws {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_message = 1000;

constexpr std::array<std::string_view, 26> credentials_codes{"AccessDenied",
                                                             "AccessDeniedException",
                                                             "AuthFailure",
                                                             "ExpiredToken",
                                                             "ExpiredTokenException",
                                                             "IncompleteSignature",
                                                             "IncompleteSignatureException",
                                                             "InvalidAccessKeyId",
                                                             "InvalidClientTokenId",
                                                             "InvalidIdentityToken",
                                                             "InvalidSignatureException",
                                                             "MissingAuthenticationToken",
                                                             "MissingAuthenticationTokenException",
                                                             "NotAuthorized",
                                                             "OptInRequired",
                                                             "RequestExpired",
                                                             "RequestTimeTooSkewed",
                                                             "SignatureDoesNotMatch",
                                                             "TokenRefreshRequired",
                                                             "UnauthorizedException",
                                                             "UnauthorizedOperation",
                                                             "UnrecognizedClient",
                                                             "UnrecognizedClientException",
                                                             "ExpiredTokenID",
                                                             "IDPRejectedClaim",
                                                             "RequestInTheFuture"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
}

std::string clean_code(std::string_view text) {
    const auto hash = text.rfind('#');
    if (hash != std::string_view::npos) { text.remove_prefix(hash + 1); }
    return std::string(trim(text.substr(0, text.find(':'))));
}

// Control characters would break the one line that an error is; an endless message would hide it.
std::string clean_message(std::string_view text) {
    std::string line;
    for (const char c : trim(text)) {
        const bool blank = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ' ';
        if (!blank) {
            line += c;
        } else if (!line.ends_with(' ')) {
            line += ' ';
        }
        if (line.size() >= longest_message) { return line + "..."; }
    }
    return line;
}

std::string_view text_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

ServiceError from_json(const std::string& body) {
    boost::system::error_code failure;
    const json::value value = json::parse(body, failure);
    if (failure || !value.is_object()) { return {}; }
    const auto& object = value.get_object();
    ServiceError error;
    for (const std::string_view key : {"__type", "code", "Code"}) {
        if (error.code.empty()) { error.code = clean_code(text_member(object, key)); }
    }
    for (const std::string_view key : {"message", "Message", "errorMessage"}) {
        if (error.message.empty()) { error.message = clean_message(text_member(object, key)); }
    }
    return error;
}

ServiceError from_xml(const std::string& body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) { return {}; }
    const pugi::xml_node root = document.document_element();
    pugi::xml_node error = root.child("Error");                  // <ErrorResponse>
    if (!error) { error = root.child("Errors").child("Error"); } // <Response>, as EC2 has it
    if (!error && std::string_view(root.name()) == "Error") { error = root; }
    return {clean_code(error.child_value("Code")), clean_message(error.child_value("Message"))};
}

// For an answer that did not come from AWS at all: a proxy, a wrong endpoint.
std::string describe_foreign_answer(const HttpResponse& response) {
    const auto type = find_header(response.headers, "Content-Type");
    return fmt::format("HTTP {} without an AWS error in it ({} of {} bytes)", response.status,
                       type.empty() ? std::string_view("a body") : type.substr(0, type.find(';')),
                       response.body.size());
}

// A transaction of DynamoDB is cancelled as a whole; that it was for the rate alone, only its reasons say.
bool is_throttled_transaction(const ServiceError& error) {
    const auto says = [&](std::string_view reason) { return error.message.find(reason) != std::string::npos; };
    return error.code == "TransactionCanceledException" &&
           (says("ThrottlingError") || says("ProvisionedThroughputExceeded")) && !says("ConditionalCheckFailed");
}

} // namespace

ServiceError parse_service_error(Protocol protocol, const HttpResponse& response) {
    ServiceError error = protocol == Protocol::Query ? from_xml(response.body) : from_json(response.body);
    if (error.code.empty()) { error.code = clean_code(find_header(response.headers, "x-amzn-errortype")); }
    if (error.code.empty()) {
        error.code = std::to_string(response.status);
        if (error.message.empty()) { error.message = describe_foreign_answer(response); }
    }
    if (is_throttled_transaction(error)) { error.code = "ThrottlingException"; }
    return error;
}

ErrorKind error_kind(std::string_view code, int http_status) {
    if (is_throttling_code(code) || http_status == 429) { return ErrorKind::Throttled; }
    if (contains(credentials_codes, code)) { return ErrorKind::Credentials; }
    if (code.ends_with("NotFoundException") || code.ends_with("NotFound")) { return ErrorKind::NotFound; }
    const bool bare = code == "401" || code == "403";
    return bare ? ErrorKind::Credentials : ErrorKind::Remote;
}

bool is_expired_credentials_code(std::string_view code) {
    static constexpr std::array<std::string_view, 4> codes{"ExpiredToken", "ExpiredTokenException", "ExpiredTokenID",
                                                           "TokenRefreshRequired"};
    return contains(codes, code);
}

bool is_clock_skew_code(std::string_view code) {
    static constexpr std::array<std::string_view, 6> codes{"InvalidSignatureException", "SignatureDoesNotMatch",
                                                           "RequestTimeTooSkewed",      "RequestExpired",
                                                           "RequestInTheFuture",        "AuthFailure"};
    return contains(codes, code);
}

} // namespace ecsr::aws
