// GetLogEvents and FilterLogEvents.
#include "base/text.hpp"
#include "local/api/logs_names.hpp"
#include "local/logs/filter_pattern.hpp"
#include "local/logs/log_store.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace ecsr::local::wire {

namespace {

// ECS behaviour A10.
constexpr int largest_page = 10'000;
constexpr std::size_t most_bytes = 1'048'576;

std::unexpected<ApiError> invalid_token() {
    return api_fail("InvalidParameterException", "The specified nextToken is invalid.");
}

// A place between events: right after this one, or right before it.
using Place = std::pair<Instant, std::uint64_t>; // time and number of an event

Place place_of(const LogEvent& event) {
    return {event.at, event.number};
}

struct Token {
    char direction = 'f'; // or 'b'
    Place place;
};

std::string to_text(const Token& token) {
    return fmt::format("{}/{:030}/{:020}", token.direction, to_epoch_millis(token.place.first), token.place.second);
}

std::optional<Token> parse_token(const std::string& text) {
    const auto parts = split(text, '/');
    if (parts.size() != 3 || (parts[0] != "f" && parts[0] != "b")) { return std::nullopt; }
    const auto millis = parse_integer(parts[1]);
    const auto number = parse_integer(parts[2]);
    if (!millis || !number || *number < 0) { return std::nullopt; }
    return Token{parts[0][0], {Instant(Millis(*millis)), static_cast<std::uint64_t>(*number)}};
}

struct Span {
    Instant first = Instant::min();
    Instant end = Instant::max(); // not in it

    bool holds(const LogEvent& event) const { return event.at >= first && event.at < end; }
};

Span read_span(Input& input) {
    Span span;
    if (const auto start = input.long_integer("startTime")) { span.first = Instant(Millis(*start)); }
    if (const auto end = input.long_integer("endTime")) { span.end = Instant(Millis(*end)); }
    return span;
}

json::object event_view(const LogEvent& event) {
    json::object object;
    object["timestamp"] = to_epoch_millis(event.at);
    object["message"] = event.message;
    object["ingestionTime"] = to_epoch_millis(event.taken_in_at);
    return object;
}

// [first, end) of `events`: the newest or the oldest of what lies between, as far as one page holds.
std::pair<std::size_t, std::size_t> cut(const std::vector<const LogEvent*>& events, std::size_t limit, bool from_head) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < std::min(limit, events.size())) {
        const auto* event = from_head ? events[count] : events[events.size() - 1 - count];
        bytes += event->message.size() + bytes_around_event;
        if (bytes > most_bytes && count > 0) { break; }
        ++count;
    }
    return from_head ? std::pair(std::size_t{0}, count) : std::pair(events.size() - count, events.size());
}

ApiResult<json::object> get(Call& call, Input& input) {
    const std::string group_name = read_log_group(input);
    const std::string name = input.required_text("logStreamName");
    Span span = read_span(input);
    const int limit = input.integer_between("limit", 1, largest_page).value_or(largest_page);
    const bool from_head = input.boolean_or("startFromHead", false);
    const auto token_text = input.text("nextToken");
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    if (const auto stream = require_log_stream(**group, name); !stream) { return std::unexpected(stream.error()); }
    const auto token = token_text ? parse_token(*token_text) : std::nullopt;
    if (token_text && !token) { return invalid_token(); }

    span.first = std::max(span.first, oldest_log_time(**group, call.now));
    std::vector<const LogEvent*> found;
    for (const auto& event : log_events(call.state, **group, name)) {
        const bool beyond =
            !token || (token->direction == 'f' ? place_of(event) > token->place : place_of(event) < token->place);
        if (span.holds(event) && beyond) { found.push_back(&event); }
    }
    const bool forward = token ? token->direction == 'f' : from_head;
    const auto [first, end] = cut(found, static_cast<std::size_t>(limit), forward);
    json::array events;
    for (std::size_t i = first; i < end; ++i) { events.emplace_back(event_view(*found[i])); }
    // Where nothing is left, a token of the same direction stays what it is (ECS behaviour A10).
    const Place here = token ? token->place : Place{Instant{}, 0};
    json::object answer;
    answer["nextForwardToken"] = to_text({'f', events.empty() ? here : place_of(*found[end - 1])});
    answer["nextBackwardToken"] = to_text({'b', events.empty() ? here : place_of(*found[first])});
    answer["events"] = std::move(events);
    return answer;
}

