// An absolute http(s) URL taken apart.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr {

struct Url {
    std::string scheme;                // "http" or "https"
    std::string host;                  // lower case, without user info; an IPv6 address keeps its brackets
    std::optional<std::uint16_t> port; // only when the text names one
    std::string path;                  // as written, "" when there is none
    std::string query;                 // as written, without "?"

    // "host" or "host:port": the port is left out when it is the scheme's own, as HTTP clients and SigV4 have it.
    std::string authority() const;

    // localhost, 127.0.0.0/8 or ::1.
    bool is_loopback() const;

    // A name or address that cannot leave this machine or its link: localhost, 127.0.0.0/8, ::1, 169.254.0.0/16 and
    // the fd00:ec2:: metadata addresses. Such requests must never go to a proxy.
    bool is_local() const;
};

// User info is dropped and a fragment is ignored. Error: Usage; the message names the text and what is wrong with it.
Result<Url> parse_url(std::string_view text);

} // namespace ecsr
