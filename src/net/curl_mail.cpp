#include "net/curl_mail.hpp"

#include "base/mail_headers.hpp"
#include "base/text.hpp"
#include "net/curl_setup.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <curl/curl.h>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <utility>

namespace ecsr {

namespace {

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using Mime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;

// What the server said, as far as it matters afterwards. libcurl itself does not tell which recipient was refused.
struct Dialogue {
    std::string recipient; // of the RCPT command that waits for its answer
    std::string last_failure;
    std::vector<RefusedRecipient> refused;
    std::array<char, CURL_ERROR_SIZE> error{};
};

bool is_failure(std::string_view answer) {
    return answer.size() >= 3 && (answer[0] == '4' || answer[0] == '5');
}

void hear_command(Dialogue& dialogue, std::string_view command) {
    constexpr std::string_view recipient = "RCPT TO:<";
    dialogue.recipient.clear();
    if (!command.starts_with(recipient)) { return; }
    const auto end = command.find('>');
    if (end != std::string_view::npos) {
        dialogue.recipient = command.substr(recipient.size(), end - recipient.size());
    }
}

void hear_answer(Dialogue& dialogue, std::string_view answer) {
    if (!is_failure(answer) || (answer.size() > 3 && answer[3] == '-')) { return; } // more lines follow
    dialogue.last_failure = one_line(answer);
    if (dialogue.recipient.empty()) { return; }
    dialogue.refused.push_back({dialogue.recipient, dialogue.last_failure});
    dialogue.recipient.clear();
}

int hear(CURL* /*easy*/, curl_infotype type, char* data, std::size_t size, void* user) {
    auto& dialogue = *static_cast<Dialogue*>(user);
    if (type == CURLINFO_HEADER_OUT) { hear_command(dialogue, {data, size}); }
    if (type == CURLINFO_HEADER_IN) { hear_answer(dialogue, {data, size}); }
    return 0;
}

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
    // A failure is a libcurl without this option or memory that has run out: nothing a caller could handle.
    ECSR_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void must(CURLcode code) {
    ECSR_ASSERT(code == CURLE_OK); // of curl_mime_*: memory has run out
}

void append(List& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    ECSR_ASSERT(grown != nullptr);
    static_cast<void>(list.release());
    list.reset(grown);
}

// SMTP ends lines with CR LF, and the quoted-printable encoder takes a lone LF for a byte like any other.
std::string with_mail_line_ends(std::string_view text) {
    std::string made;
    made.reserve(text.size() + text.size() / 32);
    for (const char c : text) {
        if (c == '\r') { continue; }
        if (c == '\n') { made += '\r'; }
        made += c;
    }
    return made;
}

void add_text(curl_mime* mime, const std::string& text, const char* media_type) {
    curl_mimepart* part = curl_mime_addpart(mime);
    ECSR_ASSERT(part != nullptr);
    const std::string lines = with_mail_line_ends(text);
    must(curl_mime_data(part, lines.data(), lines.size()));
    must(curl_mime_type(part, media_type));
    must(curl_mime_encoder(part, "quoted-printable"));
}

// RFC 2231 for names beyond ASCII; curl_mime_filename() would send the bytes as they are.
std::string disposition(const std::string& file_name) {
    const bool plain =
        std::ranges::all_of(file_name, [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
    return plain ? fmt::format("Content-Disposition: attachment; filename=\"{}\"", file_name)
                 : "Content-Disposition: attachment; filename*=UTF-8''" + percent_encode(file_name);
}

void add_attachment(curl_mime* mime, const MailAttachment& attachment) {
    curl_mimepart* part = curl_mime_addpart(mime);
    ECSR_ASSERT(part != nullptr);
    must(curl_mime_data(part, attachment.content.data(), attachment.content.size()));
    must(curl_mime_type(part, attachment.media_type.c_str()));
    must(curl_mime_encoder(part, "base64"));
    List headers(nullptr, &curl_slist_free_all);
    append(headers, disposition(attachment.file_name));
    must(curl_mime_headers(part, headers.release(), 1)); // the part owns them now
}

// mixed(alternative(text, HTML), attachments...)
Mime make_body(CURL* easy, const MailMessage& message) {
    Mime body(curl_mime_init(easy), &curl_mime_free);
    Mime alternative(curl_mime_init(easy), &curl_mime_free);
    ECSR_ASSERT(body != nullptr && alternative != nullptr);
    add_text(alternative.get(), message.text, "text/plain; charset=UTF-8");
    if (!message.html.empty()) { add_text(alternative.get(), message.html, "text/html; charset=UTF-8"); }
    curl_mimepart* part = curl_mime_addpart(body.get());
    ECSR_ASSERT(part != nullptr);
    must(curl_mime_subparts(part, alternative.release())); // the part owns it now
    must(curl_mime_type(part, "multipart/alternative"));
    for (const MailAttachment& attachment : message.attachments) { add_attachment(body.get(), attachment); }
    return body;
}

List make_recipients(const MailMessage& message) {
    List recipients(nullptr, &curl_slist_free_all);
    for (const auto* addresses : {&message.to, &message.cc, &message.bcc}) {
        for (const std::string& address : *addresses) { append(recipients, "<" + bare_address(address) + ">"); }
    }
    return recipients;
}

void set_server(CURL* easy, const MailServer& server) {
    const bool tls_at_once = server.security == MailSecurity::Tls;
    set(easy, CURLOPT_URL, fmt::format("{}://{}:{}", tls_at_once ? "smtps" : "smtp", server.host, server.port).c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL)); // STARTTLS or nothing
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    const std::string trusted = server.ca_file.empty() ? find_system_ca_bundle() : server.ca_file;
    if (!trusted.empty()) { set(easy, CURLOPT_CAINFO, trusted.c_str()); }
    set(easy, CURLOPT_PROXY, ""); // those of the environment are for HTTP
    const auto longest = static_cast<Millis::rep>(std::numeric_limits<long>::max());
    const auto timeout = static_cast<long>(std::clamp<Millis::rep>(server.timeout.count(), 1, longest));
    set(easy, CURLOPT_TIMEOUT_MS, timeout);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
    // The goodbye (QUIT) is said inside libcurl's calls, and has no other limit than this.
    set(easy, CURLOPT_FORBID_REUSE, 1L);
    set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (std::min(timeout, 60'000L) + 999) / 1000);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L); // a name look-up that hangs must not hold the caller beyond its deadline
    if (server.username.empty()) { return; }
    set(easy, CURLOPT_USERNAME, server.username.c_str());
    set(easy, CURLOPT_PASSWORD, server.password.reveal().c_str());
    set(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN"); // safe under TLS, and what every server has
    set(easy, CURLOPT_SASL_IR, 1L);
}

void set_dialogue(CURL* easy, Dialogue& dialogue) {
    set(easy, CURLOPT_ERRORBUFFER, dialogue.error.data());
    set(easy, CURLOPT_VERBOSE, 1L); // for the debug function alone; nothing is printed
    set(easy, CURLOPT_DEBUGFUNCTION, &hear);
    set(easy, CURLOPT_DEBUGDATA, &dialogue);
}

bool cannot_be_trusted(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR;
}

Error to_error(CURLcode code, const MailServer& server, const Dialogue& dialogue) {
    const std::string peer = fmt::format("mail server {}:{}", server.host, server.port);
    const std::string detail = dialogue.error[0] != '\0' ? one_line(dialogue.error.data()) : curl_easy_strerror(code);
    Error error{ErrorKind::Unreachable, fmt::format("cannot reach {}: {}", peer, detail), "", 0, false};
    if (code == CURLE_OPERATION_TIMEDOUT) {
        error.kind = ErrorKind::Timeout;
        error.message = fmt::format("no end with {} within {}", peer, format_duration(server.timeout));
    } else if (cannot_be_trusted(code)) {
        error.kind = ErrorKind::Refused;
        error.message =
            fmt::format("cannot trust {}: {} (ca_file, or SSL_CERT_FILE, names other certificates)", peer, detail);
    } else if (code == CURLE_USE_SSL_FAILED) {
        error.kind = ErrorKind::Refused;
        error.message = fmt::format("{} offers no STARTTLS, and nothing is sent without it", peer);
    } else if (!dialogue.last_failure.empty()) {
        const bool for_good = dialogue.last_failure[0] == '5';
        error.kind = for_good ? ErrorKind::Refused : ErrorKind::Throttled;
        if (code == CURLE_LOGIN_DENIED && for_good) { error.kind = ErrorKind::Credentials; }
        const char* what = code == CURLE_LOGIN_DENIED ? "refused the login" : "refused the mail";
        error.message = fmt::format("{} {}: {}", peer, what, dialogue.last_failure);
        error.code = dialogue.last_failure.substr(0, 3);
    } else if (code == CURLE_LOGIN_DENIED) {
        error.kind = ErrorKind::Refused;
        error.message = fmt::format("{} offers neither PLAIN nor LOGIN for the login", peer);
    }
    return error;
}

} // namespace

Result<MailReceipt> CurlMail::send(const MailServer& server, const MailMessage& message, std::stop_token stop) {
    const auto headers = mail_headers(message);
    if (!headers) { return std::unexpected(headers.error()); }
    if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted before the mail was sent"); }
    initialise_curl();
    Dialogue dialogue;
    List header_list(nullptr, &curl_slist_free_all);
    for (const std::string& header : *headers) { append(header_list, header); }
    const List recipients = make_recipients(message);
    const Easy easy(curl_easy_init(), &curl_easy_cleanup);
    const Multi multi(curl_multi_init(), &curl_multi_cleanup);
    ECSR_ASSERT(easy != nullptr && multi != nullptr);
    const Mime body = make_body(easy.get(), message);
    set_server(easy.get(), server);
    set_dialogue(easy.get(), dialogue);
    set(easy.get(), CURLOPT_MAIL_FROM, ("<" + bare_address(message.from) + ">").c_str());
    set(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
    set(easy.get(), CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); // one that is unknown does not keep it from the others
    set(easy.get(), CURLOPT_HTTPHEADER, header_list.get());
    set(easy.get(), CURLOPT_MIMEPOST, body.get());

    ECSR_ASSERT(curl_multi_add_handle(multi.get(), easy.get()) == CURLM_OK);
    const auto code = drive_curl(multi.get(), stop);
    if (!code) { set(easy.get(), CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L); } // no long goodbye to a server that is silent
    ECSR_ASSERT(curl_multi_remove_handle(multi.get(), easy.get()) == CURLM_OK);
    if (!code) { return fail(ErrorKind::Interrupted, "interrupted while waiting for the mail server " + server.host); }
    if (*code != CURLE_OK) { return std::unexpected(to_error(static_cast<CURLcode>(*code), server, dialogue)); }
    return MailReceipt{std::move(dialogue.refused)};
}

} // namespace ecsr
