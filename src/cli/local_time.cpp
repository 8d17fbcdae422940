#include "cli/local_time.hpp"

#include "aws/clock_skew.hpp"
#include "base/url.hpp"
#include "local/plane/control.hpp"

#include <optional>
#include <string>
#include <utility>

namespace ecsr::cli {

namespace {

constexpr Millis clock_timeout{2'000};

// Scheme and authority of where the command sends its ECS requests; nothing when that is not this machine.
std::optional<std::string> local_endpoint(const Invocation& invocation, const World& world) {
    const bool steers = invocation.command().name.starts_with("local "); // from outside, in real time
    if (steers || find_option(invocation.command(), "endpoint-url") == nullptr) { return std::nullopt; }
    auto url = invocation.optional_text("endpoint-url");
    for (const char* variable : {"AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL"}) {
        if (!url) { url = world.environment.non_empty(variable); }
    }
    const auto parsed = url ? parse_url(*url) : fail(ErrorKind::Usage, "");
    if (!parsed || !parsed->is_loopback() || parsed->scheme != "http") { return std::nullopt; }
    return "http://" + parsed->authority();
}

World in_other_time(const World& world, Transport& transport, Clock& clock) {
    return {.transport = transport,
            .clock = clock,
            .outside = world.outside,
            .start_server = world.start_server,
            .socket_exchange = world.socket_exchange,
            .listen = world.listen,
            .connect_socket = world.connect_socket,
            .environment = world.environment,
            .console = world.console,
            .interrupts = world.interrupts,
            .seed = world.seed,
            .executable = world.executable,
            .temp_directory = world.temp_directory,
            .holder = world.holder};
}

} // namespace

Result<HttpResponse> FollowingTransport::send(const HttpRequest& request, const TransportOptions& options,
                                              std::stop_token stop) {
    auto answer = transport_.send(request, options, std::move(stop));
    if (!answer) { return answer; }
    if (const auto there = aws::parse_http_date(find_header(answer->headers, "Date"))) { clock_.jump_to(*there); }
    return answer;
}

LocalTime::LocalTime(World& world, Instant now, int time_scale)
    : clock_(world.clock, time_scale, now), transport_(world.transport, clock_),
      world_(in_other_time(world, transport_, clock_)) {}

std::unique_ptr<LocalTime> LocalTime::find(const Invocation& invocation, World& world) {
    const auto endpoint = local_endpoint(invocation, world);
    if (!endpoint) { return nullptr; }
    const auto answer =
        world.transport.send({"GET", *endpoint + std::string(local::control::clock_path), {}, ""},
                             {.timeout = clock_timeout, .bypass_proxy = true}, world.interrupts.end_in_order);
    if (!answer || answer->status != 200) { return nullptr; } // the command itself will find out what is wrong there
    const auto clock = local::control::read_clock(answer->body);
    if (!clock || clock->time_scale < 1) { return nullptr; }
    return std::unique_ptr<LocalTime>(new LocalTime(world, clock->now, clock->time_scale));
}

} // namespace ecsr::cli
