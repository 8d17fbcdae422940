#include "model/notification_settings.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "base/text_template.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace ecsr {

namespace {

// Shorter ones would blot out ordinary words, and guard nothing.
constexpr std::size_t shortest_secret = 4;

using Problems = std::vector<SettingsProblem>;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// "a@b" or "Name <a@b>"; as much as a mail server needs to tell more.
bool is_address(std::string_view text) {
    if (has_control(text)) { return false; }
    std::string_view address = trim(text);
    if (address.ends_with('>')) {
        const auto open = address.rfind('<');
        if (open == std::string_view::npos) { return false; }
        address = address.substr(open + 1, address.size() - open - 2);
    }
    const auto at = address.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < address.size() && address.rfind('@') == at &&
           address.find_first_of(" \t<>,;\"") == std::string_view::npos;
}

void check_template(const std::string& text, const std::string& field, Problems& problems) {
    const auto parsed = TextTemplate::parse(text, notification_placeholders());
    if (!parsed) { problems.push_back({field, parsed.error().message}); }
}

// A body that is only right for some events would be refused by its server just when it matters.
void check_json(const std::string& text, const std::string& field, Problems& problems) {
    const auto parsed = TextTemplate::parse(text, notification_placeholders());
    if (!parsed) { return; } // told by check_template
    Notification with_run;
    with_run.figures = NotificationFigures{};
    for (const Notification& sample : {Notification{}, with_run}) {
        const std::string body = parsed->render(placeholder_values(sample), json::inside_quotes);
        boost::json::error_code problem;
        boost::json::parse(body, problem);
        if (!problem) { continue; }
        problems.push_back({field, fmt::format("is not JSON once its placeholders are filled in ({}); texts need "
                                               "quotes around them: \"{{{{service}}}}\"",
                                               problem.message())});
        return;
    }
}

void check_addresses(const std::vector<std::string>& addresses, const std::string& field, Problems& problems) {
    for (const std::string& address : addresses) {
        if (is_address(address)) { continue; }
        problems.push_back({field, fmt::format("\"{}\" is not a mail address (name@host)", address)});
    }
}

void check_events(const std::set<NotificationEvent>& events, const std::string& where, Problems& problems) {
    if (!events.empty()) { return; }
    problems.push_back({where + ".events", "names no event; remove the channel if nobody is to be told"});
}

void check_mail(const MailSettings& mail, const std::string& where, Problems& problems) {
    check_events(mail.events, where, problems);
    if (mail.server.host.empty()) { problems.push_back({where + ".host", "is missing: the name of the mail server"}); }
    if (mail.server.host.find_first_of("/@ :?#") != std::string::npos || has_control(mail.server.host)) {
        problems.push_back({where + ".host", fmt::format("\"{}\" is not the name of a server", mail.server.host)});
    }
    if (mail.server.port == 0) { problems.push_back({where + ".port", "must be from 1 to 65535"}); }
    if (mail.server.username.empty() != mail.server.password.empty()) {
        problems.push_back({where, "username and password must be given together"});
    }
    if (mail.to.empty() && mail.cc.empty() && mail.bcc.empty()) {
        problems.push_back({where + ".to", "names no recipient, nor do cc and bcc"});
    }
    check_addresses({mail.from}, where + ".from", problems);
    check_addresses(mail.to, where + ".to", problems);
    check_addresses(mail.cc, where + ".cc", problems);
    check_addresses(mail.bcc, where + ".bcc", problems);
    check_template(mail.subject, where + ".subject", problems);
    if (has_control(mail.subject)) { problems.push_back({where + ".subject", "has a line break"}); }
    if (has_control(mail.subject_prefix)) { problems.push_back({where + ".subject_prefix", "has a line break"}); }
}

void check_topic(const SnsSettings& topic, const std::string& where, Problems& problems) {
    check_events(topic.events, where, problems);
    const auto parts = split(topic.topic_arn, ':');
    if (parts.size() == 6 && parts[0] == "arn" && parts[2] == "sns" && !parts[3].empty() && !parts[5].empty()) {
        return;
    }
    problems.push_back({where + ".topic_arn", fmt::format("\"{}\" is not the ARN of a topic "
                                                          "(arn:aws:sns:REGION:ACCOUNT:NAME)",
                                                          topic.topic_arn)});
}

void check_webhook(const WebhookSettings& webhook, const std::string& where, Problems& problems) {
    check_events(webhook.events, where, problems);
    // The URL is not repeated in the text: it may hold a token.
    const auto url = parse_url(webhook.url.reveal());
    if (!url || has_control(webhook.url.reveal())) {
        problems.push_back({where + ".url", "is not an absolute https:// URL"});
    } else if (url->scheme != "https" && !url->is_loopback()) {
        problems.push_back({where + ".url", "must be https://; http:// is allowed on this machine (127.0.0.1) only"});
    }
    for (const auto& [name, value] : webhook.headers) {
        const bool bad_name = name.empty() || has_control(name) || name.find_first_of(": ") != std::string::npos;
        if (bad_name || has_control(value.reveal())) {
            problems.push_back({where + ".headers", fmt::format("header \"{}\" cannot be sent", name)});
        }
    }
    check_template(webhook.body_template, where + ".body_template", problems);
    if (webhook.format == WebhookFormat::Generic && !webhook.body_template.empty()) {
        check_json(webhook.body_template, where + ".body_template", problems);
    }
}

// Each channel's name once.
void check_name(const std::string& name, const std::string& where, std::set<std::string>& seen, Problems& problems) {
    if (seen.insert(name).second) { return; }
    problems.push_back({where + ".name", fmt::format("\"{}\" is the name of another channel already", name)});
}

} // namespace

