#include "base/mail_headers.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ecsr {

namespace {

// 75 characters an encoded word, less "=?UTF-8?B?" and "?=", in groups of 4 that hold 3 bytes each.
constexpr std::size_t bytes_in_a_word = 45;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// "Operations" of "Operations <ops@example.org>".
std::string_view display_name(std::string_view address) {
    const auto open = address.rfind('<');
    return open == std::string_view::npos ? std::string_view{} : trim(address.substr(0, open));
}

std::string encode_address(std::string_view address) {
    std::string_view name = display_name(address);
    const std::string bare = bare_address(address);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') { name = name.substr(1, name.size() - 2); }
    if (name.empty()) { return bare; }
    if (!is_ascii(name)) { return fmt::format("{} <{}>", encode_mail_text(name), bare); }
    std::string quoted;
    for (const char c : name) {
        if (c == '"' || c == '\\') { quoted += '\\'; }
        quoted += c;
    }
    return fmt::format("\"{}\" <{}>", quoted, bare);
}

std::string encode_addresses(const std::vector<std::string>& addresses) {
    std::vector<std::string> encoded;
    for (const std::string& address : addresses) { encoded.push_back(encode_address(address)); }
    return join(encoded, ",\r\n ");
}

Status check_addresses(const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
        const std::string bare = bare_address(address);
        if (has_control(address) || bare.find('@') == std::string::npos || bare.find_first_of("<> ") != bare.npos) {
            return fail(ErrorKind::Usage, "a recipient or the sender is not a mail address");
        }
    }
    return {};
}

} // namespace

std::string bare_address(std::string_view address) {
    const std::string_view text = trim(address);
    const auto open = text.rfind('<');
    if (open == std::string_view::npos || !text.ends_with('>')) { return std::string(text); }
    return std::string(trim(text.substr(open + 1, text.size() - open - 2)));
}

std::string mail_date(Instant at) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<Seconds>(at - day));
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days.at(std::chrono::weekday(day).c_encoding()),
                       static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::string encode_mail_text(std::string_view text) {
    if (is_ascii(text)) { return std::string(text); }
    std::vector<std::string> words;
    while (!text.empty()) {
        std::size_t size = std::min(bytes_in_a_word, text.size());
        while (size < text.size() && size > 1 && continues_character(text[size])) { --size; }
        words.push_back("=?UTF-8?B?" + to_base64(text.substr(0, size)) + "?=");
        text.remove_prefix(size);
    }
    return join(words, "\r\n ");
}

Result<std::vector<std::string>> mail_headers(const MailMessage& message) {
    if (message.to.empty() && message.cc.empty() && message.bcc.empty()) {
        return fail(ErrorKind::Usage, "the mail has no recipient");
    }
    for (const auto& addresses : {std::vector{message.from}, message.to, message.cc, message.bcc}) {
        if (auto good = check_addresses(addresses); !good) { return std::unexpected(good.error()); }
    }
    if (has_control(message.subject) || has_control(message.message_id)) {
        return fail(ErrorKind::Usage, "the subject of the mail has a line break or another control character");
    }
    std::vector<std::string> headers{"From: " + encode_address(message.from)};
    // Without a To, servers add a Bcc or an Apparently-To of their own, which tells who else got it.
    headers.push_back("To: " + (message.to.empty() ? "undisclosed-recipients:;" : encode_addresses(message.to)));
    if (!message.cc.empty()) { headers.push_back("Cc: " + encode_addresses(message.cc)); }
    headers.push_back("Subject: " + encode_mail_text(message.subject));
    headers.push_back("Date: " + mail_date(message.date));
    headers.push_back("Message-ID: <" + message.message_id + ">");
    headers.emplace_back("Auto-Submitted: auto-generated"); // RFC 3834: no absence note comes back
    if (message.urgent) { headers.emplace_back("Importance: high"); }
    return headers;
}

} // namespace ecsr
