// The JSON documents about runs. Internal to tell/: included by .cpp files alone, because it brings Boost.JSON.
#pragma once

#include "act/journal.hpp"
#include "base/json_mapper.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::tell {

struct RunTask {
    std::string task_arn = {};
    std::string replaced_by = {};
    std::optional<Instant> stopped_at = {};
    std::optional<double> seconds = {}; // from the start of its batch until it was STOPPED
};
BOOST_DESCRIBE_STRUCT(RunTask, (), (task_arn, replaced_by, stopped_at, seconds))

struct RunSkipped {
    std::string task_arn = {};
    std::string reason = {};
};
BOOST_DESCRIBE_STRUCT(RunSkipped, (), (task_arn, reason))

struct RunCalls {
    std::int64_t total = 0;
    std::map<std::string, std::int64_t> by_operation = {};
};
BOOST_DESCRIBE_STRUCT(RunCalls, (), (total, by_operation))

struct RunHolder {
    std::string who = {};
    Instant since{};
    Instant beat_at{};
    Instant expires_at{};
};
BOOST_DESCRIBE_STRUCT(RunHolder, (), (who, since, beat_at, expires_at))

struct RunDocument {
    std::string run_id = {};
    std::string state = {};
    std::optional<std::string> outcome = {}; // only of a run that has ended or was paused
    std::string reason = {};
    std::string cluster = {};
    std::string service = {};
    std::string strategy = {};
    std::string drain = {};
    Instant cutoff{};
    std::vector<RunTask> tasks = {};
    int tasks_recycled = 0;
    int tasks_left = 0;
    std::vector<RunSkipped> skipped = {};
    std::optional<int> lowest_healthy = {};
    int desired_before = 0;
    std::optional<int> desired_after; // of a run that has ended
    bool restored = true;
    RunCalls api_calls = {};
    Instant started_at{};
    std::optional<Instant> finished_at = {};
    double duration_seconds = 0;
    std::optional<RunHolder> holder = {};
};
BOOST_DESCRIBE_STRUCT(RunDocument, (),
                      (run_id, state, outcome, reason, cluster, service, strategy, drain, cutoff, tasks, tasks_recycled,
                       tasks_left, skipped, lowest_healthy, desired_before, desired_after, restored, api_calls,
                       started_at, finished_at, duration_seconds, holder))

RunDocument run_document(const act::RunRecord& record, Instant now);

} // namespace ecsr::tell
