#include "local/metadata/task_endpoint.hpp"

#include "base/text.hpp"
#include "local/metadata/json_metadata.hpp"
#include "local/scheduler/operations.hpp"

#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr std::string_view metadata_root = "/v4/";
constexpr std::string_view agent_root = "/api/";
constexpr std::string_view protection = "/task-protection/v1/state";
constexpr int shortest_protection = 1; // minutes (ECS behaviour B13)
constexpr int longest_protection = 2880;
constexpr int usual_protection = 120;

HttpResponse answer_with(int status, const json::value& body) {
    return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

struct Caller {
    Task* task = nullptr;
    const Container* container = nullptr;
};

// Of the container itself; null for an id that is of none.
Caller find_caller(State& state, std::string_view runtime_id) {
    if (runtime_id.empty()) { return {}; }
    for (auto& [id, task] : state.tasks) {
        if (task.last_status == TaskStatus::Stopped) { continue; }
        for (const auto& container : task.containers) {
            if (container.runtime_id == runtime_id) { return {&task, &container}; }
        }
    }
    return {};
}

// ---- metadata ----

json::object all_stats(const State& state, const Task& task, const ContainerMemory& memory, Instant now) {
    const auto used = memory(task.id);
    json::object all;
    for (const auto& container : task.containers) {
        if (container.runtime_id.empty()) { continue; }
        all[container.runtime_id] = container_stats(state, task, container, used, now);
    }
    return all;
}

HttpResponse metadata(const HttpRequest& request, std::string_view what, const Caller& caller, const State& state,
                      const ContainerMemory& memory, Instant now) {
    if (request.method != "GET") { return answer_with(405, "ask with GET"); }
    const auto& [task, container] = caller;
    if (what.empty() || what == "/") { return answer_with(200, container_metadata(state, *task, *container)); }
    if (what == "/task") { return answer_with(200, task_metadata(state, *task, false)); }
    if (what == "/taskWithTags") { return answer_with(200, task_metadata(state, *task, true)); }
    if (what == "/stats") { return answer_with(200, container_stats(state, *task, *container, memory(task->id), now)); }
    if (what == "/task/stats") { return answer_with(200, all_stats(state, *task, memory, now)); }
    return answer_with(404, json::value(fmt::format("there is no {}; there are /task, /taskWithTags, /stats and "
                                                    "/task/stats",
                                                    what)));
}

// ---- task protection ----

HttpResponse refuse(int status, const std::string& arn, const char* code, const char* message) {
    json::object error;
    if (!arn.empty()) { error["Arn"] = arn; }
    error["Code"] = code;
    error["Message"] = message;
    return answer_with(status, json::object{{"error", std::move(error)}});
}

HttpResponse failure(const std::string& arn, const std::string& reason) {
    json::object object;
    object["Arn"] = arn;
    object["Detail"] = nullptr;
    object["Reason"] = reason;
    return answer_with(200, json::object{{"failure", std::move(object)}});
}

HttpResponse protection_state(const Task& task, const std::string& arn, Instant now) {
    if (task.service.empty()) { return failure(arn, "TASK_NOT_VALID"); }
    const bool on = is_protected(task, now);
    json::object object;
    if (on) {
        object["ExpirationDate"] = to_rfc3339(*task.protection_expires_at);
    } else {
        object["ExpirationDate"] = nullptr;
    }
    object["ProtectionEnabled"] = on;
    object["TaskArn"] = arn;
    return answer_with(200, json::object{{"protection", std::move(object)}});
}

struct Asked {
    std::optional<bool> enabled;
    std::optional<std::int64_t> minutes;
};

// Nothing: it cannot be decoded. The agent takes members in any case of their letters, and no others.
std::optional<Asked> read_request(const std::string& body) {
    json::error_code error;
    const json::value value = json::parse(body, error);
    if (error || !value.is_object()) { return std::nullopt; }
    Asked asked;
    for (const auto& [name, member] : value.get_object()) {
        const std::string_view key(name.data(), name.size());
        const bool is_enabled = equals_ignoring_case(key, "ProtectionEnabled");
        const bool is_minutes = equals_ignoring_case(key, "ExpiresInMinutes");
        if (is_enabled && member.is_bool()) {
            asked.enabled = member.get_bool();
        } else if (is_minutes && member.is_int64()) {
            asked.minutes = member.get_int64();
        } else if (!member.is_null() || (!is_enabled && !is_minutes)) {
            return std::nullopt;
        }
    }
    return asked;
}

TaskEndpointAnswer change_protection(const HttpRequest& request, State& state, Task& task, const std::string& arn,
                                     Instant now) {
    static constexpr const char* invalid = "InvalidParameterException";
    const auto asked = read_request(request.body);
    if (!asked) { return {refuse(400, "", invalid, "UpdateTaskProtection: failed to decode request")}; }
    if (!asked->enabled) {
        return {refuse(400, arn, invalid, "Invalid request: does not contain 'ProtectionEnabled' field")};
    }
    const auto minutes = asked->minutes.value_or(usual_protection);
    if (minutes < shortest_protection || minutes > longest_protection) {
        return {refuse(400, arn, invalid, "expiresInMinutes must be from 1 to 2880")};
    }
    const std::string reason = protect_task(state, task, *asked->enabled, std::chrono::minutes(minutes), now);
    if (!reason.empty()) { return {failure(arn, reason)}; }
    return {protection_state(task, arn, now), true};
}

} // namespace

std::string metadata_path(std::string_view runtime_id) {
    return fmt::format("{}{}", metadata_root, runtime_id);
}

std::string agent_path(std::string_view runtime_id) {
    return fmt::format("{}{}", agent_root, runtime_id);
}

bool is_for_task_endpoint(const HttpRequest& request) {
    return request.url.starts_with(metadata_root) || request.url.starts_with(agent_root);
}

TaskEndpointAnswer answer_task_endpoint(const HttpRequest& request, State& state, const ContainerMemory& memory,
                                        Instant now) {
    const bool is_metadata = request.url.starts_with(metadata_root);
    const auto path = std::string_view(request.url).substr(is_metadata ? metadata_root.size() : agent_root.size());
    const auto id = path.substr(0, path.find('/'));
    const auto what = path.substr(id.size());
    const Caller caller = find_caller(state, id);
    if (caller.task == nullptr && is_metadata) {
        return {answer_with(404, "V4 container metadata handler: unable to find the container of the request")};
    }
    if (caller.task == nullptr) {
        return {refuse(404, "", "ResourceNotFoundException", "Failed to find a task for the request")};
    }
    if (is_metadata) { return {metadata(request, what, caller, state, memory, now)}; }
    const std::string arn = task_arn(state.identity, caller.task->cluster, caller.task->id);
    if (what != protection) {
        return {refuse(404, arn, "ResourceNotFoundException", "there is only the task protection")};
    }
    if (request.method == "PUT") { return change_protection(request, state, *caller.task, arn, now); }
    if (request.method != "GET") { return {refuse(405, arn, "InvalidParameterException", "ask with GET or PUT")}; }
    return {protection_state(*caller.task, arn, now)};
}

} // namespace ecsr::local
