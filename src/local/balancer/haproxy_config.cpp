#include "local/balancer/haproxy_config.hpp"

#include "base/text.hpp"

#include <fmt/core.h>
#include <string_view>

namespace ecsr::local {
namespace {

// Time-outs are those of an ALB: 10 s to connect, 60 s idle. One connection to the target for each request
// (http-server-close): a target that is stopping can then never lose a request that HAProxy sent on a connection which
// the target was about to close. No retry and no other target after a failure: an ALB answers 502.
// `max-spread-checks`: the first check of a server follows 20 ms after it was added instead of one interval later.
constexpr std::string_view fixed_part = R"(
  stats timeout 10s
  nbthread 1
  fd-hard-limit 8192
  max-spread-checks 20
  hard-stop-after 5m

defaults
  mode http
  balance roundrobin
  retries 0
  no option redispatch
  option http-server-close
  option idle-close-on-response
  option forwardfor
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
)";

// HAProxy says 503 both when there is no usable server and when the chosen one refuses; an ALB says 502 to the latter,
// and 504 when the target did not accept within the time-out. `answered` tells an answer of the target from HAProxy's.
constexpr std::string_view answer_rules = R"(
  http-request set-var(txn.began) date(0,ms)
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port %[dst_port]
  http-response set-var(txn.answered) bool(true)
  http-after-response set-var(txn.waited) date(0,ms),sub(txn.began)
  acl target_failed status 503
  acl answered var(txn.answered) -m found
  acl target_chosen srv_name -m len gt 0
  acl waited_too_long var(txn.waited) -m int ge 10000
  http-after-response set-status 504 reason "Gateway Time-out" if target_failed !answered target_chosen waited_too_long
  http-after-response set-status 502 reason "Bad Gateway" if target_failed !answered target_chosen !waited_too_long
)";

std::string frontend(const ProxySettings& settings) {
    std::string text = "\nfrontend listeners\n";
    for (const int descriptor : settings.listening) { text += fmt::format("  bind fd@{}\n", descriptor); }
    text += fmt::format("  use_backend {} if {{ nbsrv({}) eq 0 }}\n  default_backend {}", open_backend, checked_backend,
                        checked_backend);
    text += answer_rules;
    return text;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ') { continue; } // the text cannot leave its line
        if (c == '"' || c == '\\' || c == '$') { result += '\\'; }
        result += c;
    }
    return result + "\"";
}

// `linger`: the connection ends with FIN. HAProxy judges by the first part of the answer, and the reset that it would
// send otherwise meets a target which is still writing the rest.
std::string health_check(const ProxySettings& settings) {
    if (!settings.checked) { return {}; }
    return fmt::format("  timeout check {}s\n"
                       "  option httpchk\n"
                       "  http-check connect default linger\n"
                       "  http-check send meth GET uri {} ver HTTP/1.1 hdr Host localhost"
                       " hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close\n"
                       "  http-check expect status {}\n",
                       settings.check_timeout.count(), quoted(settings.check_path), quoted(settings.matcher));
}

int number_or(std::string_view text, int fallback) {
    const auto number = parse_integer(text);
    return number ? static_cast<int>(*number) : fallback;
}

} // namespace

ProxySettings proxy_settings(const TargetGroup& group, std::vector<int> listening) {
    return {.listening = std::move(listening),
            .checked = group.health_check_enabled,
            .check_with_tls = group.health_check_protocol == "HTTPS",
            .check_port = number_or(group.health_check_port, 0),
            .check_path = group.health_check_path.empty() ? "/" : group.health_check_path,
            .check_interval = group.health_check_interval,
            .check_timeout = group.health_check_timeout,
            .healthy_threshold = group.healthy_threshold,
            .unhealthy_threshold = group.unhealthy_threshold,
            .matcher = group.matcher};
}

Result<std::string> target_address(const std::string& target_type, const std::string& target_id, int port) {
    if (target_type != "ip") { return fmt::format("127.0.0.1:{}", port); }
    if (target_id.empty() || target_id.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos) {
        return fail(ErrorKind::Usage, fmt::format("target '{}' is not an IP address", target_id));
    }
    return fmt::format("{}:{}", target_id, port);
}

std::string check_options(const ProxySettings& settings) {
    if (!settings.checked) { return {}; }
    std::string options = fmt::format(" check inter {}s rise {} fall {}", settings.check_interval.count(),
                                      settings.healthy_threshold, settings.unhealthy_threshold);
    if (settings.check_port != 0) { options += fmt::format(" port {}", settings.check_port); }
    if (settings.check_with_tls) { options += " check-ssl verify none"; }
    return options;
}

std::string haproxy_config(const ProxySettings& settings, const std::string& socket_path,
                           const std::vector<ProxyServer>& healthy, const std::vector<ProxyServer>& unhealthy) {
    std::string text = fmt::format("global\n  stats socket {} mode 600 level admin", quoted(socket_path));
    text += fixed_part;
    text += frontend(settings);
    text += fmt::format("\nbackend {}\n{}", checked_backend, health_check(settings));
    for (const auto& server : healthy) {
        text += fmt::format("  server {} {}{}\n", server.name, server.address, check_options(settings));
    }
    for (const auto& server : unhealthy) {
        text += fmt::format("  server {} {}{} disabled\n", server.name, server.address, check_options(settings));
    }
    text += fmt::format("\nbackend {}\n", open_backend);
    for (const auto* group : {&healthy, &unhealthy}) {
        for (const auto& server : *group) { text += fmt::format("  server {} {}\n", server.name, server.address); }
    }
    return text;
}

} // namespace ecsr::local
