// Who is told about which events, and by which way. Filled by config/; holds secrets, so it is never printed.
#pragma once

#include "base/mail.hpp"
#include "base/secret.hpp"
#include "model/notification.hpp"

#include <set>
#include <string>
#include <vector>

namespace ecsr {

// A daemon skips often and is right to do so: everything but `skipped` is told unless the user says otherwise.
inline const std::set<NotificationEvent> default_notification_events{
    NotificationEvent::Started, NotificationEvent::Finished, NotificationEvent::Failed, NotificationEvent::Restored,
    NotificationEvent::Blocked};

struct MailSettings {
    std::string name = "mail"; // of the channel, for log lines and `notify test`; unique among all channels
    std::set<NotificationEvent> events = default_notification_events;
    MailServer server = {};
    std::string from = {};
    std::vector<std::string> to = {};
    std::vector<std::string> cc = {};
    std::vector<std::string> bcc = {};
    std::string subject_prefix = {};   // the subject is "PREFIX | SUBJECT | 20 November 2026"; empty: left out
    std::string subject = "{{title}}"; // with placeholders
    std::vector<std::string> attachments =
        {};                    // paths of files that go along; one that cannot be read is named in the text
    bool attach_report = true; // the run's document as report.json
};

struct SnsSettings {
    std::string name = "sns";
    std::set<NotificationEvent> events = default_notification_events;
    std::string topic_arn = {}; // its region is where the call goes
};

enum class WebhookFormat { Slack, Teams, Generic };
const char* to_string(WebhookFormat format); // "slack", "teams", "generic"
// Error: Usage, with the allowed names.
Result<WebhookFormat> parse_webhook_format(std::string_view text);

struct WebhookSettings {
    std::string name = "webhook";
    std::set<NotificationEvent> events = default_notification_events;
    WebhookFormat format = WebhookFormat::Generic;
    Secret url = {}; // https, or http on this machine. Often holds a token
    // With placeholders. Slack and Teams: the text above the facts. Generic: the whole body, where values are escaped
    // for JSON strings: {"text": "{{title}}", "tasks": {{tasks_recycled}}}. Empty: all facts (tell/webhook_body.hpp).
    std::string body_template = {};
    std::vector<std::pair<std::string, Secret>> headers = {}; // further ones, such as Authorization
    Secret hmac_key = {};                                     // empty: not signed
    Millis timeout{10'000};                                   // of one attempt
};

struct NotificationSettings {
    std::vector<MailSettings> mails = {};
    std::vector<SnsSettings> topics = {};
    std::vector<WebhookSettings> webhooks = {};

    bool empty() const { return mails.empty() && topics.empty() && webhooks.empty(); }
};

struct SettingsProblem {
    std::string field; // "mails[0].to", "webhooks[1].body_template"
    std::string text;  // what is wrong and what is allowed; no secret
};

// Every problem of the settings, in their order: unknown placeholders, addresses and URLs that cannot be, missing
// values, names that occur twice. Pure.
std::vector<SettingsProblem> check(const NotificationSettings& settings);

// Every secret in the settings; what may hold one goes through redact() before it is told.
std::vector<std::string> secrets_of(const NotificationSettings& settings);
// `text` with every one of `secrets` replaced by "[secret]".
std::string redact(std::string text, const std::vector<std::string>& secrets);

} // namespace ecsr
