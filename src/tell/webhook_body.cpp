#include "tell/webhook_body.hpp"

#include "base/json_mapper.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "base/text_template.hpp"
#include "tell/notification_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr {

BOOST_DESCRIBE_STRUCT(NotificationFigures, (),
                      (outcome, strategy, tasks_recycled, tasks_left, tasks_skipped, lowest_healthy, desired_before,
                       desired_after, restored, started_at, duration))

} // namespace ecsr

namespace ecsr::tell {

namespace {

using json::quote;

// Slack refuses a block with more, and a longer text there helps nobody.
constexpr std::size_t slack_fields = 10;
constexpr std::size_t slack_text = 2'900;

std::string fill(const std::string& user_template, const Notification& notification,
                 const std::function<std::string(const std::string&)>& escape) {
    const auto parsed = TextTemplate::parse(user_template, notification_placeholders());
    ECSR_ASSERT(parsed.has_value());
    return parsed->render(placeholder_values(notification), escape);
}

// Slack's mark-up has three special characters; what comes from elsewhere must not make links or mention people.
std::string escape_slack(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

// Cards render Markdown; these begin links, emphasis and lists.
std::string escape_markdown(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("\\*_[]()`#").find(c) != std::string_view::npos) { escaped += '\\'; }
        escaped += c;
    }
    return escaped;
}

std::string shortened(std::string text, std::size_t limit) {
    if (text.size() <= limit) { return text; }
    // Never in the middle of a UTF-8 character.
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) { --limit; }
    return text.substr(0, limit) + "...";
}

std::string section(const std::string& markdown) {
    return fmt::format(R"({{"type":"section","text":{{"type":"mrkdwn","text":{}}}}})",
                       quote(shortened(markdown, slack_text)));
}

std::string slack_facts(const Notification& notification) {
    std::vector<std::string> blocks;
    const auto facts = notification_facts(notification);
    for (std::size_t i = 0; i < facts.size(); i += slack_fields) {
        std::vector<std::string> fields;
        for (std::size_t k = i; k < std::min(facts.size(), i + slack_fields); ++k) {
            const std::string text = fmt::format("*{}*\n{}", facts[k].first, escape_slack(facts[k].second));
            fields.push_back(fmt::format(R"({{"type":"mrkdwn","text":{}}})", quote(text)));
        }
        blocks.push_back(fmt::format(R"({{"type":"section","fields":[{}]}})", join(fields, ",")));
    }
    return join(blocks, ",");
}

std::string slack(const WebhookSettings& settings, const Notification& notification) {
    std::string title = escape_slack(headline(notification));
    std::string text =
        settings.body_template.empty() ? "*" + title + "*" : fill(settings.body_template, notification, escape_slack);
    if (settings.body_template.empty() && !notification.reason.empty()) {
        text += "\n" + escape_slack(notification.reason);
    }
    return fmt::format(R"({{"text":{},"blocks":[{},{}]}})", quote(title), section(text), slack_facts(notification));
}

std::string teams_facts(const Notification& notification) {
    std::vector<std::string> facts;
    for (const auto& [label, value] : notification_facts(notification)) {
        facts.push_back(fmt::format(R"({{"title":{},"value":{}}})", quote(label), quote(escape_markdown(value))));
    }
    return join(facts, ",");
}

const char* teams_colour(NotificationEvent event) {
    switch (event) {
    case NotificationEvent::Finished: return "Good";
    case NotificationEvent::Failed: return "Attention";
    case NotificationEvent::Restored:
    case NotificationEvent::Blocked: return "Warning";
    case NotificationEvent::Started:
    case NotificationEvent::Skipped: return "Default";
    }
    return "Default";
}

std::string teams(const WebhookSettings& settings, const Notification& notification) {
    const std::string text = settings.body_template.empty()
                                 ? escape_markdown(notification.reason)
                                 : fill(settings.body_template, notification, escape_markdown);
    const std::string paragraph =
        text.empty() ? "" : fmt::format(R"({{"type":"TextBlock","text":{},"wrap":true}},)", quote(text));
    const std::string card = fmt::format(
        R"({{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4",)"
        R"("body":[{{"type":"TextBlock","size":"Large","weight":"Bolder","wrap":true,"color":"{}","text":{}}},{})"
        R"({{"type":"FactSet","facts":[{}]}}]}})",
        teams_colour(notification.event), quote(escape_markdown(headline(notification))), paragraph,
        teams_facts(notification));
    return fmt::format(R"({{"type":"message","attachments":[{{"contentType":)"
                       R"("application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{}}}]}})",
                       card);
}

std::string generic(const WebhookSettings& settings, const Notification& notification) {
    if (!settings.body_template.empty()) { return fill(settings.body_template, notification, json::inside_quotes); }
    std::string body =
        fmt::format(R"({{"event":{},"title":{},"reason":{},"at":{},"service":{},"cluster":{},"region":{},"run_id":{},)"
                    R"("is_test":{})",
                    quote(to_string(notification.event)), quote(headline(notification)), quote(notification.reason),
                    quote(to_rfc3339(notification.at)), quote(short_id(notification.service)),
                    quote(short_id(notification.cluster)), quote(notification.region), quote(notification.run_id),
                    notification.is_test);
    if (notification.figures) { body += R"(,"figures":)" + json::to_json<json::SnakeCase>(*notification.figures); }
    if (!notification.report_json.empty()) { body += R"(,"report":)" + notification.report_json; }
    return body + "}";
}

} // namespace

std::string webhook_body(const WebhookSettings& settings, const Notification& notification) {
    switch (settings.format) {
    case WebhookFormat::Slack: return slack(settings, notification);
    case WebhookFormat::Teams: return teams(settings, notification);
    case WebhookFormat::Generic: return generic(settings, notification);
    }
    return "";
}

} // namespace ecsr::tell
