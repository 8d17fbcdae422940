#include "base/url.hpp"
#include "config/sections.hpp"

#include <fmt/format.h>

namespace ecsr::config {

namespace {

constexpr int most_runs = 100;
constexpr int highest_port = 65'535;
constexpr Millis shortest_poll{1'000};

struct Http {
    std::optional<std::uint16_t> port;
};

Result<std::string> parse_role_arn(std::string_view text) {
    if (text.starts_with("arn:") && text.find(":role/") != std::string_view::npos) { return std::string(text); }
    return fail(ErrorKind::Usage,
                fmt::format("\"{}\" is not the ARN of a role; allowed: arn:aws:iam::ACCOUNT:role/NAME", text));
}

Result<std::string> parse_endpoint(std::string_view text) {
    if (auto url = parse_url(text); !url) { return std::unexpected(std::move(url).error()); }
    return std::string(text);
}

Result<Millis> parse_poll(std::string_view text) {
    const auto span = parse_duration(text);
    if (!span || *span >= shortest_poll) { return span; }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is too short; allowed: 1s or more", text));
}

const Fields<Http>& http_fields() {
    static const Fields<Http> fields{
        {"port",
         [](Http& http, const Node& node, const Scope& scope) {
             const auto port = read_integer(node, scope, 0, highest_port);
             if (port) { http.port = static_cast<std::uint16_t>(*port); }
         }},
    };
    return fields;
}

const Fields<Poll>& poll_fields() {
    static const Fields<Poll> fields{{"services", parsed<&Poll::services, parse_poll>}};
    return fields;
}

} // namespace

const Fields<Account>& account_fields() {
    static const Fields<Account> fields{
        {"name", text<&Account::name>},
        {"profile", text<&Account::profile>},
        {"role_arn", parsed<&Account::role_arn, parse_role_arn>},
        {"external_id", text<&Account::external_id>},
        {"endpoint_url", parsed<&Account::endpoint_url, parse_endpoint>},
        {"region", texts<&Account::regions>},
        {"regions", texts<&Account::regions>},
    };
    return fields;
}

const Fields<Settings>& settings_fields() {
    static const Fields<Settings> fields{
        {"max_parallel",
         [](Settings& settings, const Node& node, const Scope& scope) {
             set(settings.max_parallel, read_integer(node, scope, 1, most_runs));
         }},
        {"stagger", parsed<&Settings::stagger, parse_duration>},
        {"drain_timeout", parsed<&Settings::drain_timeout, parse_duration>},
        {"read_only", boolean<&Settings::read_only>},
        {"journal", text<&Settings::journal>},
        {"http",
         [](Settings& settings, const Node& node, const Scope& scope) {
             Http http;
             read_section(http, node, scope, http_fields());
             settings.http_port = http.port;
         }},
        {"notifications", [](Settings& settings, const Node& node,
                             const Scope& scope) { read_notifications(settings.notifications, node, scope); }},
        {"poll", [](Settings& settings, const Node& node,
                    const Scope& scope) { read_section(settings.poll, node, scope, poll_fields()); }},
    };
    return fields;
}

std::map<std::string, std::vector<std::string>> nested_keys() {
    auto keys = notification_keys();
    keys["http"] = keys_of(http_fields());
    keys["poll"] = keys_of(poll_fields());
    return keys;
}

} // namespace ecsr::config
