#include "cli/local_control.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "local/api/known_keys.hpp"
#include "local/plane/control.hpp"

#include <fmt/format.h>
#include <vector>

namespace ecsr::cli {

namespace {

constexpr int default_port = 4510;

std::string loopback_url(std::int64_t port) {
    return fmt::format("http://127.0.0.1:{}", port);
}

// Error: Usage.
Result<std::int64_t> read_port(const std::string& path, const World& world) {
    const auto text = world.environment.read_file(path);
    if (!text) {
        const bool missing = text.error().kind == ErrorKind::NotFound;
        return fail(ErrorKind::Usage, missing
                                          ? fmt::format("--port-file {}: there is no such file, so no local ECS that "
                                                        "was given it runs",
                                                        path)
                                          : "--port-file: " + text.error().message);
    }
    const auto port = parse_integer(trim(*text));
    if (!port || *port < 1 || *port > 65'535) {
        return fail(ErrorKind::Usage, fmt::format("--port-file {} holds no port number", path));
    }
    return *port;
}

// The options that say where the local ECS is. Flags win over variables here too, also those of other options.
std::vector<std::string_view> places_given(const Invocation& invocation, bool by_url) {
    std::vector<std::string_view> typed;
    std::vector<std::string_view> set;
    for (const std::string_view flag : {"port-file", "endpoint-url", "port"}) {
        const bool counts = flag != "endpoint-url" || (by_url && find_option(invocation.command(), flag) != nullptr);
        if (!counts || !invocation.has(flag)) { continue; }
        (invocation.is_typed(flag) ? typed : set).push_back(flag);
    }
    return typed.empty() ? set : typed;
}

} // namespace

Result<LocalControl> LocalControl::find(const Invocation& invocation, World& world, bool by_url) {
    const auto places = places_given(invocation, by_url);
    if (places.size() > 1) {
        return fail(ErrorKind::Usage,
                    fmt::format("--{} and --{} name a local ECS both; give one of them", places[0], places[1]));
    }
    const std::string_view place = places.empty() ? "" : places.front();
    if (place == "port") { return LocalControl(loopback_url(invocation.number("port")), world); }
    if (place == "port-file") {
        const auto port = read_port(invocation.text("port-file"), world);
        if (!port) { return std::unexpected(port.error()); }
        return LocalControl(loopback_url(*port), world);
    }
    const bool is_given = place == "endpoint-url";
    const auto variable = world.environment.non_empty("AWS_ENDPOINT_URL");
    const std::string url = is_given ? invocation.text("endpoint-url") : variable.value_or(loopback_url(default_port));
    const auto parsed = parse_url(url);
    const char* origin = is_given ? "--endpoint-url" : "AWS_ENDPOINT_URL";
    if (!parsed) { return fail(ErrorKind::Usage, fmt::format("{}: {}", origin, parsed.error().message)); }
    if (!parsed->is_loopback() || parsed->scheme != "http") {
        return fail(ErrorKind::Usage,
                    fmt::format("{} {} is no local ECS: that has an http URL of this machine, such as {}", origin, url,
                                loopback_url(default_port)));
    }
    return LocalControl(fmt::format("http://{}", parsed->authority()), world);
}

Result<std::string> LocalControl::ask(std::string_view method, const std::string& path, std::string body,
                                      Millis timeout) {
    HttpRequest request{std::string(method), url_ + path, {{"Content-Type", "application/json"}}, std::move(body)};
    auto answer =
        world_->transport.send(request, {.timeout = timeout, .bypass_proxy = true}, world_->interrupts.end_in_order);
    if (!answer) {
        Error error = std::move(answer).error().with_context("no local ECS answers");
        if (error.kind == ErrorKind::Unreachable) { error.message += "; start one with \"ecs-recycler local up\""; }
        return std::unexpected(std::move(error));
    }
    if (answer->status == 200) { return std::move(answer->body); }
    const std::string refusal = local::control::read_error(answer->body);
    if (refusal.empty()) {
        return fail(ErrorKind::Remote,
                    fmt::format("what answers on {} is no local ECS of this program (HTTP {})", url_, answer->status));
    }
    return fail(answer->status < 500 ? ErrorKind::Usage : ErrorKind::Remote, refusal);
}

tell::LocalVariables local_variables(const std::string& url) {
    const std::string key(local::own_access_key);
    return {
        {"AWS_ENDPOINT_URL", url},   {"AWS_ACCESS_KEY_ID", key},          {"AWS_SECRET_ACCESS_KEY", key},
        {"AWS_REGION", "us-east-1"}, {"AWS_DEFAULT_REGION", "us-east-1"},
    };
}

} // namespace ecsr::cli
