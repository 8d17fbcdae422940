// Tasks (ECS behaviour A3, A7, B9).
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/api/task_view.hpp"
#include "local/scheduler/operations.hpp"
#include "local/state/ids.hpp"

#include <utility>

namespace ecsr::local::wire {

namespace {

struct Filter {
    std::string desired_status = "RUNNING";
    std::optional<std::string> service; // short name
    std::optional<std::string> family, started_by, launch_type;
    bool on_instance = false; // Fargate tasks are on none
    bool on_this_machine = true;
};

bool matches(const Task& task, const Filter& filter) {
    if (to_string(task.desired_status) != filter.desired_status || !filter.on_this_machine) { return false; }
    if (filter.on_instance && task.launch_type == "FARGATE") { return false; }
    if (filter.service && task.service != *filter.service) { return false; }
    if (filter.started_by && task.started_by != *filter.started_by) { return false; }
    if (filter.launch_type && task.launch_type != *filter.launch_type) { return false; }
    const auto definition = short_id(task.task_definition);
    return !filter.family || definition.substr(0, definition.find(':')) == *filter.family;
}

ApiResult<Filter> read_filter(Call& call, Input& input, const Cluster& cluster) {
    Filter filter;
    filter.desired_status = input.text_among("desiredStatus", {"RUNNING", "PENDING", "STOPPED"}).value_or("RUNNING");
    filter.family = input.text("family");
    filter.started_by = input.text("startedBy");
    filter.launch_type = input.text_among("launchType", {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"});
    const auto service = input.text("serviceName");
    const auto instance = input.text("containerInstance");
    if (filter.started_by && (filter.family || service || instance || filter.launch_type)) {
        input.note({"InvalidParameterException", "startedBy must be the only filter."});
    }
    if (!input.good()) { return input.problem(); }
    if (instance) {
        filter.on_instance = true;
        filter.on_this_machine =
            ecs_short_name(call, "container-instance", *instance, cluster.name) == cluster.container_instance_id;
    }
    if (service) {
        const auto* found = find_service(call, cluster, *service);
        if (found == nullptr) { return api_fail("ServiceNotFoundException", "Service not found."); }
        filter.service = found->name;
    }
    return filter;
}

ApiResult<json::object> list(Call& call, Input& input) {
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    const auto filter = read_filter(call, input, **cluster);
    if (!filter) { return std::unexpected(filter.error()); }
    std::vector<std::string> ids;
    for (const auto& [id, task] : call.state.tasks) {
        if (task.cluster == (*cluster)->name && matches(task, *filter)) { ids.push_back(id); }
    }
    json::object object(call.storage);
    const auto page = ecs_page(input, std::move(ids), 100, object);
    if (!page) { return std::unexpected(page.error()); }
    const std::string all_but_id = task_arn(call.state.identity, (*cluster)->name, "");
    json::array arns(call.storage);
    arns.reserve(page->size());
    for (const auto& id : *page) { arns.emplace_back(all_but_id + id); }
    object["taskArns"] = std::move(arns);
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto ids = input.texts("tasks").value_or(std::vector<std::string>{});
    const bool with_tags = includes(input, "TAGS");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    if (ids.empty()) { return api_fail("InvalidParameterException", "Tasks cannot be empty."); }
    if (ids.size() > 100) { return api_fail("InvalidParameterException", "Tasks can have at most 100 items."); }
    json::array tasks(call.storage);
    tasks.reserve(ids.size());
    json::array failures(call.storage);
    for (const auto& id : ids) {
        if (auto malformed = malformed_task_id(id)) { return std::unexpected(*malformed); }
        if (const auto* task = find_task(call, **cluster, id)) {
            tasks.emplace_back(task_view(call, *task, with_tags));
        } else {
            failures.emplace_back(failure(ecs_arn_of(call, "task", id, (*cluster)->name), "MISSING"));
        }
    }
    json::object object(call.storage);
    object["tasks"] = std::move(tasks);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> stop(Call& call, Input& input) {
    const std::string id = input.required_text("task");
    const std::string reason = input.text_or("reason", "");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    if (auto malformed = malformed_task_id(id)) { return std::unexpected(*malformed); }
    auto* task = find_task(call, **cluster, id);
    if (task == nullptr) { return api_fail("InvalidParameterException", "The referenced task was not found."); }
    stop_task(call.state, *task, reason.empty() ? "Task stopped by user" : reason, call.now);
    json::object object(call.storage);
    object["task"] = task_view(call, *task, true);
    return object;
}

constexpr Operation operations[] = {
    {"ListTasks", list},
    {"DescribeTasks", describe},
    {"StopTask", stop, Change::State},
};

} // namespace

std::span<const Operation> task_operations() {
    return operations;
}

} // namespace ecsr::local::wire
