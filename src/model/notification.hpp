// What is told to people about a run, as values. Rendered by tell/, sent by notify/.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

enum class NotificationEvent {
    Started,  // preflight has passed and the first change is about to be made, or an unfinished run goes on
    Finished, // done
    Failed,   // failed, timed out, rolled back, or left with something not put back; also: it could not begin
    Restored, // stopped early by a gate or a person, and everything was put back
    Blocked,  // refused before anything was changed: preflight, a window, another run
    Skipped,  // there was nothing to do, or a scheduled time was let pass
};
const char* to_string(NotificationEvent event); // "started", "finished", ...
const std::vector<NotificationEvent>& all_notification_events();
// Error: Usage, with the allowed names.
Result<NotificationEvent> parse_notification_event(std::string_view text);

struct NotificationFigures {
    std::string outcome = {}; // "done", "failed", "stopped", "timed_out", "rolled_back"; empty while the run goes on
    std::string strategy = {};
    int tasks_recycled = 0;
    int tasks_left = 0;
    int tasks_skipped = 0;
    std::optional<int> lowest_healthy = {};
    int desired_before = 0;
    int desired_after = 0;
    bool restored = true;
    Instant started_at{};
    Millis duration{0};
};

struct Notification {
    NotificationEvent event = NotificationEvent::Started;
    Instant at{};
    std::string cluster; // name or ARN
    std::string service;
    std::string region;
    std::string run_id;                         // empty: there was no run
    std::string reason;                         // one line; may be empty
    std::optional<NotificationFigures> figures; // of the run, where there was one
    std::string report_json;                    // the run's document, attached to mails; may be empty
    bool is_test = false;                       // says so in every text
};

// One line for people: "Recycling shop/cart failed".
std::string headline(const Notification& notification);

// What stands for each placeholder of a user's template: all of notification_placeholders(). Without a run counts and
// duration_seconds are "0"; everything else that is unknown is empty.
std::map<std::string, std::string> placeholder_values(const Notification& notification);
// at, cluster, date, desired_after, desired_before, duration, duration_seconds, event, lowest_healthy, outcome, reason,
// region, restored, run_id, service, started_at, strategy, tasks_left, tasks_recycled, tasks_skipped, title.
const std::vector<std::string>& notification_placeholders();

// "20 November 2026", in UTC.
std::string long_date(Instant at);

} // namespace ecsr
