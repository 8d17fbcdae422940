#include "base/url.hpp"

#include "base/text.hpp"

#include <array>
#include <cstddef>
#include <fmt/format.h>

namespace ecsr {

namespace {

// Four decimal parts, 0 to 255 each; nothing else is an IPv4 address here.
std::optional<std::array<int, 4>> parse_ipv4(std::string_view host) {
    const auto parts = split(host, '.');
    std::array<int, 4> address{};
    if (parts.size() != address.size()) { return std::nullopt; }
    for (std::size_t i = 0; i < address.size(); ++i) {
        const auto value = parse_integer(parts[i]);
        if (!value || *value < 0 || *value > 255) { return std::nullopt; }
        address[i] = static_cast<int>(*value);
    }
    return address;
}

bool has_bad_character(std::string_view host) {
    for (const char c : host) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte == 0x7f || std::string_view("\"<>\\^`{|}%@").find(c) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not a URL: {}", text, why));
}

// "host", "host:port", "[v6]", "[v6]:port"; the port text is empty when there is none.
bool split_authority(std::string_view authority, std::string_view& host, std::string_view& port) {
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) { return false; }
        host = authority.substr(0, close + 1);
        const auto rest = authority.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') { return false; }
        port = rest.empty() ? rest : rest.substr(1);
        return true;
    }
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon + 1);
    return true;
}

} // namespace

std::string Url::authority() const {
    const std::uint16_t own = scheme == "https" ? 443 : 80;
    return !port || *port == own ? host : fmt::format("{}:{}", host, *port);
}

bool Url::is_loopback() const {
    const auto address = parse_ipv4(host);
    return host == "localhost" || host == "[::1]" || (address && (*address)[0] == 127);
}

bool Url::is_local() const {
    if (is_loopback() || host.ends_with(".localhost") || host.starts_with("[fd00:ec2:")) { return true; }
    const auto address = parse_ipv4(host);
    return address && (*address)[0] == 169 && (*address)[1] == 254;
}

Result<Url> parse_url(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) { return refuse(text, "it must begin with http:// or https://"); }
    Url url;
    url.scheme = to_lower(text.substr(0, scheme_end));
    if (url.scheme != "http" && url.scheme != "https") {
        return refuse(text, "it must begin with http:// or https://");
    }
    const std::string_view rest = text.substr(scheme_end + 3);
    const auto authority_end = rest.find_first_of("/?#");
    std::string_view authority = rest.substr(0, authority_end);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) { authority.remove_prefix(at + 1); }

    std::string_view host;
    std::string_view port;
    if (!split_authority(authority, host, port) || host.empty() || host == "[]" || has_bad_character(host)) {
        return refuse(text, "it has no valid host name");
    }
    url.host = to_lower(host);
    if (!port.empty()) {
        const auto number = parse_integer(port);
        if (!number || *number < 1 || *number > 65535) { return refuse(text, "the port must be 1 to 65535"); }
        url.port = static_cast<std::uint16_t>(*number);
    }
    if (authority_end == std::string_view::npos) { return url; }
    const std::string_view target = rest.substr(authority_end, rest.find('#') - authority_end);
    const auto question = target.find('?');
    url.path = target.substr(0, question);
    if (question != std::string_view::npos) { url.query = target.substr(question + 1); }
    return url;
}

} // namespace ecsr
