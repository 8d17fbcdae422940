// Log streams, and what is written to them.
#include "local/api/logs_names.hpp"
#include "local/api/paging.hpp"
#include "local/logs/log_store.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

// ECS behaviour A10.
constexpr std::size_t most_events = 10'000;
constexpr std::size_t most_bytes = 1'048'576;
constexpr std::chrono::hours longest_span{24};
constexpr std::chrono::hours furthest_future{2};
constexpr std::chrono::days oldest_event{14};

bool is_stream_name(const std::string& name) {
    return !name.empty() && name.size() <= 512 && name.find_first_of(":*") == std::string::npos;
}

ApiResult<json::object> create(Call& call, Input& input) {
    const std::string group_name = input.required_text("logGroupName");
    const std::string name = input.required_text("logStreamName");
    if (input.good() && !is_stream_name(name)) {
        input.note_constraint("logStreamName", name, "Member must satisfy regular expression pattern: [^:*]*");
    }
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    if ((*group)->streams.contains(name)) {
        return api_fail("ResourceAlreadyExistsException", "The specified log stream already exists");
    }
    need_log_stream(**group, name, call.now);
    return json::object();
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string group_name = input.required_text("logGroupName");
    const std::string name = input.required_text("logStreamName");
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    if (const auto stream = require_log_stream(**group, name); !stream) { return std::unexpected(stream.error()); }
    delete_log_stream(call.state, **group, name);
    return json::object();
}

json::object view(const Call& call, const LogGroup& group, const LogStream& stream) {
    const auto& events = log_events(call.state, group, stream.name);
    json::object object;
    object["logStreamName"] = stream.name;
    object["creationTime"] = to_epoch_millis(stream.created_at);
    if (!events.empty()) {
        object["firstEventTimestamp"] = to_epoch_millis(events.front().at);
        object["lastEventTimestamp"] = to_epoch_millis(events.back().at);
    }
    if (stream.last_taken_in_at) {
        object["lastIngestionTime"] = to_epoch_millis(*stream.last_taken_in_at);
        object["uploadSequenceToken"] = fmt::format("{:056}", to_epoch_millis(*stream.last_taken_in_at));
    }
    object["arn"] = log_stream_arn(call.state.identity, group.name, stream.name);
    object["storedBytes"] = 0; // AWS has told nothing else since 2019
    return object;
}

// Names of the streams in the order that was asked for.
std::vector<std::string> sorted_streams(const Call& call, const LogGroup& group, const std::string& prefix,
                                        bool by_last_event, bool descending) {
    std::vector<std::pair<Instant, std::string>> found;
    for (const auto& [name, stream] : group.streams) {
        if (!name.starts_with(prefix)) { continue; }
        const auto& events = log_events(call.state, group, name);
        found.emplace_back(by_last_event && !events.empty() ? events.back().at : Instant::min(), name);
    }
    std::ranges::sort(found);
    if (descending) { std::ranges::reverse(found); }
    std::vector<std::string> names;
    for (auto& [at, name] : found) { names.push_back(std::move(name)); }
    return names;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const std::string group_name = read_log_group(input);
    const std::string prefix = input.text_or("logStreamNamePrefix", "");
    const bool by_time = input.text_among("orderBy", {"LogStreamName", "LastEventTime"}) == "LastEventTime";
    const bool descending = input.boolean_or("descending", false);
    const int limit = input.integer_between("limit", 1, 50).value_or(50);
    const std::string token = input.text_or("nextToken", "");
    if (by_time && !prefix.empty()) {
        input.note({"InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."});
    }
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    const auto page =
        cut_page(sorted_streams(call, **group, prefix, by_time, descending), static_cast<std::size_t>(limit), token);
    if (!page) { return api_fail("InvalidParameterException", "The specified nextToken is invalid."); }
    json::array streams;
    for (const auto& name : page->keys) { streams.emplace_back(view(call, **group, (*group)->streams.at(name))); }
    json::object answer;
    answer["logStreams"] = std::move(streams);
    put(answer, "nextToken", page->next_token);
    return answer;
}

