// What people want to see of a local ECS at a glance, and what its containers have written.
// Spoken by local/plane and by whoever steers it (cli).
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "local/state/outside.hpp"
#include "local/state/state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct SeenTargetGroup {
    std::string name;
    int healthy = 0;
    int initial = 0;
    int unhealthy = 0;
    int draining = 0;
    int unused = 0;
    std::vector<std::string> urls; // of the listeners that forward to it
};

struct SeenService {
    std::string cluster;
    std::string service;
    std::string status; // "ACTIVE", ...
    int desired = 0;
    int running = 0;
    int pending = 0;
    std::string task_definition; // "web:3"
    std::string rollout;         // of the PRIMARY deployment: "IN_PROGRESS", "COMPLETED", "FAILED"
    std::string rollout_reason;
    int deployments = 0;
    std::vector<SeenTargetGroup> target_groups;
};

struct SeenTask {
    std::string id;
    std::string cluster;
    std::string service; // empty: a standalone task
    std::string task_definition;
    std::string status; // "RUNNING", ...
    std::string health; // "HEALTHY", ...
    Instant created_at{};
    std::optional<Instant> stopped_at;
    std::string stopped_reason;
    std::string told_by_containers; // of a task that ended by itself: "web: exit 137, OutOfMemoryError: ..."
    std::int64_t memory_bytes = 0;  // in use by its containers
    std::optional<std::int64_t> memory_limit_bytes; // of the task, else the sum over its containers where all have one
};

struct SeenEvent {
    Instant at{};
    std::string id;
    std::string cluster;
    std::string service;
    std::string message;
};

struct Overview {
    Instant now{};
    int time_scale = 0;                // seconds there in a second; 0: real time
    std::vector<SeenService> services; // by cluster and name, without those that are gone
    std::vector<SeenTask> tasks;       // by cluster, service and age; of the stopped ones the newest few, at the end
    std::vector<SeenEvent> events;     // of all services, the oldest first
};

struct ContainerLog {
    std::string task;
    std::string container;
    std::string status; // of the task
    std::string text;   // the newest part of what it wrote
};

struct ServiceLogs {
    std::string cluster;
    std::string service;
    std::vector<ContainerLog> logs; // the oldest task first; containers whose output is not kept are left out
};

// The newest `events` events.
Overview overview_of(const State& state, Runtime& runtime, Instant now, std::size_t events);

// Of every task of the service that the State still has. `cluster` may be empty when one cluster alone has such a
// service. Error: NotFound; it names what there is.
Result<ServiceLogs> logs_of(const State& state, Runtime& runtime, std::string_view cluster, std::string_view service);

std::string to_json(const Overview& overview);
std::string to_json(const ServiceLogs& logs);
// {"events": [...]}
std::string events_json(const std::vector<SeenEvent>& events);
// Errors: Remote.
Result<Overview> read_overview(const std::string& text);
Result<ServiceLogs> read_logs(const std::string& text);

} // namespace ecsr::local
