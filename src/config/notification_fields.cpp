#include "base/text.hpp"
#include "config/sections.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::config {

namespace {

constexpr int highest_port = 65'535;

Result<Secret> parse_secret(std::string_view text) {
    return Secret(std::string(text));
}

Result<MailSecurity> parse_security(std::string_view text) {
    if (text == "starttls") { return MailSecurity::StartTls; }
    if (text == "tls") { return MailSecurity::Tls; }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of starttls, tls", text));
}

// A name or a list of them.
template <class Channel>
void read_events(Channel& channel, const Node& node, const Scope& scope) {
    const auto names = read_texts(node, scope);
    if (!names) { return; }
    channel.events.clear();
    for (const std::string& name : *names) {
        const auto event = parse_notification_event(name);
        if (event) {
            channel.events.insert(*event);
        } else {
            scope.problem(node, event.error().message);
        }
    }
}

// A reader of a member of the mail server.
template <auto member, auto parse>
void of_server(MailSettings& mail, const Node& node, const Scope& scope) {
    set(mail.server.*member, read_parsed(node, scope, parse));
}

Result<std::string> parse_text(std::string_view text) {
    return std::string(text);
}

const Fields<MailSettings>& mail_fields() {
    static const Fields<MailSettings> fields{
        {"name", text<&MailSettings::name>},
        {"events", read_events<MailSettings>},
        {"host", of_server<&MailServer::host, parse_text>},
        {"port",
         [](MailSettings& mail, const Node& node, const Scope& scope) {
             const auto port = read_integer(node, scope, 1, highest_port);
             if (port) { mail.server.port = static_cast<std::uint16_t>(*port); }
         }},
        {"security", of_server<&MailServer::security, parse_security>},
        {"username", of_server<&MailServer::username, parse_text>},
        {"password", of_server<&MailServer::password, parse_secret>},
        {"ca_file", of_server<&MailServer::ca_file, parse_text>},
        {"timeout", of_server<&MailServer::timeout, parse_duration>},
        {"from", text<&MailSettings::from>},
        {"to", texts<&MailSettings::to>},
        {"cc", texts<&MailSettings::cc>},
        {"bcc", texts<&MailSettings::bcc>},
        {"subject_prefix", text<&MailSettings::subject_prefix>},
        {"subject", text<&MailSettings::subject>},
        {"attachments", texts<&MailSettings::attachments>},
        {"attach_report", boolean<&MailSettings::attach_report>},
    };
    return fields;
}

const Fields<SnsSettings>& topic_fields() {
    static const Fields<SnsSettings> fields{
        {"name", text<&SnsSettings::name>},
        {"events", read_events<SnsSettings>},
        {"topic_arn", text<&SnsSettings::topic_arn>},
    };
    return fields;
}

void read_headers(WebhookSettings& webhook, const Node& node, const Scope& scope) {
    if (!is_mapping(node, scope)) { return; }
    for (const Entry& entry : node.entries) {
        const Scope inner = scope.at(entry.key);
        if (!is_given(entry, inner)) { continue; }
        if (auto value = read_text(entry.value, inner)) { webhook.headers.emplace_back(entry.key, Secret(*value)); }
    }
}

const Fields<WebhookSettings>& webhook_fields() {
    static const Fields<WebhookSettings> fields{
        {"name", text<&WebhookSettings::name>},
        {"events", read_events<WebhookSettings>},
        {"format", parsed<&WebhookSettings::format, parse_webhook_format>},
        {"url", parsed<&WebhookSettings::url, parse_secret>},
        {"body_template", text<&WebhookSettings::body_template>},
        {"headers", read_headers},
        {"hmac_key", parsed<&WebhookSettings::hmac_key, parse_secret>},
        {"timeout", parsed<&WebhookSettings::timeout, parse_duration>},
    };
    return fields;
}

// Adds a channel for every item. Two of a kind need names that tell them apart.
template <class Channel>
void read_channels(std::vector<Channel>& into, const Node& node, const Scope& scope, const Fields<Channel>& fields) {
    read_list(node, scope, [&](const Node& item, const Scope& inner) {
        Channel channel;
        if (!into.empty()) { channel.name += fmt::format("-{}", into.size() + 1); }
        read_section(channel, item, inner, fields);
        into.push_back(std::move(channel));
    });
}

const Fields<NotificationSettings>& notification_fields() {
    static const Fields<NotificationSettings> fields{
        {"mails", [](NotificationSettings& settings, const Node& node,
                     const Scope& scope) { read_channels(settings.mails, node, scope, mail_fields()); }},
        {"topics", [](NotificationSettings& settings, const Node& node,
                      const Scope& scope) { read_channels(settings.topics, node, scope, topic_fields()); }},
        {"webhooks", [](NotificationSettings& settings, const Node& node,
                        const Scope& scope) { read_channels(settings.webhooks, node, scope, webhook_fields()); }},
    };
    return fields;
}

// The line of "mails[1].to": of the value, else of what holds it.
int line_of(const Node& node, std::string_view field) {
    const auto end = field.find_first_of(".[]");
    const std::string_view key = field.substr(0, end);
    const std::string_view rest = end == std::string_view::npos ? "" : field.substr(end + 1);
    const Node* inner = node.kind == Node::Kind::Mapping ? find(node, key) : nullptr;
    if (node.kind == Node::Kind::List) {
        const auto index = parse_integer(key);
        if (index && *index < static_cast<std::int64_t>(node.items.size())) {
            inner = &node.items[static_cast<std::size_t>(*index)];
        }
    }
    if (key.empty() && !rest.empty()) { return line_of(node, rest); }
    return inner == nullptr ? node.line : rest.empty() ? inner->line : line_of(*inner, rest);
}

} // namespace

void read_notifications(NotificationSettings& settings, const Node& node, const Scope& scope) {
    read_section(settings, node, scope, notification_fields());
    std::vector<SettingsProblem> found = check(settings);
    // A channel with a value that could not be read is judged when it can be: what follows from that is no problem.
    std::erase_if(found, [&](const SettingsProblem& problem) {
        return scope.at(std::string_view(problem.field).substr(0, problem.field.find(']') + 1)).has_problem();
    });
    for (const SettingsProblem& problem : found) {
        scope.at(problem.field).problem(line_of(node, problem.field), redact(problem.text, secrets_of(settings)));
    }
}

std::map<std::string, std::vector<std::string>> notification_keys() {
    return {{"notifications", keys_of(notification_fields())},
            {"mails", keys_of(mail_fields())},
            {"topics", keys_of(topic_fields())},
            {"webhooks", keys_of(webhook_fields())}};
}

} // namespace ecsr::config
