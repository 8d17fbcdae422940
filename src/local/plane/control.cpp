#include "local/plane/control.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "local/plane/overview.hpp"
#include "local/plane/plane.hpp"

#include <fmt/format.h>
#include <functional>
#include <map>

namespace ecsr::local::control {

namespace {

struct Refusal {
    std::string error;
};

} // namespace

BOOST_DESCRIBE_STRUCT(Clock, (), (now, time_scale, runtime))
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
    return {plane.time(), plane.time_scale(), plane.runtime_name()};
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

// The parameters behind the question mark.
class Query {
public:
    explicit Query(std::string_view text) {
        for (const auto& item : split(text, '&')) {
            const auto equals = item.find('=');
            if (equals == std::string::npos) { continue; }
            values_[item.substr(0, equals)] = percent_decode(item.substr(equals + 1), true);
        }
    }
    std::string text(const std::string& name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? "" : found->second;
    }

private:
    std::map<std::string, std::string> values_;
};

HttpResponse json_answer(std::string text) {
    return {200, {{"Content-Type", "application/json"}}, std::move(text) + "\n"};
}

HttpResponse overview(const HttpRequest& request, const Query& query, Plane& plane) {
    if (request.method != "GET") { return refuse(405, "ask with GET"); }
    const auto events = query.text("events");
    const auto count = parse_integer(events.empty() ? "10" : events);
    if (!count || *count < 0) { return refuse(400, "events: must be a number from 0 on"); }
    Overview seen;
    plane.look([&](const State& state, Runtime& runtime, Instant now) {
        seen = overview_of(state, runtime, now, static_cast<std::size_t>(*count));
    });
    seen.time_scale = plane.time_scale();
    return json_answer(local::to_json(seen));
}

HttpResponse logs(const HttpRequest& request, const Query& query, Plane& plane) {
    if (request.method != "GET") { return refuse(405, "ask with GET"); }
    Result<ServiceLogs> found = ServiceLogs{};
    plane.look([&](const State& state, Runtime& runtime, Instant) {
        found = logs_of(state, runtime, query.text("cluster"), query.text("service"));
    });
    return found ? json_answer(local::to_json(*found)) : refuse(404, found.error().message);
}

HttpResponse snapshot(const HttpRequest& request, Plane& plane) {
    if (request.method == "GET") { return json_answer(plane.snapshot()); }
    if (request.method != "POST") { return refuse(405, "ask with GET or POST"); }
    const auto restored = plane.restore(request.body);
    if (restored) { return answer_with(200, clock_of(plane)); }
    return refuse(restored.error().kind == ErrorKind::Usage ? 400 : 503, restored.error().message);
}

} // namespace

std::optional<HttpResponse> answer(const HttpRequest& request, Plane& plane) {
    const std::string_view target = request.url;
    const auto question = target.find('?');
    const auto path = target.substr(0, question);
    const Query query(question == std::string_view::npos ? "" : target.substr(question + 1));
    const bool is_one_fault = path.starts_with(faults_path) && path.substr(faults_path.size()).starts_with('/');
    std::function<HttpResponse()> page;
    if (path == clock_path) {
        page = [&] { return clock(request, plane); };
    }
    if (path == advance_path) {
        page = [&] { return advance(request, plane); };
    }
    if (path == overview_path) {
        page = [&] { return overview(request, query, plane); };
    }
    if (path == logs_path) {
        page = [&] { return logs(request, query, plane); };
    }
    if (path == snapshot_path) {
        page = [&] { return snapshot(request, plane); };
    }
    if (path == faults_path) {
        page = [&] { return faults(request, "", plane); };
    }
    if (is_one_fault) {
        page = [&] { return faults(request, path.substr(faults_path.size() + 1), plane); };
    }
    if (!page) { return std::nullopt; }
    if (is_foreign(request)) { return refuse(403, "a local ECS is steered from its own machine alone"); }
    return page();
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
