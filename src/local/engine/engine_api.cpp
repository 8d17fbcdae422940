#include "local/engine/engine_api.hpp"

#include "base/text.hpp"
#include "local/engine/engine_json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr Millis pull_timeout{2 * 3'600'000}; // ECS behaviour B10
constexpr Millis wait_timeout{24 * 3'600'000};
constexpr Millis slack{30'000};
constexpr std::size_t header_size = 8; // of a frame: stream, three zeros, length
constexpr int not_found = 404;
constexpr int first_error = 400;

// The words of an answer that is an error.
std::string words(const HttpResponse& response) {
    boost::system::error_code problem;
    const auto document = json::parse(response.body, problem);
    if (!problem && document.is_object()) {
        if (const auto* message = document.as_object().if_contains("message"); message && message->is_string()) {
            return std::string(message->as_string());
        }
    }
    return fmt::format("HTTP {}", response.status);
}

std::pair<std::string, std::string> split_image(const std::string& image) {
    if (image.contains('@')) { return {image, ""}; }
    const auto slash = image.rfind('/');
    const auto colon = image.find(':', slash == std::string::npos ? 0 : slash); // a registry may have a port
    if (colon == std::string::npos) { return {image, "latest"}; }
    return {image.substr(0, colon), image.substr(colon + 1)};
}

Status done(const Result<std::string>& answer) {
    if (!answer) { return std::unexpected(answer.error()); }
    return {};
}

} // namespace

std::string without_frames(const std::string& stream) {
    std::string text;
    std::size_t at = 0;
    while (at + header_size <= stream.size()) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(stream[at + i]); };
        if (byte(0) > 2 || byte(1) != 0 || byte(2) != 0 || byte(3) != 0) { break; }
        std::size_t length = 0;
        for (std::size_t i = 4; i < header_size; ++i) { length = length << 8U | byte(i); }
        text += stream.substr(at + header_size, length);
        at += header_size + length;
    }
    return at == 0 ? stream : text;
}

Result<std::string> EngineApi::ask(Call call, const std::stop_token& stop) {
    HttpRequest request;
    request.method = call.method;
    request.url = "http://localhost" + call.path;
    if (!call.body.empty()) { request.headers.emplace_back("Content-Type", call.content_type); }
    request.body = std::move(call.body);
    auto response = transport_.send(request, {.timeout = call.timeout, .bypass_proxy = true}, stop);
    if (!response) { return std::unexpected(std::move(response).error().with_context("container engine")); }
    if (response->status < first_error) { return std::move(response->body); }
    const ErrorKind kind = response->status == not_found ? ErrorKind::NotFound : ErrorKind::Remote;
    return fail(kind, "Error response from daemon: " + words(*response));
}

Result<std::string> EngineApi::version() {
    const auto text = ask({.method = "GET", .path = "/version"});
    if (!text) { return std::unexpected(text.error()); }
    return read_version(*text);
}

Result<std::string> EngineApi::image_id(const std::string& image, const std::stop_token& stop) {
    const auto text = ask({.method = "GET", .path = "/images/" + percent_encode(image, "/:@") + "/json"}, stop);
    if (!text) { return std::unexpected(text.error()); }
    return read_text(*text, "Id");
}

Status EngineApi::pull(const std::string& image, const std::stop_token& stop) {
    const auto [repository, tag] = split_image(image);
    const auto text =
        ask({.method = "POST",
             .path = fmt::format("/images/create?fromImage={}&tag={}", percent_encode(repository), percent_encode(tag)),
             .timeout = pull_timeout},
            stop);
    if (!text) { return std::unexpected(text.error()); }
    // One JSON document a line; what goes wrong on the way is told in one of them.
    for (const auto& line : split(*text, '\n')) {
        if (const auto problem = read_problem(line)) {
            return fail(ErrorKind::Remote, "Error response from daemon: " + *problem);
        }
    }
    return {};
}

Result<std::string> EngineApi::import_image(const std::string& repository, std::string archive) {
    const auto text = ask({.method = "POST",
                           .path = "/images/create?fromSrc=-&repo=" + percent_encode(repository),
                           .body = std::move(archive),
                           .content_type = "application/x-tar"});
    if (!text) { return std::unexpected(text.error()); }
    std::string id;
    for (const auto& line : split(*text, '\n')) {
        if (const auto problem = read_problem(line)) { return fail(ErrorKind::Remote, *problem); }
        if (auto status = read_text(line, "status"); status && status->starts_with("sha256:")) { id = *status; }
    }
    if (id.empty()) {
        return fail(ErrorKind::Remote, "the container engine does not tell which image it has imported");
    }
    return id;
}

Status EngineApi::remove_image(const std::string& id) {
    return done(ask({.method = "DELETE", .path = "/images/" + percent_encode(id, ":/") + "?force=true"}));
}

