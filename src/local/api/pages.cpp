#include "local/api/pages.hpp"

#include "base/text.hpp"
#include "local/api/call.hpp"
#include "local/api/form.hpp"
#include "local/api/message_page.hpp"
#include "local/state/ids.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

HttpResponse json_page(int status, const json::object& body) {
    return {status, {{"Content-Type", "application/json"}}, to_text(body) + "\n"};
}

HttpResponse health_page() {
    json::array names;
    for (const auto& service : services()) { names.emplace_back(service.signing_name); }
    json::object body;
    body["status"] = "ok";
    body["services"] = std::move(names);
    return json_page(200, body);
}

HttpResponse refuse(int status, const std::string& message) {
    json::object body;
    body["error"] = message;
    return json_page(status, body);
}

std::string parameter(const json::object& query, std::string_view name) {
    const auto* value = query.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

json::object memory_of(const State& state, const Task& task, const std::map<std::string, std::uint64_t>& bytes) {
    json::object containers;
    std::uint64_t sum = 0;
    for (const auto& [name, used] : bytes) {
        containers[name] = used;
        sum += used;
    }
    json::object object;
    object["taskArn"] = task_arn(state.identity, task.cluster, task.id);
    object["lastStatus"] = to_string(task.last_status);
    object["bytes"] = sum;
    object["containers"] = std::move(containers);
    return object;
}

// Every task of the service that is not STOPPED, with the bytes that its containers use now.
HttpResponse memory_page(std::string_view query_text, State& state, const Api::TaskMemory& task_memory) {
    const json::object query = parse_form(query_text);
    const std::string cluster = parameter(query, "cluster");
    const std::string name = parameter(query, "service");
    const auto service = state.services.find({cluster, name});
    if (service == state.services.end()) {
        return refuse(404, fmt::format("no service \"{}\" in cluster \"{}\"; ask for "
                                       "/_local/memory?cluster=CLUSTER&service=SERVICE with short names",
                                       name, cluster));
    }
    json::array tasks;
    for (const auto* task : tasks_of_service(state, service->second)) {
        if (task->last_status == TaskStatus::Stopped) { continue; }
        const auto bytes = task_memory ? task_memory(task->id) : std::map<std::string, std::uint64_t>{};
        tasks.emplace_back(memory_of(state, *task, bytes));
    }
    json::object body;
    body["tasks"] = std::move(tasks);
    return json_page(200, body);
}

} // namespace

std::optional<HttpResponse> own_page(const HttpRequest& request, State& state, const Api::TaskMemory& task_memory) {
    if (request.method != "GET") { return std::nullopt; }
    const std::string_view target = request.url;
    const auto question = target.find('?');
    const auto path = target.substr(0, question);
    const auto query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    if (path == "/_local/health" || (path == "/" && query.empty())) { return health_page(); }
    if (path == "/_local/memory") { return memory_page(query, state, task_memory); }
    if (path == "/_local/messages") {
        return json_page(200, message_page(state, parameter(parse_form(query), "topic")));
    }
    if (path.starts_with("/_local/")) {
        return refuse(404,
                      fmt::format("no page {}; there are /_local/health, /_local/memory and /_local/messages", path));
    }
    return std::nullopt;
}

} // namespace ecsr::local::wire
