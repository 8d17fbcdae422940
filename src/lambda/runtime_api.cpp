#include "lambda/runtime_api.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"

#include <boost/describe.hpp>
#include <fmt/format.h>
#include <utility>

namespace ecsr::lambda {

namespace {

// Longer than Lambda keeps an idle environment: the wait has no end of its own.
constexpr Millis wait_for_work{std::chrono::hours(24 * 7)};
constexpr Millis patience{10'000};

struct ErrorDocument {
    std::string error_message;
    std::string error_type;
    std::vector<std::string> stack_trace;
};
BOOST_DESCRIBE_STRUCT(ErrorDocument, (), (error_message, error_type, stack_trace))

// As CamelCase, but the list that has to be there is written although it is empty.
struct ErrorNames {
    static std::string member(std::string_view name) { return json::to_camel_case(name); }
    static std::string enumerator(std::string_view name) { return std::string(name); }
    static constexpr bool times_as_text = false;
    static constexpr bool omit_empty = false;
};

std::string text(const RuntimeError& error) {
    return json::to_json<ErrorNames>(ErrorDocument{error.message, error.type, {}});
}

} // namespace

RuntimeApi::RuntimeApi(Transport& transport, const std::string& host)
    : transport_(transport), base_("http://" + host + "/2018-06-01/runtime") {}

Result<InvocationRequest> RuntimeApi::next(std::stop_token stop) {
    const HttpRequest request{.method = "GET", .url = base_ + "/invocation/next", .headers = {}, .body = {}};
    const TransportOptions options{.timeout = wait_for_work, .bypass_proxy = true};
    const auto answer = transport_.send(request, options, std::move(stop));
    if (!answer) { return std::unexpected(answer.error()); }
    if (answer->status != 200) {
        return fail(ErrorKind::Remote, fmt::format("the Runtime API answered {} to invocation/next", answer->status));
    }
    InvocationRequest invocation;
    invocation.request_id = find_header(answer->headers, "Lambda-Runtime-Aws-Request-Id");
    invocation.function_arn = find_header(answer->headers, "Lambda-Runtime-Invoked-Function-Arn");
    invocation.trace_id = find_header(answer->headers, "Lambda-Runtime-Trace-Id");
    const auto deadline = parse_integer(find_header(answer->headers, "Lambda-Runtime-Deadline-Ms"));
    if (invocation.request_id.empty() || !deadline) {
        return fail(ErrorKind::Remote, "the Runtime API gave an invocation without a request id or a deadline");
    }
    invocation.deadline = Instant(Millis(*deadline));
    invocation.event = answer->body;
    return invocation;
}

Status RuntimeApi::respond(const std::string& request_id, const std::string& answer, std::stop_token stop) {
    return post("/invocation/" + request_id + "/response", answer, {}, std::move(stop));
}

Status RuntimeApi::fail_invocation(const std::string& request_id, const RuntimeError& error, std::stop_token stop) {
    return post("/invocation/" + request_id + "/error", text(error), error.type, std::move(stop));
}

Status RuntimeApi::fail_initialisation(const RuntimeError& error, std::stop_token stop) {
    return post("/init/error", text(error), error.type, std::move(stop));
}

Status RuntimeApi::post(const std::string& path, std::string body, const std::string& error_type,
                        std::stop_token stop) {
    HttpRequest request{.method = "POST", .url = base_ + path, .headers = {}, .body = std::move(body)};
    request.headers.emplace_back("Content-Type", "application/json");
    if (!error_type.empty()) { request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", error_type); }
    const auto answer = transport_.send(request, {.timeout = patience, .bypass_proxy = true}, std::move(stop));
    if (!answer) { return std::unexpected(answer.error()); }
    if (answer->status == 202) { return {}; }
    return fail(ErrorKind::Remote, fmt::format("the Runtime API answered {} to {}", answer->status, path));
}

} // namespace ecsr::lambda
