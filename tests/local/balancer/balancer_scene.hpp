// A real HAProxy between real HTTP targets and a real client.
#pragma once

#include "local/balancer/haproxy_balancer.hpp"
#include "net/curl_transport.hpp"
#include "net/http_server.hpp"
#include "net/loopback_listener.hpp"
#include "net/system_clock.hpp"
#include "net/unix_socket.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ecsr::local {

// An HTTP server with a health page; "/hold" is answered only after release().
class HttpTarget {
public:
    explicit HttpTarget(std::string name, std::uint16_t port = 0) : name_(std::move(name)) {
        auto server = start_http_server({.port = port, .threads = 16}, [this](const auto& r) { return answer(r); });
        EXPECT_TRUE(server) << (server ? "" : server.error().message);
        if (server) { server_ = std::move(*server); }
        port_ = server_ ? server_->port() : 0;
    }
    ~HttpTarget() { die(); }

    int port() const { return port_; }
    int requests() const { return requests_; }
    int health_checks() const { return health_checks_; }
    int held() const { return held_; }
    void answer_health_with(int status) { health_status_ = status; }
    void answer_requests_with(int status) { status_ = status; }
    void delay_health(Millis delay) { health_delay_ = delay; }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    // From now on connections are refused.
    void die() {
        release();
        server_.reset();
    }

private:
    HttpResponse answer(const HttpRequest& request) {
        if (request.url == "/health") {
            ++health_checks_;
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, health_delay_.load(), [this] { return released_; });
            return {.status = health_status_, .headers = {}, .body = "health of " + name_};
        }
        ++requests_;
        if (request.url == "/hold") {
            ++held_;
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return released_; });
        }
        return {.status = status_, .headers = {{"Target", name_}}, .body = name_};
    }

    const std::string name_;
    std::atomic<int> requests_ = 0, health_checks_ = 0, held_ = 0, health_status_ = 200, status_ = 200;
    std::atomic<Millis> health_delay_{Millis{0}};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool released_ = false; // guarded by mutex_
    std::unique_ptr<HttpServer> server_;
    int port_ = 0;
};

class BalancerScene : public ::testing::Test {
protected:
    BalancerScene() {
        directory_ = std::filesystem::temp_directory_path() / ("balancer-test-" + std::to_string(getpid()));
        std::filesystem::create_directories(directory_);
        make_balancer({});
        auto transport = CurlTransport::create({});
        EXPECT_TRUE(transport);
        transport_ = std::move(*transport);
        group_.arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef";
        group_.name = "web";
        group_.target_type = "ip";
        group_.health_check_path = "/health";
        group_.health_check_interval = Seconds{1};
        group_.health_check_timeout = Seconds{10}; // a busy machine is no unhealthy target
        group_.healthy_threshold = 2;
        group_.unhealthy_threshold = 2;
        listener_.arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/lb/1/1";
        listener_.target_group_arn = group_.arn;
    }
    ~BalancerScene() override {
        balancer_.reset();
        EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "files left in " << directory_;
        std::filesystem::remove_all(directory_);
    }

    void make_balancer(const std::string& program) {
        HaproxyOptions options{.directory = directory_, .exchange = unix_socket_exchange, .listen = {}};
        if (!program.empty()) { options.program = program; }
        options.listen = [](std::uint16_t port) -> Result<std::pair<int, std::uint16_t>> {
            auto socket = listen_on_loopback(port);
            if (!socket) { return std::unexpected(socket.error()); }
            return std::pair{socket->descriptor, socket->port};
        };
        balancer_.reset();
        auto balancer = HaproxyBalancer::create(std::move(options));
        ASSERT_TRUE(balancer) << balancer.error().message;
        balancer_ = std::move(*balancer);
    }

