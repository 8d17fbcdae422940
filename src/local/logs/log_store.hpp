// What CloudWatch Logs keeps. Pure; called under the lock of local/plane.
#pragma once

#include "local/state/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

// Of all events together, each counted as its message and 26 bytes, as CloudWatch Logs counts. Beyond it the streams
// with the oldest events lose them, a quarter of a stream at a time.
constexpr std::size_t bytes_of_logs_kept = 64U << 20U;
constexpr std::size_t bytes_around_event = 26;

std::string log_group_arn(const Identity& identity, std::string_view group);
std::string log_stream_arn(const Identity& identity, std::string_view group, std::string_view stream);

// Null when there is none.
LogGroup* find_log_group(State& state, const std::string& name);

LogGroup& create_log_group(State& state, const std::string& name, Instant now);
void delete_log_group(State& state, const std::string& name);
// The stream of that name, made when there is none.
LogStream& need_log_stream(LogGroup& group, const std::string& name, Instant now);
void delete_log_stream(State& state, LogGroup& group, const std::string& name);

struct NewLogEvent {
    Instant at{};
    std::string message;
};

// Takes the events in.
void append_log(State& state, LogGroup& group, LogStream& stream, std::vector<NewLogEvent> events, Instant now);

// By time; those that are older than the group's retention are still in it, and must not be told.
const std::deque<LogEvent>& log_events(const State& state, const LogGroup& group, const std::string& stream);
// Of the events that are told; the beginning of time without a retention.
Instant oldest_log_time(const LogGroup& group, Instant now);

} // namespace ecsr::local
