// The parts of a look, one function each. Internal to observe/.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "model/snapshot.hpp"

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::observe {

struct Reading {
    aws::Caller& caller;
    const std::string& cluster; // as the user wrote them
    const std::string& service;
    Snapshot& snapshot;
    Instant now;
    std::stop_token stop;
};

// Each makes the calls that the part needs, none when there is nothing to ask, and merges the answers.
Status read_service(const Reading& reading);
// `service_read`: just now, in the same look.
Status read_tasks(const Reading& reading, const Look& look, bool service_read);
// Brings the list of tasks up to what the service, just read, tells in its events. False: they and its counts do not
// account for every change since the last listing, and ListTasks must be asked. A task that is expected to go and whose
// stop is told is marked so; others that left are known only as not listed.
bool list_by_events(const Reading& reading, const std::vector<std::string>& expected_to_go);
// The list holds what all events of the service tell.
void listed_with_events(Snapshot& snapshot);
Status read_recently_stopped(const Reading& reading);
Status read_task_definitions(const Reading& reading);
Status read_protection(const Reading& reading);
Status read_target_groups(const Reading& reading);
Status read_targets(const Reading& reading);
Status read_scaling(const Reading& reading);
Status read_alarms(const Reading& reading, const std::vector<std::string>& names);
// Fails only when interrupted: what cannot be checked is a warning.
Status read_images(const Reading& reading);

// The error that says that this cluster or service does not exist, and what does, where listing is permitted.
Error cluster_not_found(const Reading& reading);
Error service_not_found(const Reading& reading);

bool is_cluster_not_found(const Error& error);
bool is_service_not_found(const Error& error);
bool is_access_denied(const Error& error);

// An access error gets the IAM action in front of it: "missing permission ecs:ListTasks: ...".
Error name_permission(Error error, const char* iam_action);

template <class T>
Result<T> needs(const char* iam_action, Result<T> result) {
    if (!result) { return std::unexpected(name_permission(std::move(result).error(), iam_action)); }
    return result;
}

} // namespace ecsr::observe
