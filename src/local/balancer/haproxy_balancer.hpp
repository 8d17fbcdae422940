// Balances real requests over real targets with HAProxy, set up to behave as an Application Load Balancer (ECS
// behaviour D2): no retry, no other target after a failure, 502 when the target is gone, 503 when there is none, 504
// when it does not answer; round robin; a new target gets no request before its first passed health check; a draining
// one gets no new request; a group whose targets are all unhealthy is served by all of them.
//
// Each target group that a listener forwards to has one HAProxy process. Adding, draining and removing targets happens
// over its command socket and disturbs nothing.
#pragma once

#include "local/balancer/haproxy_process.hpp"
#include "local/state/outside.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

class GroupProxy;

struct HaproxyOptions {
    std::string program = "haproxy";      // a path, or a name to be found in PATH
    std::filesystem::path directory = {}; // a folder of its own is made below it; empty: the system's temporary folder
    CommandExchange exchange;             // net: unix_socket_exchange
    // A listening socket on 127.0.0.1: (descriptor, port); the descriptor becomes the balancer's. Port 0 lets the
    // kernel pick (net: listen_on_loopback).
    std::function<Result<std::pair<int, std::uint16_t>>(std::uint16_t port)> listen;
};

// HAProxy that is missing, refuses its configuration or dies is logged in one line and tried again.
class HaproxyBalancer : public Balancer {
public:
    // Error: Io, when no folder for sockets and configurations can be made.
    static Result<std::unique_ptr<HaproxyBalancer>> create(HaproxyOptions options);
    // Cuts what is in flight; leaves no process, socket or file.
    ~HaproxyBalancer() override;

    // A listener is bound to the port that it had (`bound_port`), else to the one asked for, else to one that the
    // kernel picks, and reported as ListenerBound when it is served.
    void apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups, Instant now) override;
    std::vector<Event> take_events(Instant now) override;
    Instant next_event_at() override;

private:
    // Closes its descriptor.
    class Socket {
    public:
        explicit Socket(int descriptor) : descriptor_(descriptor) {}
        Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
        Socket& operator=(Socket&& other) noexcept {
            std::swap(descriptor_, other.descriptor_);
            return *this;
        }
        ~Socket();
        int descriptor() const { return descriptor_; }

    private:
        int descriptor_;
    };
    struct BoundListener {
        Socket socket;
        int asked_port = 0;
        int bound_port = 0;
        std::string target_group_arn;
        bool reported = false;
    };

    HaproxyBalancer(HaproxyOptions options, std::filesystem::path directory);
    void bind_listener(const Listener& listener);

    HaproxyOptions options_;
    std::filesystem::path directory_;
    std::map<std::string, BoundListener> listeners_;             // by listener ARN
    std::map<std::string, std::unique_ptr<GroupProxy>> proxies_; // by target group ARN
    int proxies_made_ = 0;
};

} // namespace ecsr::local
