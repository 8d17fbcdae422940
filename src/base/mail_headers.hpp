// The header of a mail as text (RFC 5322, RFC 2047). Pure.
#pragma once

#include "base/mail.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

// "ops@example.org" of "Operations <ops@example.org>": what SMTP itself is told.
std::string bare_address(std::string_view address);

// "Fri, 20 Nov 2026 12:34:56 +0000".
std::string mail_date(Instant at);

// ASCII as it stands; anything else as encoded words of at most 75 characters, folded.
std::string encode_mail_text(std::string_view text);

// From, To, Cc, Subject, Date, Message-ID, Auto-Submitted, and Importance where it is urgent, each "Name: value",
// folded; never Bcc. Error: Usage: a control character in what becomes a header, no recipient.
Result<std::vector<std::string>> mail_headers(const MailMessage& message);

} // namespace ecsr
