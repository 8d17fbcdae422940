// What the demo measured, for people and for machines.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::tell {

struct DemoRecycle {
    std::string run_id = {};
    std::string outcome = {};
    std::string reason = {};
    int tasks_replaced = 0;
    std::int64_t requests_sent = 0;
    std::int64_t requests_failed = 0;
    std::string first_failure = {};
    double requests_per_second = 0;
    int lowest_healthy = 0;                 // targets, seen from outside every half second
    std::uint64_t memory_before_bytes = 0;  // mean of the tasks
    std::uint64_t memory_highest_bytes = 0; // of any task at any time
    std::uint64_t memory_after_bytes = 0;   // mean of the tasks
    std::int64_t api_calls = 0;
    double duration_seconds = 0;
};

struct DemoKill {
    std::string task_arn;
    int exit_code = 0;
    std::string reason;
    Instant stopped_at{};
};

struct DemoUnrecycled {
    std::int64_t leak_bytes_per_second = 0;
    std::int64_t requests_sent = 0;
    std::int64_t requests_failed = 0;
    std::string first_failure = {};
    int lowest_healthy = 0;
    int oom_kills = 0;
    std::vector<DemoKill> kills = {};
    double duration_seconds = 0;
};

struct DemoFacts {
    int tasks = 0;
    std::uint64_t memory_limit_bytes = 0;   // of each task
    std::string memory_guard = {};          // what enforces it here
    std::int64_t leak_bytes_per_second = 0; // of each task
    DemoRecycle recycle = {};
    std::optional<DemoUnrecycled> unrecycled = {}; // not played when the recycle failed
    double duration_seconds = 0;
};

std::string demo_text(const DemoFacts& facts);
std::string demo_json(const DemoFacts& facts);

} // namespace ecsr::tell
