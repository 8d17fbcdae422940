#include "local/plane/control.hpp"

#include "base/json_mapper.hpp"
#include "base/url.hpp"
#include "local/plane/plane.hpp"

#include <fmt/format.h>

namespace ecsr::local::control {

namespace {

struct Refusal {
    std::string error;
};

} // namespace

BOOST_DESCRIBE_STRUCT(Clock, (), (now, time_scale))
BOOST_DESCRIBE_STRUCT(Fault, (), (id, fault, hits))
BOOST_DESCRIBE_STRUCT(Faults, (), (faults))
BOOST_DESCRIBE_STRUCT(AdvanceRequest, (), (span))
BOOST_DESCRIBE_STRUCT(FaultRequest, (), (fault))

namespace {

BOOST_DESCRIBE_STRUCT(Refusal, (), (error))

template <typename T>
HttpResponse answer_with(int status, const T& document) {
    return {status, {{"Content-Type", "application/json"}}, json::to_json<json::SnakeCase>(document) + "\n"};
}

HttpResponse refuse(int status, std::string problem) {
    return answer_with(status, Refusal{std::move(problem)});
}

bool is_of_this_machine(const std::string& url) {
    const auto parsed = parse_url(url);
    return parsed && parsed->is_loopback();
}

// A web page can make a browser send requests here: from its own origin, or under a name of its own that it has made
// to mean 127.0.0.1.
bool is_foreign(const HttpRequest& request) {
    const auto host = find_header(request.headers, "Host");
    const auto origin = find_header(request.headers, "Origin");
    return (!host.empty() && !is_of_this_machine("http://" + std::string(host))) ||
           (!origin.empty() && !is_of_this_machine(std::string(origin)));
}

Clock clock_of(Plane& plane) {
    return {plane.time(), plane.time_scale()};
}

Fault describe(const ActiveFault& active) {
    return {active.id, to_text(active.fault), active.hits};
}

Faults faults_of(Plane& plane) {
    Faults faults;
    for (const auto& active : plane.faults()) { faults.faults.push_back(describe(active)); }
    return faults;
}

template <typename T>
Result<T> read_body(const HttpRequest& request) {
    return json::from_json<json::SnakeCase, T>(request.body, ErrorKind::Usage);
}

HttpResponse advance(const HttpRequest& request, Plane& plane) {
    if (request.method != "POST") { return refuse(405, "ask with POST"); }
    const auto asked = read_body<AdvanceRequest>(request);
    if (!asked) { return refuse(400, asked.error().message); }
    const auto span = parse_duration(asked->span);
    if (!span) { return refuse(400, "span: " + span.error().message); }
    if (*span > longest_advance) {
        return refuse(400, fmt::format("span: at most {} at once", format_duration(longest_advance)));
    }
    const auto reached = plane.advance(*span);
    if (reached) { return answer_with(200, clock_of(plane)); }
    return refuse(reached.error().kind == ErrorKind::Usage ? 409 : 503, reached.error().message);
}

HttpResponse add_fault(const HttpRequest& request, Plane& plane) {
    const auto asked = read_body<FaultRequest>(request);
    if (!asked) { return refuse(400, asked.error().message); }
    const auto added = plane.add_fault(asked->fault);
    return added ? answer_with(200, describe(*added)) : refuse(400, added.error().message);
}

HttpResponse clear_fault(std::string_view id, Plane& plane) {
    if (plane.clear_fault(id)) { return answer_with(200, faults_of(plane)); }
    std::string there;
    for (const auto& active : plane.faults()) { there += there.empty() ? active.id : ", " + active.id; }
    return refuse(
        404, fmt::format("there is no fault \"{}\"; in force: {}", id, there.empty() ? std::string("none") : there));
}

HttpResponse faults(const HttpRequest& request, std::string_view id, Plane& plane) {
    if (request.method == "GET" && id.empty()) { return answer_with(200, faults_of(plane)); }
    if (request.method == "POST" && id.empty()) { return add_fault(request, plane); }
    if (request.method != "DELETE") { return refuse(405, "ask with GET, POST or DELETE"); }
    if (!id.empty()) { return clear_fault(id, plane); }
    plane.clear_faults();
    return answer_with(200, faults_of(plane));
}

HttpResponse clock(const HttpRequest& request, Plane& plane) {
    return request.method == "GET" ? answer_with(200, clock_of(plane)) : refuse(405, "ask with GET");
}

} // namespace

std::optional<HttpResponse> answer(const HttpRequest& request, Plane& plane) {
    const std::string_view path = request.url;
    const bool is_clock = path == clock_path;
    const bool is_advance = path == advance_path;
    const bool is_faults = path == faults_path;
    const bool is_one_fault = path.starts_with(faults_path) && path.substr(faults_path.size()).starts_with('/');
    if (!is_clock && !is_advance && !is_faults && !is_one_fault) { return std::nullopt; }
    if (is_foreign(request)) { return refuse(403, "a local ECS is steered from its own machine alone"); }
    if (is_clock) { return clock(request, plane); }
    if (is_advance) { return advance(request, plane); }
    return faults(request, is_faults ? std::string_view() : path.substr(faults_path.size() + 1), plane);
}

std::string to_json(const AdvanceRequest& request) {
    return json::to_json<json::SnakeCase>(request);
}

std::string to_json(const FaultRequest& request) {
    return json::to_json<json::SnakeCase>(request);
}

Result<Clock> read_clock(const std::string& text) {
    return json::from_json<json::SnakeCase, Clock>(text);
}

Result<Fault> read_fault(const std::string& text) {
    return json::from_json<json::SnakeCase, Fault>(text);
}

Result<Faults> read_faults(const std::string& text) {
    return json::from_json<json::SnakeCase, Faults>(text);
}

std::string read_error(const std::string& text) {
    const auto refusal = json::from_json<json::SnakeCase, Refusal>(text);
    return refusal ? refusal->error : "";
}

} // namespace ecsr::local::control