const char* to_string(WebhookFormat format) {
    switch (format) {
    case WebhookFormat::Slack: return "slack";
    case WebhookFormat::Teams: return "teams";
    case WebhookFormat::Generic: return "generic";
    }
    return "";
}

Result<WebhookFormat> parse_webhook_format(std::string_view text) {
    for (const auto format : {WebhookFormat::Slack, WebhookFormat::Teams, WebhookFormat::Generic}) {
        if (text == to_string(format)) { return format; }
    }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of slack, teams, generic", text));
}

std::vector<SettingsProblem> check(const NotificationSettings& settings) {
    Problems problems;
    std::set<std::string> names;
    const auto each = [&](const auto& channels, const char* list, auto check_one) {
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const std::string where = fmt::format("{}[{}]", list, i);
            check_name(channels[i].name, where, names, problems);
            check_one(channels[i], where, problems);
        }
    };
    each(settings.mails, "mails", check_mail);
    each(settings.topics, "topics", check_topic);
    each(settings.webhooks, "webhooks", check_webhook);
    return problems;
}

std::vector<std::string> secrets_of(const NotificationSettings& settings) {
    std::vector<std::string> secrets;
    for (const MailSettings& mail : settings.mails) { secrets.push_back(mail.server.password.reveal()); }
    for (const WebhookSettings& webhook : settings.webhooks) {
        secrets.push_back(webhook.url.reveal());
        if (const auto url = parse_url(webhook.url.reveal())) {
            // The host alone is no secret, and says where it failed.
            secrets.push_back(url->path);
            secrets.push_back(url->query);
        }
        secrets.push_back(webhook.hmac_key.reveal());
        for (const auto& [name, value] : webhook.headers) { secrets.push_back(value.reveal()); }
    }
    std::erase_if(secrets, [](const std::string& secret) { return secret.size() < shortest_secret; });
    // The longest first, so that no rest of one is left when it holds another.
    std::ranges::sort(secrets, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return secrets;
}

std::string redact(std::string text, const std::vector<std::string>& secrets) {
    static constexpr std::string_view instead = "[secret]";
    for (const std::string& secret : secrets) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + instead.size())) {
            text.replace(at, secret.size(), instead);
        }
    }
    return text;
}

} // namespace ecsr
