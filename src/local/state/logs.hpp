// Log groups, streams and what was written to them (CloudWatch Logs; ECS behaviour A10).
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ecsr::local {

struct LogEvent {
    Instant at{}; // as whoever wrote it says
    Instant taken_in_at{};
    std::uint64_t number = 0; // of all events, counted up: tells events of the same time apart
    std::string message;
};

struct LogStream {
    std::string name;
    Instant created_at{};
    std::optional<Instant> last_taken_in_at;
};

struct LogGroup {
    std::string name;
    Instant created_at{};
    std::optional<int> retention_days;
    std::string kms_key_id;
    std::string log_class = "STANDARD";
    std::map<std::string, LogStream> streams; // by name
    std::map<std::string, std::string> tags;
};

// In the order of their times. Kept in memory alone, up to a limit: see local/logs.
struct LogEvents {
    std::map<std::pair<std::string, std::string>, std::deque<LogEvent>> by_stream; // group, stream
    std::size_t bytes = 0;
    std::uint64_t next_number = 1;
};

struct Logs {
    std::map<std::string, LogGroup> groups; // by name
    // Not saved. Shared by copies of a State: what was written stays written.
    std::shared_ptr<LogEvents> events = std::make_shared<LogEvents>();
};

} // namespace ecsr::local
