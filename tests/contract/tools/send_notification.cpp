// Sends one notification by the channels that a JSON document on standard input describes, and prints what became of
// it; for tests/contract/notifications_test.py.
#include "aws/session.hpp"
#include "base/json_mapper.hpp"
#include "base/log.hpp"
#include "net/curl_mail.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"
#include "notify/notifier.hpp"
#include "tell/run_notification.hpp"

#include <iostream>
#include <iterator>
#include <stdexcept>

namespace ecsr::sending {

struct Mail {
    std::string host = {};
    int port = 0;
    std::string security = {}; // starttls, tls
    std::string username = {};
    std::string password = {};
    std::string ca_file = {};
    std::string from = {};
    std::vector<std::string> to = {};
    std::vector<std::string> cc = {};
    std::vector<std::string> bcc = {};
    std::vector<std::string> attachments = {};
    std::string subject_prefix = {};
    int timeout_ms = 10'000;
};
BOOST_DESCRIBE_STRUCT(Mail, (),
                      (host, port, security, username, password, ca_file, from, to, cc, bcc, attachments,
                       subject_prefix, timeout_ms))

struct Webhook {
    std::string url = {};
    std::string format = {};
    std::string body_template = {};
    std::string hmac_key = {};
    std::string authorization = {};
};
BOOST_DESCRIBE_STRUCT(Webhook, (), (url, format, body_template, hmac_key, authorization))

struct Wanted {
    std::string event = "failed";
    std::string service = "cart";
    std::string reason = {};
    bool queued = false; // notify() and drain() with quick retries instead of one attempt
    int drain_ms = 20'000;
    std::vector<Mail> mails = {};
    std::vector<std::string> topics = {};
    std::vector<Webhook> webhooks = {};
};
BOOST_DESCRIBE_STRUCT(Wanted, (), (event, service, reason, queued, drain_ms, mails, topics, webhooks))

struct Sent {
    std::string kind;
    std::string target;
    bool ok = false;
    std::string error;
    std::string error_kind;
};
BOOST_DESCRIBE_STRUCT(Sent, (), (kind, target, ok, error, error_kind))

struct Outcome {
    std::vector<Sent> channels;
    bool all_sent = false; // of drain()
};
BOOST_DESCRIBE_STRUCT(Outcome, (), (channels, all_sent))

namespace {

template <class T>
T told(Result<T> result) {
    if (!result) { throw std::runtime_error(result.error().message); }
    return *std::move(result);
}

MailSettings to_settings(const Mail& mail, std::size_t number) {
    MailSettings made;
    made.name = "mail" + std::to_string(number);
    made.server = {mail.host,
                   static_cast<std::uint16_t>(mail.port),
                   mail.security == "tls" ? MailSecurity::Tls : MailSecurity::StartTls,
                   mail.username,
                   Secret(mail.password),
                   mail.ca_file,
                   Millis(mail.timeout_ms)};
    made.from = mail.from;
    made.to = mail.to;
    made.cc = mail.cc;
    made.bcc = mail.bcc;
    made.attachments = mail.attachments;
    made.subject_prefix = mail.subject_prefix;
    return made;
}

NotificationSettings to_settings(const Wanted& wanted) {
    NotificationSettings settings;
    for (const Mail& mail : wanted.mails) { settings.mails.push_back(to_settings(mail, settings.mails.size())); }
    for (const std::string& arn : wanted.topics) {
        settings.topics.push_back({.name = "sns" + std::to_string(settings.topics.size()), .topic_arn = arn});
    }
    for (const Webhook& webhook : wanted.webhooks) {
        WebhookSettings made;
        made.name = "webhook" + std::to_string(settings.webhooks.size());
        made.format = told(parse_webhook_format(webhook.format));
        made.url = Secret(webhook.url);
        made.body_template = webhook.body_template;
        made.hmac_key = Secret(webhook.hmac_key);
        if (!webhook.authorization.empty()) { made.headers = {{"Authorization", Secret(webhook.authorization)}}; }
        settings.webhooks.push_back(std::move(made));
    }
    return settings;
}

Notification to_notification(const Wanted& wanted, Instant now) {
    Notification made;
    made.event = told(parse_notification_event(wanted.event));
    made.at = now;
    made.cluster = "shop";
    made.service = wanted.service;
    made.region = "eu-west-1";
    made.run_id = "0123456789";
    made.reason = wanted.reason;
    made.report_json = R"({"run_id": "0123456789"})";
    made.figures = NotificationFigures{};
    made.figures->outcome = "failed";
    made.figures->tasks_recycled = 2;
    return made;
}

Outcome send(const Wanted& wanted) {
    SystemClock clock;
    CurlMail mail;
    const auto transport = told(CurlTransport::create({}));
    const notify::NotifierParts parts{
        .transport = *transport,
        .mail = mail,
        .clock = clock,
        .random = Random(seed_from_system()),
        .make_caller = [&](const std::string& region) -> Result<std::unique_ptr<aws::Caller>> {
            aws::SessionOptions options;
            options.region = region;
            return aws::Session::create(*transport, clock, Random(1), aws::system_environment(), options);
        },
        .read_file = aws::system_environment().read_file,
    };
    const notify::RetryPolicy quick{.max_attempts = 20, .first_pause = Millis(50), .longest_pause = Millis(200)};
    const auto notifier = told(notify::Notifier::create(to_settings(wanted), parts, quick));
    const Notification notification = to_notification(wanted, clock.now());
    Outcome outcome;
    if (wanted.queued) {
        notifier->notify(notification);
        outcome.all_sent = notifier->drain(Millis(wanted.drain_ms));
        return outcome;
    }
    for (const auto& delivery : notifier->send_now(notification, {})) {
        outcome.channels.push_back({delivery.kind, delivery.target, delivery.status.has_value(),
                                    delivery.status ? "" : delivery.status.error().message,
                                    delivery.status ? "" : to_string(delivery.status.error().kind)});
    }
    return outcome;
}

} // namespace
} // namespace ecsr::sending

int main() {
    using namespace ecsr;
    try {
        configure_log(LogLevel::Debug, LogFormat::Text);
        const std::string document{std::istreambuf_iterator<char>(std::cin), {}};
        const auto wanted =
            sending::told(json::from_json<json::SnakeCase, sending::Wanted>(document, ErrorKind::Usage));
        std::cout << json::to_json<json::SnakeCase>(sending::send(wanted), 2) << "\n";
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 2;
    }
}
