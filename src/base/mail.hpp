// Port: hand one mail to a mail server. Blocking. Implemented by net/ (SMTP by libcurl).
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr {

// Both are verified: the certificate must be trusted and name the host. There is no unencrypted way.
enum class MailSecurity {
    StartTls, // begins in the clear and must go over to TLS before anything is said (port 587, 25)
    Tls,      // TLS from the first byte (port 465)
};

struct MailServer {
    std::string host;
    std::uint16_t port = 587;
    MailSecurity security = MailSecurity::StartTls;
    std::string username; // empty: no login
    Secret password;
    std::string ca_file;    // of trusted certificates, PEM; empty: the system's
    Millis timeout{30'000}; // for the whole exchange
};

struct MailAttachment {
    std::string file_name;  // without folders
    std::string media_type; // "application/json"
    std::string content;
};

// All texts are UTF-8.
struct MailMessage {
    std::string from; // an address, "ops@example.org", or "Operations <ops@example.org>"; so are all others
    std::vector<std::string> to;
    std::vector<std::string> cc;
    std::vector<std::string> bcc; // get the mail, and stand in no header
    std::string subject;
    std::string text;
    std::string html;
    std::vector<MailAttachment> attachments;
    std::string message_id; // without the angle brackets
    Instant date{};
    bool urgent = false;
};

struct RefusedRecipient {
    std::string address;
    std::string answer; // the server's: "550 no such user"
};

struct MailReceipt {
    std::vector<RefusedRecipient> refused; // all others got the mail
};

class MailTransport {
public:
    virtual ~MailTransport() = default;

    // Success when the server took the mail for at least one recipient. Safe to call from several threads. Errors, one
    // line without secrets; `code` is the server's ("535") where it answered:
    //   Credentials  the login was refused
    //   Refused      refused for good (5xx), or the server cannot be trusted, or offers no TLS or no login
    //   Throttled    refused for now (4xx)
    //   Unreachable, Timeout, Interrupted (`stop`)
    //   Usage        the message cannot be sent as it stands: no recipient, a line break in a header
    virtual Result<MailReceipt> send(const MailServer& server, const MailMessage& message, std::stop_token stop) = 0;
};

} // namespace ecsr
