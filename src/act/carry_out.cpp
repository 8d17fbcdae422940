#include "act/carry_out.hpp"

#include "aws/autoscaling/client.hpp"
#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "base/text.hpp"
#include "observe/observe.hpp"

#include <fmt/format.h>

namespace ecsr::act {

namespace ecs = aws::ecs;

namespace {

// A failure inside HTTP 200 as an error; none for a task that is gone, nor for one that is on its way out and was to
// lose its protection (TASK_NOT_VALID, ECS behaviour B13): nothing is left of it.
std::optional<Error> protection_error(const ecs::UpdateTaskProtectionAnswer& answer, bool enabled) {
    for (const ecs::Failure& failure : answer.failures) {
        if (failure.reason == "MISSING" || (!enabled && failure.reason == "TASK_NOT_VALID")) { continue; }
        // A task that has just died, or is on its way out, is no task of the service any more: who looks again sees it.
        const auto kind = failure.reason == "DEPLOYMENT_BLOCKED" ? ErrorKind::Refused
                          : failure.reason == "TASK_NOT_VALID"   ? ErrorKind::NotFound
                                                                 : ErrorKind::Remote;
        return Error{kind,
                     fmt::format("ecs UpdateTaskProtection: task {}: {}{}{}", short_id(failure.arn), failure.reason,
                                 failure.detail.empty() ? "" : ": ", failure.detail),
                     failure.reason, 200,
                     // Some of the tasks may have been changed, or all of them by an earlier attempt whose answer was
                     // lost: only a look can tell which.
                     enabled || !answer.protected_tasks.empty()};
    }
    return std::nullopt;
}

// StopTask tells an unknown task by its text alone (ECS behaviour A3).
Error stop_error(Error error) {
    if (error.code == "InvalidParameterException" && contains_ignoring_case(error.message, "task was not found")) {
        error.kind = ErrorKind::NotFound;
    }
    return error;
}

// Two writers at once is no verdict: the same call is good a moment later (ECS behaviour E1).
Error scaling_error(Error error) {
    if (error.code == "ConcurrentUpdateException") { error.kind = ErrorKind::Throttled; }
    return error;
}

void merge_protection(Snapshot& snapshot, const ecs::UpdateTaskProtectionAnswer& answer) {
    for (const ecs::ProtectedTask& task : answer.protected_tasks) {
        snapshot.protection[task.task_arn] = ecs::to_model(task);
    }
}

} // namespace

Status CarryOut::operator()(const recycle::SetDesiredCount& change) {
    ecs::UpdateServiceRequest request;
    request.cluster = snapshot_->service.cluster_arn;
    request.service = snapshot_->service.name;
    request.desired_count = change.to;
    return update_service(request);
}

Status CarryOut::operator()(const recycle::ForceNewDeployment&) {
    ecs::UpdateServiceRequest request;
    request.cluster = snapshot_->service.cluster_arn;
    request.service = snapshot_->service.name;
    request.force_new_deployment = true;
    return update_service(request);
}

Status CarryOut::update_service(const aws::ecs::UpdateServiceRequest& request) {
    auto answer = ecs::Client(*caller_).update_service(request, stop_);
    if (!answer) { return std::unexpected(std::move(answer.error())); }
    merge_ = [service = std::move(answer->service)](Snapshot& snapshot, Instant now) {
        if (service) { merge_update_answer(snapshot, ecs::to_model(*service), now); }
    };
    return {};
}

Status CarryOut::operator()(const recycle::ProtectTasks& change) {
    ecs::UpdateTaskProtectionRequest request;
    request.cluster = snapshot_->service.cluster_arn;
    request.tasks = change.task_arns;
    request.protection_enabled = change.enabled;
    if (change.enabled) { request.expires_in_minutes = static_cast<int>(change.expires_in.count()); }
    auto answer = ecs::Client(*caller_).update_task_protection(request, stop_);
    if (!answer) { return std::unexpected(std::move(answer.error())); }
    const auto error = protection_error(*answer, change.enabled);
    merge_ = [told = std::move(*answer)](Snapshot& snapshot, Instant) { merge_protection(snapshot, told); };
    if (error) { return std::unexpected(*error); }
    return {};
}

Status CarryOut::operator()(const recycle::StopTask& change) {
    const ecs::StopTaskRequest request{snapshot_->service.cluster_arn, change.task_arn, change.reason};
    auto answer = ecs::Client(*caller_).stop_task(request, stop_);
    if (!answer) { return std::unexpected(stop_error(std::move(answer.error()))); }
    merge_ = [task = std::move(answer->task)](Snapshot& snapshot, Instant now) {
        if (task) { merge_task(snapshot, ecs::to_model(*task), now); }
    };
    return {};
}

Status CarryOut::operator()(const recycle::SetScaling& change) {
    const auto request = aws::autoscaling::to_request(change.to);
    auto answer = aws::autoscaling::Client(*caller_).register_scalable_target(request, stop_);
    if (!answer) { return std::unexpected(scaling_error(std::move(answer.error()))); }
    merge_ = [target = change.to](Snapshot& snapshot, Instant now) {
        snapshot.scalable_target = target;
        snapshot.scaling_at = now;
    };
    return {};
}

void CarryOut::merge(Instant now) {
    if (merge_) { merge_(*snapshot_, now); }
}

} // namespace ecsr::act