struct Found {
    const LogEvent* event;
    const std::string* stream;
};

std::vector<Found> find_events(const Call& call, const LogGroup& group, const Span& span, const FilterPattern& pattern,
                               const std::optional<std::vector<std::string>>& streams, const std::string& prefix,
                               const std::optional<Token>& after) {
    std::vector<Found> found;
    for (const auto& [name, stream] : group.streams) {
        const bool wanted = (!streams || std::ranges::count(*streams, name) > 0) && name.starts_with(prefix);
        if (!wanted) { continue; }
        for (const auto& event : log_events(call.state, group, name)) {
            const bool is_new = !after || place_of(event) > after->place;
            if (is_new && span.holds(event) && pattern.matches(event.message)) { found.push_back({&event, &name}); }
        }
    }
    std::ranges::sort(found, {}, [](const Found& each) { return place_of(*each.event); });
    return found;
}

json::object filtered_view(const Found& found) {
    json::object object = event_view(*found.event);
    object["logStreamName"] = *found.stream;
    object["eventId"] = fmt::format("{:036}{:020}", to_epoch_millis(found.event->at), found.event->number);
    return object;
}

ApiResult<json::object> filter(Call& call, Input& input) {
    const std::string group_name = read_log_group(input);
    const auto streams = input.texts("logStreamNames");
    const std::string prefix = input.text_or("logStreamNamePrefix", "");
    Span span = read_span(input);
    const auto pattern = FilterPattern::parse(input.text_or("filterPattern", ""));
    const int limit = input.integer_between("limit", 1, largest_page).value_or(largest_page);
    const auto token_text = input.text("nextToken");
    if (streams && !prefix.empty()) {
        input.note(
            {"InvalidParameterException", "logStreamNamePrefix and logStreamNames are mutually exclusive parameters."});
    }
    if (!pattern) { input.note({"InvalidParameterException", "Invalid filter pattern: " + pattern.error().message}); }
    if (!input.good()) { return input.problem(); }
    const auto group = require_log_group(call, group_name);
    if (!group) { return std::unexpected(group.error()); }
    for (const auto& name : streams.value_or(std::vector<std::string>{})) {
        if (const auto stream = require_log_stream(**group, name); !stream) { return std::unexpected(stream.error()); }
    }
    const auto token = token_text ? parse_token(*token_text) : std::nullopt;
    if (token_text && !token) { return invalid_token(); }

    span.first = std::max(span.first, oldest_log_time(**group, call.now));
    const auto found = find_events(call, **group, span, *pattern, streams, prefix, token);
    std::vector<const LogEvent*> plain;
    for (const auto& each : found) { plain.push_back(each.event); }
    const auto end = cut(plain, static_cast<std::size_t>(limit), true).second;
    json::array events;
    for (std::size_t i = 0; i < end; ++i) { events.emplace_back(filtered_view(found[i])); }
    json::object answer;
    if (end < found.size()) { answer["nextToken"] = to_text({'f', place_of(*found[end - 1].event)}); }
    answer["events"] = std::move(events);
    answer["searchedLogStreams"] = json::array();
    return answer;
}

constexpr Operation operations[] = {
    {"GetLogEvents", get},
    {"FilterLogEvents", filter},
};

} // namespace

std::span<const Operation> log_event_operations() {
    return operations;
}

} // namespace ecsr::local::wire
