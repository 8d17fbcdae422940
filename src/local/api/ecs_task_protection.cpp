// Task scale-in protection (ECS behaviour A4, A7, B13).
#include "local/api/ecs_names.hpp"
#include "local/scheduler/operations.hpp"
#include "local/state/ids.hpp"

#include <functional>

namespace ecsr::local::wire {

namespace {

json::object view(const Call& call, const Task& task) {
    const bool on = is_protected(task, call.now);
    json::object object;
    object["taskArn"] = task_arn(call.state.identity, task.cluster, task.id);
    object["protectionEnabled"] = on;
    if (on) { call.put_time(object, "expirationDate", task.protection_expires_at); }
    return object;
}

// `visit` returns the reason why the task has failed, or an empty text.
json::object visit_tasks(Call& call, const Cluster& cluster, const std::vector<std::string>& ids,
                         const std::function<std::string(Task&)>& visit) {
    json::array done;
    json::array failures;
    for (const auto& id : ids) {
        auto* task = find_task(call, cluster, id);
        const std::string reason = task == nullptr ? "MISSING" : visit(*task);
        if (reason.empty()) {
            done.emplace_back(view(call, *task));
        } else {
            failures.emplace_back(failure(ecs_arn_of(call, "task", id, cluster.name), reason));
        }
    }
    json::object object;
    object["protectedTasks"] = std::move(done);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<void> check_ids(const std::vector<std::string>& ids, std::size_t most) {
    if (ids.empty()) { return api_fail("InvalidParameterException", "Tasks cannot be empty."); }
    if (ids.size() > most) {
        return api_fail("InvalidParameterException", "Tasks can have at most " + std::to_string(most) + " items.");
    }
    for (const auto& id : ids) {
        if (auto malformed = malformed_task_id(id)) { return std::unexpected(*malformed); }
    }
    return {};
}

ApiResult<json::object> get(Call& call, Input& input) {
    input.required_text("cluster");
    const auto ids = input.texts("tasks").value_or(std::vector<std::string>{});
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    if (auto fine = check_ids(ids, 100); !fine) { return std::unexpected(fine.error()); }
    return visit_tasks(call, **cluster, ids,
                       [](Task& task) -> std::string { return task.service.empty() ? "TASK_NOT_VALID" : ""; });
}

ApiResult<json::object> update(Call& call, Input& input) {
    input.required_text("cluster");
    const auto ids = input.texts("tasks").value_or(std::vector<std::string>{});
    const bool enabled = input.required_boolean("protectionEnabled");
    const std::chrono::minutes expires_in(input.integer_between("expiresInMinutes", 1, 2880).value_or(120));
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    if (auto fine = check_ids(ids, 10); !fine) { return std::unexpected(fine.error()); }
    return visit_tasks(call, **cluster, ids,
                       [&](Task& task) { return protect_task(call.state, task, enabled, expires_in, call.now); });
}

constexpr Operation operations[] = {
    {"GetTaskProtection", get},
    {"UpdateTaskProtection", update, Change::State},
};

} // namespace

std::span<const Operation> task_protection_operations() {
    return operations;
}

} // namespace ecsr::local::wire
