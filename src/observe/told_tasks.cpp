// What service events tell of tasks that came and went: with the counts of the same answer they stand in for ListTasks
// (ECS behaviour C1).
#include "base/text.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace ecsr::observe {

namespace {

constexpr std::string_view task_mark = "(task ";

// "has started 2 tasks: (task A) (task B)." with `verb` "has started " gives A and B; nothing where the event is
// another one. An event that does not name as many tasks as it counts gives an empty list.
std::optional<std::vector<std::string_view>> tasks_of(std::string_view message, std::string_view verb) {
    const auto at = message.find(verb);
    if (at == std::string_view::npos) { return std::nullopt; }
    const std::string_view rest = message.substr(at + verb.size());
    const auto count = parse_integer(std::string(rest.substr(0, rest.find(' '))));
    std::vector<std::string_view> ids;
    for (auto from = rest.find(task_mark); from != std::string_view::npos; from = rest.find(task_mark, from)) {
        from += task_mark.size();
        ids.push_back(rest.substr(from, rest.find(')', from) - from));
    }
    if (!count || static_cast<std::int64_t>(ids.size()) != *count) { ids.clear(); }
    return ids;
}

// What the ARNs of the service's tasks begin with.
std::string arn_prefix(const Snapshot& snapshot) {
    const std::string& any = *snapshot.listed.begin();
    return any.substr(0, any.rfind('/') + 1);
}

bool is_known_to_end(const Snapshot& snapshot, const std::string& arn) {
    const auto known = snapshot.tasks.find(arn);
    return known != snapshot.tasks.end() && !is_live(known->second);
}

class Follower {
public:
    Follower(Snapshot& snapshot, const std::vector<std::string>& expected_to_go)
        : snapshot_(snapshot), expected_to_go_(expected_to_go), arn_prefix_(arn_prefix(snapshot)) {}

    // False: the event does not tell which tasks it is about.
    bool follow(const ServiceEvent& event) {
        if (event.message.find(" pending tasks.") != std::string::npos) { return false; }
        if (const auto started = tasks_of(event.message, "has started ")) {
            for (const auto id : *started) { snapshot_.listed.insert(arn_prefix_ + std::string(id)); }
            return !started->empty();
        }
        const auto stopped = tasks_of(event.message, "has stopped ");
        if (!stopped) { return true; }
        for (const auto id : *stopped) { stop(arn_prefix_ + std::string(id), event.created_at); }
        return !stopped->empty();
    }

private:
    void stop(const std::string& arn, Instant at) {
        snapshot_.listed.erase(arn);
        const auto known = snapshot_.tasks.find(arn);
        if (known == snapshot_.tasks.end() || std::ranges::find(expected_to_go_, arn) == expected_to_go_.end()) {
            return;
        }
        if (!is_live(known->second)) { return; }
        known->second.desired_status = "STOPPED";
        known->second.stopping_at = at;
    }

    Snapshot& snapshot_;
    const std::vector<std::string>& expected_to_go_;
    const std::string arn_prefix_;
};

// Events since the one up to which the list is complete, newest first; nothing when that one is not among them.
std::optional<std::size_t> new_events(const Snapshot& snapshot) {
    const auto& events = snapshot.service.events;
    const auto seen = std::ranges::find(events, snapshot.listed_up_to, &ServiceEvent::id);
    if (snapshot.listed_up_to.empty() || seen == events.end()) { return std::nullopt; }
    return static_cast<std::size_t>(seen - events.begin());
}

} // namespace

bool list_by_events(const Reading& reading, const std::vector<std::string>& expected_to_go) {
    Snapshot& snapshot = reading.snapshot;
    const auto count = new_events(snapshot);
    if (!snapshot.listed_at || snapshot.listed.empty() || !count) { return false; }
    Follower follower(snapshot, expected_to_go);
    for (std::size_t i = *count; i-- > 0;) {
        if (!follower.follow(snapshot.service.events[i])) { return false; }
    }
    std::erase_if(snapshot.listed, [&](const std::string& arn) { return is_known_to_end(snapshot, arn); });
    // A task that ended by itself has no event, but it is not counted any more either.
    const auto counted = snapshot.service.running_count + snapshot.service.pending_count;
    if (static_cast<std::ptrdiff_t>(snapshot.listed.size()) != counted) { return false; }
    snapshot.listed_at = reading.now;
    listed_with_events(snapshot);
    return true;
}

void listed_with_events(Snapshot& snapshot) {
    snapshot.listed_up_to = snapshot.service.events.empty() ? "" : snapshot.service.events.front().id;
}

} // namespace ecsr::observe
