// RunTask: tasks that no service looks after (ECS behaviour A3, A4, B12).
#pragma once

#include "local/state/state.hpp"

#include <map>
#include <string>
#include <vector>

namespace ecsr::local {

struct RunTaskOrder {
    std::string cluster;
    std::string task_definition; // ARN of an ACTIVE one
    int count = 1;
    std::string group;
    std::string started_by;
    std::string launch_type = "EC2";
    // A capacity provider strategy was asked for: what finds no place starts, and stops.
    bool by_capacity_provider = false;
    TaskOverrides overrides;
    std::map<std::string, std::string> tags;
};

struct RunTaskResult {
    std::vector<std::string> task_ids;
    std::vector<std::string> failures; // a reason for each task that found no place
};

// The tasks are in PROVISIONING; the next advance() launches them.
RunTaskResult run_task(State& state, const RunTaskOrder& order, Instant now);

// What was started under this clientToken; null when it is new. Tokens are remembered for 24 hours.
const RunToken* find_run_token(State& state, const std::string& cluster, const std::string& token, Instant now);
void keep_run_token(State& state, const std::string& cluster, const std::string& token, RunToken what);

} // namespace ecsr::local