    Instant now() { return clock_.now(); }
    void apply() { balancer_->apply({listener_}, {group_}, now()); }
    Target& add(const HttpTarget& target) {
        auto& entry = group_.targets.emplace_back();
        entry.id = "127.0.0.1";
        entry.port = target.port();
        entry.registered_at = now();
        return entry;
    }
    Target& entry_of(const HttpTarget& target) {
        const auto found = std::ranges::find(group_.targets, target.port(), &Target::port);
        EXPECT_NE(found, group_.targets.end());
        return *found;
    }
    void drain(const HttpTarget& target) {
        entry_of(target).state = TargetState::Draining;
        entry_of(target).draining_until = now() + Seconds{60};
        apply();
    }
    void remove(const HttpTarget& target) {
        std::erase_if(group_.targets, [&](const Target& one) { return one.port == target.port(); });
        apply();
    }

    // Runs the balancer until `condition` holds; false after a minute.
    bool until(const std::function<bool()>& condition, Millis limit = Millis{60'000}) {
        const auto deadline = now() + limit;
        while (now() < deadline) {
            take_events();
            if (condition()) { return true; }
            clock_.sleep_until(std::min(balancer_->next_event_at(), now() + Millis{20}), {});
        }
        return false;
    }
    void take_events() {
        for (auto& event : balancer_->take_events(now())) {
            if (const auto* bound = std::get_if<ListenerBound>(&event)) { bound_port_ = bound->bound_port; }
            if (const auto* changed = std::get_if<TargetHealthChanged>(&event)) { verdicts_.push_back(*changed); }
        }
    }
    // The last verdict on the target; Initial when there is none.
    TargetHealthChanged verdict_on(const HttpTarget& target) const {
        TargetHealthChanged last;
        for (const auto& verdict : verdicts_) {
            if (verdict.port == target.port()) { last = verdict; }
        }
        return last;
    }
    bool is(const HttpTarget& target, TargetState state) const { return verdict_on(target).state == state; }
    bool until_healthy(const std::vector<const HttpTarget*>& targets) {
        return until(
            [&] { return std::ranges::all_of(targets, [&](const auto* t) { return is(*t, TargetState::Healthy); }); });
    }

    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(bound_port_) + path; }
    // The status of one request through the listener; 0 when the connection broke.
    int status_of(const std::string& path = "/") { return response_to(path).status; }
    HttpResponse response_to(const std::string& path) {
        auto response = transport_->send({.url = url(path), .headers = {}, .body = {}},
                                         {.timeout = Millis{60'000}, .bypass_proxy = true}, {});
        return response ? *response : HttpResponse{};
    }
    // The process ids of all HAProxies below the scene's folder.
    std::vector<pid_t> haproxies() const {
        std::vector<pid_t> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
            if (entry.path().extension() != ".sock") { continue; }
            const auto info = unix_socket_exchange(entry.path().string(), "show info\n", Millis{10'000}).value_or("");
            const auto at = info.find("Pid: ");
            if (at != std::string::npos) { found.push_back(std::stoi(info.substr(at + 5))); }
        }
        return found;
    }

    SystemClock clock_;
    std::filesystem::path directory_;
    std::unique_ptr<HaproxyBalancer> balancer_;
    std::unique_ptr<CurlTransport> transport_;
    TargetGroup group_;
    Listener listener_;
    int bound_port_ = 0;
    std::vector<TargetHealthChanged> verdicts_;
};

// Several clients that send requests as fast as `pause` allows until they are stopped.
class Load {
public:
    Load(std::string url, int clients, Millis pause) {
        for (int i = 0; i < clients; ++i) {
            threads_.emplace_back([this, url, pause](const std::stop_token& stop) { run(url, pause, stop); });
        }
    }
    void stop() { threads_.clear(); }
    int sent() const { return sent_; }
    int failed() const { return failed_; }

private:
    void run(const std::string& url, Millis pause, const std::stop_token& stop) {
        auto transport = CurlTransport::create({});
        SystemClock clock;
        while (!stop.stop_requested()) {
            const auto response =
                (*transport)->send({.url = url, .headers = {}, .body = {}}, {.bypass_proxy = true}, {});
            ++sent_;
            if (!response || response->status != 200) { ++failed_; }
            clock.sleep_until(clock.now() + pause, stop);
        }
    }

    std::atomic<int> sent_ = 0, failed_ = 0;
    std::vector<std::jthread> threads_;
};

} // namespace ecsr::local
