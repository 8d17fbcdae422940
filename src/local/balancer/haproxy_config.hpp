// The HAProxy configuration of one target group, as text, so that HAProxy behaves as an Application Load Balancer does.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "local/state/balancing.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

// What a target group wants of its HAProxy process that cannot be changed while the process runs.
struct ProxySettings {
    std::vector<int> listening; // descriptors that HAProxy inherits, in ascending order
    bool checked = true;
    bool check_with_tls = false;
    int check_port = 0; // 0: the target's own port
    std::string check_path;
    Seconds check_interval{};
    Seconds check_timeout{};
    int healthy_threshold = 0;
    int unhealthy_threshold = 0;
    std::string matcher;

    bool operator==(const ProxySettings&) const = default;
};

ProxySettings proxy_settings(const TargetGroup& group, std::vector<int> listening);

// Two backends hold each server: `tg` takes requests while at least one target is healthy there; `open` takes them when
// none is, since a target group whose targets are all unhealthy "fails open" (ECS behaviour D2).
inline constexpr const char* checked_backend = "tg";
inline constexpr const char* open_backend = "open";

struct ProxyServer {
    std::string name;
    std::string address; // "127.0.0.1:8080"
};

// "127.0.0.1:8080" for instance targets (they are processes of this machine), "ID:PORT" for ip targets.
// Error: Usage, when the id of an ip target is not an IP address.
Result<std::string> target_address(const std::string& target_type, const std::string& target_id, int port);

// What follows "server tg/NAME ADDRESS" and "add server tg/NAME ADDRESS".
std::string check_options(const ProxySettings& settings);

// `healthy` servers take requests from the first moment, `unhealthy` ones only as long as there is no healthy one (they
// are disabled in the checked backend); all others are added later over the command socket at `socket_path`.
std::string haproxy_config(const ProxySettings& settings, const std::string& socket_path,
                           const std::vector<ProxyServer>& healthy, const std::vector<ProxyServer>& unhealthy);

} // namespace ecsr::local
