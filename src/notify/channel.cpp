#include "notify/channel.hpp"

#include "aws/sns/client.hpp"
#include "base/mail_headers.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "notify/webhook_request.hpp"
#include "tell/notification_mail.hpp"
#include "tell/notification_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::notify {

namespace {

// More than most mail servers take; a mail that is refused for its size tells nobody anything.
constexpr std::size_t largest_attachments = 10U << 20U;
constexpr std::size_t largest_answer_shown = 200;

class MailChannel : public Channel {
public:
    MailChannel(const MailSettings& settings, const NotifierParts& parts)
        : Channel({settings.name, "mail", join(recipients(settings), ", "), settings.events}), settings_(settings),
          parts_(parts) {}

    Status send(const Message& message, const std::stop_token& stop) override {
        std::vector<std::string> remarks;
        auto files = read_attachments(remarks);
        const auto mail = tell::mail_message(settings_, message.notification, std::move(files), remarks, id(message));
        const auto receipt = parts_.mail.send(settings_.server, mail, stop);
        if (!receipt) { return std::unexpected(receipt.error()); }
        if (receipt->refused.empty()) { return {}; }
        std::vector<std::string> refused;
        for (const auto& [address, answer] : receipt->refused) {
            refused.push_back(fmt::format("{} ({})", address, answer));
        }
        return fail(ErrorKind::Usage,
                    fmt::format("sent, but the mail server refused the recipient {}", join(refused, ", ")));
    }

private:
    static std::vector<std::string> recipients(const MailSettings& settings) {
        std::vector<std::string> all;
        for (const auto* addresses : {&settings.to, &settings.cc, &settings.bcc}) {
            std::ranges::transform(*addresses, std::back_inserter(all), bare_address);
        }
        return all;
    }

    std::string id(const Message& message) const {
        const std::string from = bare_address(settings_.from);
        return fmt::format("{}.ecs-recycler@{}", message.id, from.substr(from.find('@') + 1));
    }

    std::vector<MailAttachment> read_attachments(std::vector<std::string>& remarks) const {
        std::vector<MailAttachment> files;
        std::size_t total = 0;
        for (const std::string& path : settings_.attachments) {
            auto content = parts_.read_file(path);
            if (!content) {
                remarks.push_back(fmt::format("Not attached: {}", content.error().message));
            } else if (total + content->size() > largest_attachments) {
                remarks.push_back(
                    fmt::format("Not attached: {} is too large ({})", path, format_bytes(content->size())));
            } else {
                total += content->size();
                const std::string name(short_id(path));
                files.push_back({name, tell::media_type_of(name), *std::move(content)});
            }
        }
        return files;
    }

    const MailSettings& settings_;
    const NotifierParts& parts_;
};

class TopicChannel : public Channel {
public:
    TopicChannel(const SnsSettings& settings, const NotifierParts& parts)
        : Channel({settings.name, "sns", settings.topic_arn, settings.events}), settings_(settings), parts_(parts) {}

    Status send(const Message& message, const std::stop_token& stop) override {
        if (caller_ == nullptr) {
            auto made = parts_.make_caller(split(settings_.topic_arn, ':').at(3));
            if (!made) { return std::unexpected(made.error()); }
            caller_ = *std::move(made);
        }
        const auto& notification = message.notification;
        aws::sns::PublishRequest request;
        request.topic_arn = settings_.topic_arn;
        request.message = tell::notification_text(notification);
        request.subject = subject(notification);
        request.message_attributes = {{"event", {"String", to_string(notification.event)}},
                                      {"service", {"String", std::string(short_id(notification.service))}},
                                      {"cluster", {"String", std::string(short_id(notification.cluster))}}};
        const auto published = aws::sns::Client(*caller_).publish(request, stop);
        return published ? Status{} : std::unexpected(published.error());
    }

private:
    // At most 100 printable ASCII characters (ECS behaviour A11).
    static std::string subject(const Notification& notification) {
        std::string line = headline(notification);
        std::ranges::replace_if(line, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
        return line.size() > 100 ? line.substr(0, 97) + "..." : line;
    }

    const SnsSettings& settings_;
    const NotifierParts& parts_;
    std::unique_ptr<aws::Caller> caller_;
};

Status judge(const HttpResponse& answer) {
    if (answer.status >= 200 && answer.status < 300) { return {}; }
    std::string said(trim(answer.body.substr(0, largest_answer_shown)));
    std::ranges::replace_if(said, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    Error error{ErrorKind::Remote,
                fmt::format("the server answered HTTP {}{}{}", answer.status, said.empty() ? "" : ": ", said), "",
                answer.status, false};
    if (answer.status == 429) { error.kind = ErrorKind::Throttled; }
    return std::unexpected(std::move(error));
}

class WebhookChannel : public Channel {
public:
    WebhookChannel(const WebhookSettings& settings, const NotifierParts& parts)
        : Channel({settings.name, settings.format == WebhookFormat::Generic ? "webhook" : to_string(settings.format),
                   parse_url(settings.url.reveal())->authority(), settings.events}),
          settings_(settings), parts_(parts) {}

    Status send(const Message& message, const std::stop_token& stop) override {
        const auto request = webhook_request(settings_, message.notification, message.id, parts_.clock.now());
        const auto answer = parts_.transport.send(request, {.timeout = settings_.timeout}, stop);
        return answer ? judge(*answer) : std::unexpected(answer.error());
    }

private:
    const WebhookSettings& settings_;
    const NotifierParts& parts_;
};

} // namespace

std::vector<std::unique_ptr<Channel>> make_channels(const NotificationSettings& settings, const NotifierParts& parts) {
    std::vector<std::unique_ptr<Channel>> channels;
    for (const auto& mail : settings.mails) { channels.push_back(std::make_unique<MailChannel>(mail, parts)); }
    for (const auto& topic : settings.topics) { channels.push_back(std::make_unique<TopicChannel>(topic, parts)); }
    for (const auto& hook : settings.webhooks) { channels.push_back(std::make_unique<WebhookChannel>(hook, parts)); }
    return channels;
}

bool is_worth_repeating(const Error& error) {
    switch (error.kind) {
    case ErrorKind::Timeout:
    case ErrorKind::Throttled:
    case ErrorKind::Unreachable:
    case ErrorKind::Io: return true;
    case ErrorKind::Remote: return error.http_status == 408 || error.http_status >= 500;
    case ErrorKind::Usage:
    case ErrorKind::Refused:
    case ErrorKind::Locked:
    case ErrorKind::Credentials:
    case ErrorKind::Interrupted:
    case ErrorKind::NotFound: return false;
    }
    return false;
}

} // namespace ecsr::notify