Result<std::vector<std::string>> EngineApi::image_names() {
    const auto text = ask({.method = "GET", .path = "/images/json"});
    if (!text) { return std::unexpected(text.error()); }
    return read_image_names(*text);
}

Result<std::string> EngineApi::create(const EngineContainer& container) {
    const auto text = ask({.method = "POST",
                           .path = "/containers/create?name=" + percent_encode(container.name),
                           .body = create_body(container)});
    if (!text) { return std::unexpected(text.error()); }
    return read_text(*text, "Id");
}

Status EngineApi::start(const std::string& id) {
    return done(ask({.method = "POST", .path = fmt::format("/containers/{}/start", id)}));
}

Result<EngineState> EngineApi::inspect(const std::string& id) {
    const auto text = ask({.method = "GET", .path = fmt::format("/containers/{}/json", id)});
    if (!text) { return std::unexpected(text.error()); }
    return read_state(*text);
}

Status EngineApi::wait(const std::string& id, const std::stop_token& stop) {
    while (true) {
        const auto answer =
            ask({.method = "POST", .path = fmt::format("/containers/{}/wait", id), .timeout = wait_timeout}, stop);
        if (answer) { return {}; }
        if (answer.error().kind != ErrorKind::Timeout) { return std::unexpected(answer.error()); }
    }
}

Status EngineApi::stop(const std::string& id, Seconds patience, const std::stop_token& stop) {
    return done(ask({.method = "POST",
                     .path = fmt::format("/containers/{}/stop?t={}", id, patience.count()),
                     .timeout = patience + slack},
                    stop));
}

Status EngineApi::kill(const std::string& id) {
    return done(ask({.method = "POST", .path = fmt::format("/containers/{}/kill?signal=KILL", id)}));
}

Status EngineApi::remove(const std::string& id) {
    const auto answer = ask({.method = "DELETE", .path = fmt::format("/containers/{}?force=true&v=true", id)});
    if (!answer && answer.error().kind != ErrorKind::NotFound) { return std::unexpected(answer.error()); }
    return {};
}

Result<std::string> EngineApi::logs(const std::string& id) {
    auto stream =
        ask({.method = "GET", .path = fmt::format("/containers/{}/logs?stdout=true&stderr=true&tail=10000", id)});
    if (!stream) { return stream; }
    return without_frames(*stream);
}

Result<std::string> EngineApi::timed_logs(const std::string& id, std::int64_t since) {
    auto stream =
        ask({.method = "GET",
             .path = fmt::format("/containers/{}/logs?stdout=true&stderr=true&timestamps=true&since={}", id, since)});
    if (!stream) { return stream; }
    return without_frames(*stream);
}

Result<ProbeResult> EngineApi::probe(const std::string& id, const std::vector<std::string>& command, Seconds timeout,
                                     const std::stop_token& stop) {
    const auto made =
        ask({.method = "POST", .path = fmt::format("/containers/{}/exec", id), .body = exec_body(command)}, stop);
    if (!made) { return std::unexpected(made.error()); }
    const auto exec = read_text(*made, "Id");
    if (!exec) { return std::unexpected(exec.error()); }
    const auto output = ask({.method = "POST",
                             .path = fmt::format("/exec/{}/start", *exec),
                             .body = R"({"Detach":false,"Tty":false})",
                             .timeout = timeout},
                            stop);
    const bool in_time = output || output.error().kind != ErrorKind::Timeout;
    if (!output && in_time) { return std::unexpected(output.error()); }
    const auto state = ask({.method = "GET", .path = fmt::format("/exec/{}/json", *exec)}, stop);
    if (!state) { return std::unexpected(state.error()); }
    auto result = read_exec(*state);
    if (!result) { return result; }
    result->in_time = in_time;
    result->succeeded = result->succeeded && in_time;
    return result;
}

Result<std::string> EngineApi::stats(const std::string& id) {
    return ask({.method = "GET", .path = fmt::format("/containers/{}/stats?stream=false&one-shot=true", id)});
}

Result<std::uint64_t> EngineApi::memory_usage(const std::string& id) {
    const auto text = stats(id);
    if (!text) { return std::unexpected(text.error()); }
    return read_memory_usage(*text);
}

Result<Micros> EngineApi::cpu_time(const std::string& id) {
    const auto text = stats(id);
    if (!text) { return std::unexpected(text.error()); }
    return read_cpu_time(*text);
}

Result<std::vector<ListedContainer>> EngineApi::list(const std::string& label) {
    const auto text = ask({.method = "GET",
                           .path = "/containers/json?all=true&filters=" +
                                   percent_encode(json::serialize(json::object{{"label", json::array{label}}}))});
    if (!text) { return std::unexpected(text.error()); }
    return read_list(*text);
}

} // namespace ecsr::local
