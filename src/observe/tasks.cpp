// The service itself, its tasks, their definitions and their protection.
#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "base/text.hpp"
#include "observe/observe.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace ecsr::observe {

namespace {

constexpr const char* missing = "MISSING";         // ECS behaviour A4
constexpr std::size_t most_recently_stopped = 100; // one DescribeTasks

// What to describe, by id: the same task may be asked for by id and by ARN.
class Wanted {
public:
    void add(const std::string& task) { by_id_.try_emplace(std::string(short_id(task)), task); }
    std::vector<std::string> take() const {
        std::vector<std::string> tasks;
        tasks.reserve(by_id_.size());
        for (const auto& [id, task] : by_id_) { tasks.push_back(task); }
        return tasks;
    }

private:
    std::map<std::string, std::string> by_id_;
};

Result<aws::ecs::ListTasksAnswer> list_tasks(const Reading& reading, const char* desired_status) {
    aws::ecs::ListTasksRequest request;
    request.cluster = reading.cluster;
    request.service_name = reading.service;
    request.desired_status = desired_status;
    return needs("ecs:ListTasks", aws::ecs::Client(reading.caller).list_tasks(request, reading.stop));
}

Status list_wanted_tasks(const Reading& reading) {
    auto listed = list_tasks(reading, "RUNNING");
    if (!listed) { return std::unexpected(std::move(listed).error()); }
    reading.snapshot.listed = {listed->task_arns.begin(), listed->task_arns.end()};
    reading.snapshot.listed_at = reading.now;
    return {};
}

Wanted choose(const Look& look, const Snapshot& snapshot) {
    Wanted wanted;
    for (const std::string& arn : snapshot.listed) {
        if (look.describe_listed || (look.list_tasks && !snapshot.tasks.contains(arn))) { wanted.add(arn); }
    }
    for (const auto& [arn, task] : snapshot.tasks) {
        if (look.list_tasks && is_live(task) && !snapshot.listed.contains(arn)) { wanted.add(arn); }
    }
    for (const std::string& task : look.tasks) { wanted.add(task); }
    return wanted;
}

// Another service's task that the user named is none of ours.
bool is_ours(const Reading& reading, const Task& task) {
    return task.group.empty() || task.group == "service:" + std::string(short_id(reading.service));
}

void merge_missing(const Reading& reading, const std::string& arn) {
    Snapshot& snapshot = reading.snapshot;
    snapshot.missing.insert(arn);
    const auto known = snapshot.tasks.find(arn);
    if (known == snapshot.tasks.end() || snapshot.listed.contains(arn)) { return; }
    // Neither listed nor known to ECS any more: it stopped over an hour ago (ECS behaviour B12).
    known->second.desired_status = "STOPPED";
    known->second.last_status = "STOPPED";
}

} // namespace

Status read_service(const Reading& reading) {
    aws::ecs::DescribeServicesRequest request;
    request.cluster = reading.cluster;
    request.services = {reading.service};
    request.include = {"TAGS"};
    auto answer =
        needs("ecs:DescribeServices", aws::ecs::Client(reading.caller).describe_services(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    if (answer->services.empty()) {
        return std::unexpected(Error{.kind = ErrorKind::NotFound,
                                     .message = "service " + reading.service + " is missing",
                                     .code = "ServiceNotFoundException"});
    }
    reading.snapshot.service = aws::ecs::to_model(answer->services.front());
    reading.snapshot.service_missing = false;
    reading.snapshot.service_at = reading.now;
    return {};
}

Status read_tasks(const Reading& reading, const Look& look, bool service_read) {
    if (look.list_tasks && !(service_read && list_by_events(reading, look.going))) {
        if (Status listed = list_wanted_tasks(reading); !listed) { return listed; }
        if (service_read) { listed_with_events(reading.snapshot); }
    }
    aws::ecs::DescribeTasksRequest request;
    request.cluster = reading.cluster;
    request.tasks = choose(look, reading.snapshot).take();
    auto answer = needs("ecs:DescribeTasks", aws::ecs::Client(reading.caller).describe_tasks(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    for (const aws::ecs::Task& described : answer->tasks) {
        Task task = aws::ecs::to_model(described);
        if (is_ours(reading, task)) {
            merge_task(reading.snapshot, std::move(task), reading.now);
        } else {
            reading.snapshot.missing.insert(task.arn);
        }
    }
    for (const aws::ecs::Failure& failure : answer->failures) {
        if (failure.reason == missing) { merge_missing(reading, failure.arn); }
    }
    return {};
}

Status read_recently_stopped(const Reading& reading) {
    auto listed = list_tasks(reading, "STOPPED");
    if (!listed) { return std::unexpected(std::move(listed).error()); }
    aws::ecs::DescribeTasksRequest request;
    request.cluster = reading.cluster;
    request.tasks = std::move(listed->task_arns);
    request.tasks.resize(std::min(request.tasks.size(), most_recently_stopped));
    auto answer = needs("ecs:DescribeTasks", aws::ecs::Client(reading.caller).describe_tasks(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    reading.snapshot.recently_stopped.clear();
    for (const aws::ecs::Task& described : answer->tasks) {
        Task task = aws::ecs::to_model(described);
        if (is_ours(reading, task)) { reading.snapshot.recently_stopped.push_back(std::move(task)); }
    }
    return {};
}

Status read_task_definitions(const Reading& reading) {
    std::set<std::string> unread;
    for (const auto& [arn, task] : reading.snapshot.tasks) {
        if (!is_stopped(task) && !reading.snapshot.task_definitions.contains(task.task_definition)) {
            unread.insert(task.task_definition);
        }
    }
    for (const std::string& arn : unread) {
        auto answer = needs("ecs:DescribeTaskDefinition",
                            aws::ecs::Client(reading.caller).describe_task_definition({arn}, reading.stop));
        if (!answer) { return std::unexpected(std::move(answer).error()); }
        if (answer->task_definition) {
            reading.snapshot.task_definitions[arn] = aws::ecs::to_model(*answer->task_definition);
        }
    }
    return {};
}

Status read_protection(const Reading& reading) {
    aws::ecs::GetTaskProtectionRequest request;
    request.cluster = reading.cluster;
    for (const Task* task : live_tasks(reading.snapshot)) { request.tasks.push_back(task->arn); }
    auto answer =
        needs("ecs:GetTaskProtection", aws::ecs::Client(reading.caller).get_task_protection(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    reading.snapshot.protection.clear();
    for (const aws::ecs::ProtectedTask& task : answer->protected_tasks) {
        reading.snapshot.protection[task.task_arn] = aws::ecs::to_model(task);
    }
    reading.snapshot.protection_at = reading.now;
    return {};
}

} // namespace ecsr::observe
