// How to reach a local ECS, for people and for machines.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::tell {

struct LocalEcsFacts {
    std::string endpoint_url;
    int port = 0;
    std::string runtime = "process"; // or "virtual"
    int time_scale = 1;              // seconds that pass there in a second
    std::string memory_guard;        // what limits the memory of containers
    std::string state_folder;        // empty: in memory alone
};

// Names and values, in the order in which they are shown.
using LocalVariables = std::vector<std::pair<std::string, std::string>>;

// Lines that a shell can evaluate, under a heading.
std::string local_ecs_text(const LocalEcsFacts& facts, const LocalVariables& variables);
std::string local_ecs_json(const LocalEcsFacts& facts);

struct LocalTimeFacts {
    Instant now{}; // there
    int time_scale = 1;
    double advanced_seconds = 0;
};

std::string local_time_text(const LocalTimeFacts& facts);
std::string local_time_json(const LocalTimeFacts& facts);

struct LocalFaultFacts {
    std::string id;
    std::string fault; // as "local fault add" takes it
    std::int64_t hits = 0;
};

struct LocalSnapshotFacts {
    std::string file;
    std::int64_t bytes = 0;
};

std::string local_snapshot_text(const LocalSnapshotFacts& facts);
std::string local_snapshot_json(const LocalSnapshotFacts& facts);

// A service that was copied into a local ECS.
struct LocalImportFacts {
    std::string original; // ARN
    std::string cluster;
    std::string service;
    std::string task_definition;          // ARN of the copy
    std::string original_task_definition; // ARN
    int desired_count = 0;
    std::vector<std::string> urls; // where its load balancers listen
    std::optional<int> scaling_min;
    std::optional<int> scaling_max;
    std::optional<double> start_seconds; // learnt from the tasks of the original
    std::optional<double> health_seconds;
    bool ignores_sigterm = false;
    std::vector<std::string> not_copied;
};

std::string local_import_text(const LocalImportFacts& facts);
std::string local_import_json(const LocalImportFacts& facts);

// Lines that a shell can evaluate.
std::string local_variables_text(const LocalVariables& variables);
std::string local_variables_json(const LocalVariables& variables);

std::string local_faults_text(const std::vector<LocalFaultFacts>& faults);
std::string local_faults_json(const std::vector<LocalFaultFacts>& faults);

} // namespace ecsr::tell