std::vector<NewLogEvent> read_events(Input& input) {
    std::vector<NewLogEvent> events;
    std::size_t bytes = 0;
    auto items = input.objects("logEvents");
    if (input.good() && (items.empty() || items.size() > most_events)) {
        input.note_constraint("logEvents", std::nullopt, "Member must have length from 1 to 10000");
        return events;
    }
    for (auto& item : items) {
        NewLogEvent event;
        event.at = Instant(Millis(item.required_long("timestamp")));
        event.message = item.required_text("message");
        if (item.good() && event.message.empty()) {
            item.note_constraint("message", "", "Member must have length greater than or equal to 1");
        }
        bytes += event.message.size() + bytes_around_event;
        events.push_back(std::move(event));
    }
    if (bytes > most_bytes) {
        input.note({"InvalidParameterException",
                    fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, most_bytes)});
    }
    return events;
}

void check_order(Input& input, const std::vector<NewLogEvent>& events) {
    if (!std::ranges::is_sorted(events, {}, &NewLogEvent::at)) {
        input.note({"InvalidParameterException",
                    "Log events in a single PutLogEvents request must be in chronological order."});
    } else if (!events.empty() && events.back().at - events.front().at > longest_span) {
        input.note({"InvalidParameterException",
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."});
    }
}

// Leaves those that are neither too old nor too new; the rest is told in the answer.
json::object reject(std::vector<NewLogEvent>& events, const LogGroup& group, Instant now) {
    const auto before = [&](Instant limit) {
        return std::ranges::lower_bound(events, limit, {}, &NewLogEvent::at) - events.begin();
    };
    const auto too_old = before(now - oldest_event);
    const auto expired = std::max(too_old, before(std::max(oldest_log_time(group, now), now - oldest_event)));
    const auto too_new = std::ranges::upper_bound(events, now + furthest_future, {}, &NewLogEvent::at) - events.begin();
    json::object rejected;
    if (too_old > 0) { rejected["tooOldLogEventEndIndex"] = too_old; }
    if (expired > too_old) { rejected["expiredLogEventEndIndex"] = expired; }
    if (too_new < static_cast<std::ptrdiff_t>(events.size())) { rejected["tooNewLogEventStartIndex"] = too_new; }
    events.erase(events.begin() + too_new, events.end());
    events.erase(events.begin(), events.begin() + std::min(expired, too_new));
    return rejected;
}

ApiResult<json::object> put_events(Call& call, Input& input) {
    const std::string group_name = input.required_text("logGroupName");
    const std::string name = input.required_text("logStreamName");
    auto events = read_events(input);
    check_order(input, events);
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    const auto stream = require_log_stream(**group, name);
    if (!stream) { return std::unexpected(stream.error()); }
    const json::object rejected = reject(events, **group, call.now);
    append_log(call.state, **group, **stream, std::move(events), call.now);
    json::object answer;
    answer["nextSequenceToken"] = fmt::format("{:056}", call.state.logs.events->next_number);
    if (!rejected.empty()) { answer["rejectedLogEventsInfo"] = rejected; }
    return answer;
}

constexpr Operation operations[] = {
    {"CreateLogStream", create, Change::State},
    {"DeleteLogStream", remove, Change::State},
    {"DescribeLogStreams", describe},
    {"PutLogEvents", put_events, Change::State},
};

} // namespace

ApiResult<LogStream*> require_log_stream(LogGroup& group, const std::string& name) {
    const auto found = group.streams.find(name);
    if (found == group.streams.end()) {
        return api_fail("ResourceNotFoundException", "The specified log stream does not exist.");
    }
    return &found->second;
}

std::string read_log_group(Input& input) {
    const auto name = input.text("logGroupName");
    const auto identifier = input.text("logGroupIdentifier");
    if (name && identifier) {
        input.note(
            {"InvalidParameterException", "LogGroupName and logGroupIdentifier are mutually exclusive parameters."});
    }
    if (!name && !identifier) {
        input.note({"InvalidParameterException", "Either logGroupName or logGroupIdentifier must be given."});
    }
    return name.value_or(identifier.value_or(""));
}

std::span<const Operation> log_stream_operations() {
    return operations;
}

} // namespace ecsr::local::wire
