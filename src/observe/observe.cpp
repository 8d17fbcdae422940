#include "observe/observe.hpp"

#include "observe/parts.hpp"

#include <utility>

namespace ecsr {

using namespace observe;

namespace {

bool needs_bindings(const Look& look) {
    return look.target_groups || look.targets || look.scaling;
}

Status read_parts(const Reading& reading, const Look& look) {
    Snapshot& snapshot = reading.snapshot;
    Status status;
    const bool service_read = look.service || (!snapshot.service_at && needs_bindings(look));
    if (service_read) { status = read_service(reading); }
    const auto then = [&](bool wanted, auto read) {
        if (wanted && status) { status = read(); }
    };
    then(look.list_tasks || look.describe_listed || !look.tasks.empty(),
         [&] { return read_tasks(reading, look, service_read); });
    then(look.recently_stopped, [&] { return read_recently_stopped(reading); });
    then(look.task_definitions, [&] { return read_task_definitions(reading); });
    then(look.target_groups, [&] { return read_target_groups(reading); });
    then(look.targets, [&] { return read_targets(reading); });
    then(look.scaling, [&] { return read_scaling(reading); });
    then(look.protection, [&] { return read_protection(reading); });
    then(!look.alarms.empty(), [&] { return read_alarms(reading, look.alarms); });
    then(look.images, [&] { return read_images(reading); });
    return status;
}

} // namespace

Observer::Observer(aws::Caller& caller, std::string cluster, std::string service)
    : caller_(&caller), cluster_(cluster.empty() ? "default" : std::move(cluster)), service_(std::move(service)) {}

Status Observer::look(const Look& look, Snapshot& snapshot, Instant now, std::stop_token stop) {
    const Reading reading{*caller_, cluster_, service_, snapshot, now, std::move(stop)};
    Status status = read_parts(reading, look);
    if (status || !(is_cluster_not_found(status.error()) || is_service_not_found(status.error()))) { return status; }
    if (snapshot.service_at) {
        snapshot.service_missing = true;
        snapshot.service_at = now;
        return {};
    }
    return std::unexpected(is_cluster_not_found(status.error()) ? cluster_not_found(reading)
                                                                : service_not_found(reading));
}

void merge_update_answer(Snapshot& snapshot, const Service& answer, Instant now) {
    const auto known_tags = snapshot.service.tags;
    snapshot.service = answer;
    if (answer.tags.empty()) { snapshot.service.tags = known_tags; }
    snapshot.service_missing = false;
    snapshot.service_at = now;
}

void merge_task(Snapshot& snapshot, Task task, Instant now) {
    snapshot.missing.erase(task.arn);
    snapshot.task_at[task.arn] = now;
    const auto known = snapshot.tasks.find(task.arn);
    const bool is_known = known != snapshot.tasks.end();
    if (is_known && ((!is_live(known->second) && is_live(task)) || (is_stopped(known->second) && !is_stopped(task)))) {
        return;
    }
    if (task.created_at == Instant{}) { task.created_at = is_known ? known->second.created_at : now; }
    snapshot.tasks.insert_or_assign(task.arn, std::move(task));
}

} // namespace ecsr
