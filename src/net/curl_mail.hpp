// MailTransport over libcurl: SMTP with STARTTLS or TLS, login PLAIN or LOGIN.
#pragma once

#include "base/mail.hpp"

#include <string>

namespace ecsr {

class CurlMail : public MailTransport {
public:
    // Each mail has a connection of its own: they are few and far between.
    Result<MailReceipt> send(const MailServer& server, const MailMessage& message, std::stop_token stop) override;
};

} // namespace ecsr
