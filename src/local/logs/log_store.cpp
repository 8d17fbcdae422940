#include "local/logs/log_store.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

std::size_t bytes_of(const LogEvent& event) {
    return event.message.size() + bytes_around_event;
}

void drop_front(LogEvents& all, std::deque<LogEvent>& stream, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        all.bytes -= bytes_of(stream.front());
        stream.pop_front();
    }
}

void drop_all(LogEvents& all, const std::pair<std::string, std::string>& key) {
    const auto found = all.by_stream.find(key);
    if (found == all.by_stream.end()) { return; }
    drop_front(all, found->second, found->second.size());
    all.by_stream.erase(found);
}

// The stream that begins with the event that was taken in first.
std::deque<LogEvent>* oldest_stream(LogEvents& all) {
    std::deque<LogEvent>* oldest = nullptr;
    for (auto& [key, events] : all.by_stream) {
        if (events.empty()) { continue; }
        if (oldest == nullptr || events.front().number < oldest->front().number) { oldest = &events; }
    }
    return oldest;
}

void keep_within_limit(LogEvents& all) {
    while (all.bytes > bytes_of_logs_kept) {
        std::deque<LogEvent>* oldest = oldest_stream(all);
        drop_front(all, *oldest, (oldest->size() + 3) / 4);
    }
}

} // namespace

std::string log_group_arn(const Identity& identity, std::string_view group) {
    return fmt::format("arn:aws:logs:{}:{}:log-group:{}", identity.region, identity.account_id, group);
}

std::string log_stream_arn(const Identity& identity, std::string_view group, std::string_view stream) {
    return fmt::format("{}:log-stream:{}", log_group_arn(identity, group), stream);
}

LogGroup* find_log_group(State& state, const std::string& name) {
    const auto found = state.logs.groups.find(name);
    return found == state.logs.groups.end() ? nullptr : &found->second;
}

LogGroup& create_log_group(State& state, const std::string& name, Instant now) {
    LogGroup& group = state.logs.groups[name];
    group.name = name;
    group.created_at = now;
    return group;
}

void delete_log_group(State& state, const std::string& name) {
    const LogGroup* group = find_log_group(state, name);
    if (group == nullptr) { return; }
    for (const auto& [stream, described] : group->streams) { drop_all(*state.logs.events, {name, stream}); }
    state.logs.groups.erase(name);
}

LogStream& need_log_stream(LogGroup& group, const std::string& name, Instant now) {
    const auto [entry, is_new] = group.streams.try_emplace(name);
    if (is_new) {
        entry->second.name = name;
        entry->second.created_at = now;
    }
    return entry->second;
}

void delete_log_stream(State& state, LogGroup& group, const std::string& name) {
    drop_all(*state.logs.events, {group.name, name});
    group.streams.erase(name);
}

void append_log(State& state, LogGroup& group, LogStream& stream, std::vector<NewLogEvent> events, Instant now) {
    if (events.empty()) { return; }
    LogEvents& all = *state.logs.events;
    std::deque<LogEvent>& kept = all.by_stream[{group.name, stream.name}];
    for (NewLogEvent& event : events) {
        LogEvent made{event.at, now, all.next_number++, std::move(event.message)};
        all.bytes += bytes_of(made);
        const auto place = std::upper_bound(kept.begin(), kept.end(), made.at,
                                            [](Instant at, const LogEvent& other) { return at < other.at; });
        kept.insert(place, std::move(made));
    }
    stream.last_taken_in_at = now;
    keep_within_limit(all);
}

const std::deque<LogEvent>& log_events(const State& state, const LogGroup& group, const std::string& stream) {
    static const std::deque<LogEvent> none;
    const auto found = state.logs.events->by_stream.find({group.name, stream});
    return found == state.logs.events->by_stream.end() ? none : found->second;
}

Instant oldest_log_time(const LogGroup& group, Instant now) {
    return group.retention_days ? now - std::chrono::days(*group.retention_days) : Instant::min();
}

} // namespace ecsr::local
