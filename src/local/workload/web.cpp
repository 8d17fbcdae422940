#include "local/workload/web.hpp"

#include "local/workload/leak.hpp"

#include <fmt/format.h>

namespace ecsr::local {

namespace {

constexpr std::int64_t highest_leak = std::int64_t{1} << 40;
constexpr std::int64_t longest_response_ms = 600'000;
constexpr Millis leak_interval{100};
constexpr Millis idle_interval{3'600'000};
// Answers that take time hold a thread each; others are over before the next request is read.
constexpr int threads_for_slow_answers = 16;
constexpr int threads_for_quick_answers = 2;

HttpResponse plain(int status, std::string text) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

class Site {
public:
    Site(const WebSettings& settings, Clock& clock) : settings_(settings), clock_(clock), listens_since_(clock.now()) {}

    HttpResponse answer(const HttpRequest& request);
    Leak& leak() { return leak_; }

private:
    HttpResponse health() const;

    const WebSettings& settings_;
    Clock& clock_;
    const Instant listens_since_;
    Leak leak_;
};

HttpResponse Site::answer(const HttpRequest& request) {
    const std::string path = request.url.substr(0, request.url.find('?'));
    if (path == "/health") { return health(); }
    if (path != "/") { return plain(404, "not found: there are / and /health"); }
    leak_.grow(settings_.leak_per_request);
    // Not cut short by SIGTERM: a request that was taken is answered.
    if (settings_.response > Millis(0)) { clock_.sleep_until(clock_.now() + settings_.response, std::stop_token()); }
    return plain(200, fmt::format("task {}", settings_.task_id));
}

HttpResponse Site::health() const {
    if (settings_.unhealthy_after && clock_.now() - listens_since_ >= *settings_.unhealthy_after) {
        return plain(503, "unhealthy");
    }
    const bool healthy = settings_.health_status < 400;
    return plain(settings_.health_status, healthy ? "healthy" : "unhealthy");
}

void leak_until_stopped(const WebSettings& settings, const WorkloadContext& context, Leak& leak) {
    LeakPace pace(settings.leak_per_second, context.clock.now());
    const Millis interval = settings.leak_per_second > 0 ? leak_interval : idle_interval;
    while (!context.stop.stop_requested()) {
        context.clock.sleep_until(context.clock.now() + interval, context.stop);
        leak.grow(pace.due(context.clock.now()));
    }
}

} // namespace

WebSettings read_web_settings(SettingsReader& reader, bool leaks) {
    WebSettings settings;
    settings.host = reader.text("HOST", "127.0.0.1");
    settings.port = static_cast<int>(reader.number("PORT", 8080, 1, 65535));
    settings.task_id = reader.text("LOCAL_ECS_TASK_ID", "none");
    settings.startup = reader.seconds("STARTUP_SECONDS").value_or(Millis(0));
    settings.response = Millis(reader.number("RESPONSE_MS", 0, 0, longest_response_ms));
    settings.health_status = static_cast<int>(reader.number("HEALTH_STATUS", 200, 200, 599));
    settings.unhealthy_after = reader.seconds("UNHEALTHY_AFTER_SECONDS");
    settings.shutdown = reader.seconds("SHUTDOWN_SECONDS").value_or(Millis(0));
    if (leaks) {
        settings.leak_per_second =
            static_cast<std::uint64_t>(reader.number("LEAK_BYTES_PER_SECOND", 0, 0, highest_leak));
        settings.leak_per_request =
            static_cast<std::uint64_t>(reader.number("LEAK_BYTES_PER_REQUEST", 0, 0, highest_leak));
    }
    return settings;
}

int run_web(const WebSettings& settings, const WorkloadContext& context) {
    if (!context.clock.sleep_until(context.clock.now() + settings.startup, context.stop)) { return 0; }
    Site site(settings, context.clock);
    HttpServerOptions options;
    options.address = settings.host;
    options.beyond_loopback = true; // in a container it is reached from outside of that
    options.port = static_cast<std::uint16_t>(settings.port);
    options.threads = settings.response > Millis(0) ? threads_for_slow_answers : threads_for_quick_answers;
    auto server = context.start_server(options, [&site](const HttpRequest& request) { return site.answer(request); });
    if (!server) {
        fmt::print(stderr, "{}\n", server.error().message);
        return 1;
    }
    fmt::print("listening on {}:{}\n", settings.host, settings.port);
    std::fflush(stdout);
    leak_until_stopped(settings, context, site.leak());
    const Instant leave_at = context.clock.now() + settings.shutdown;
    server->reset(); // stops listening at once, and answers what it has taken
    context.clock.sleep_until(leave_at, std::stop_token());
    return 0;
}

} // namespace ecsr::local
