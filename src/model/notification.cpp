#include "model/notification.hpp"

#include "base/text.hpp"

#include <array>
#include <fmt/format.h>

namespace ecsr {

namespace {

std::string place(const Notification& notification) {
    return fmt::format("{}/{}", short_id(notification.cluster), short_id(notification.service));
}

std::string tasks(int count) {
    return fmt::format("{} task{}", count, count == 1 ? "" : "s");
}

std::string what_happened(const Notification& notification) {
    const auto& figures = notification.figures;
    switch (notification.event) {
    case NotificationEvent::Started: return "started";
    case NotificationEvent::Finished:
        return figures ? fmt::format("finished: {} replaced", tasks(figures->tasks_recycled)) : "finished";
    case NotificationEvent::Failed:
        return figures && !figures->restored ? "FAILED, and not everything was put back" : "FAILED";
    case NotificationEvent::Restored: return "stopped, and everything was put back";
    case NotificationEvent::Blocked: return "was blocked";
    case NotificationEvent::Skipped: return "was skipped";
    }
    return "";
}

void add_figures(const NotificationFigures& figures, std::map<std::string, std::string>& values) {
    values["outcome"] = figures.outcome;
    values["strategy"] = figures.strategy;
    values["tasks_recycled"] = std::to_string(figures.tasks_recycled);
    values["tasks_left"] = std::to_string(figures.tasks_left);
    values["tasks_skipped"] = std::to_string(figures.tasks_skipped);
    values["lowest_healthy"] = figures.lowest_healthy ? std::to_string(*figures.lowest_healthy) : "";
    values["desired_before"] = std::to_string(figures.desired_before);
    values["desired_after"] = std::to_string(figures.desired_after);
    values["restored"] = figures.restored ? "true" : "false";
    values["started_at"] = to_rfc3339(figures.started_at);
    values["duration"] = format_age(figures.duration);
    values["duration_seconds"] = std::to_string(figures.duration.count() / 1000);
}

} // namespace

const char* to_string(NotificationEvent event) {
    switch (event) {
    case NotificationEvent::Started: return "started";
    case NotificationEvent::Finished: return "finished";
    case NotificationEvent::Failed: return "failed";
    case NotificationEvent::Restored: return "restored";
    case NotificationEvent::Blocked: return "blocked";
    case NotificationEvent::Skipped: return "skipped";
    }
    return "";
}

const std::vector<NotificationEvent>& all_notification_events() {
    using enum NotificationEvent;
    static const std::vector<NotificationEvent> events{Started, Finished, Failed, Restored, Blocked, Skipped};
    return events;
}

Result<NotificationEvent> parse_notification_event(std::string_view text) {
    std::vector<std::string> allowed;
    for (const NotificationEvent event : all_notification_events()) {
        if (text == to_string(event)) { return event; }
        allowed.emplace_back(to_string(event));
    }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of {}", text, join(allowed, ", ")));
}

std::string headline(const Notification& notification) {
    return fmt::format("{}Recycling {} {}", notification.is_test ? "TEST: " : "", place(notification),
                       what_happened(notification));
}

const std::vector<std::string>& notification_placeholders() {
    static const std::vector<std::string> names{
        "at",      "cluster",    "date",     "desired_after", "desired_before", "duration",      "duration_seconds",
        "event",   "outcome",    "reason",   "region",        "lowest_healthy", "restored",      "run_id",
        "service", "started_at", "strategy", "tasks_left",    "tasks_recycled", "tasks_skipped", "title"};
    return names;
}

std::map<std::string, std::string> placeholder_values(const Notification& notification) {
    std::map<std::string, std::string> values;
    for (const std::string& name : notification_placeholders()) { values[name] = ""; }
    for (const char* number :
         {"desired_after", "desired_before", "duration_seconds", "tasks_left", "tasks_recycled", "tasks_skipped"}) {
        values[number] = "0"; // a template may have it where JSON wants a number
    }
    if (notification.figures) { add_figures(*notification.figures, values); }
    values["at"] = to_rfc3339(notification.at);
    values["date"] = long_date(notification.at);
    values["event"] = to_string(notification.event);
    values["title"] = headline(notification);
    values["cluster"] = std::string(short_id(notification.cluster));
    values["service"] = std::string(short_id(notification.service));
    values["region"] = notification.region;
    values["run_id"] = notification.run_id;
    values["reason"] = notification.reason;
    return values;
}

std::string long_date(Instant at) {
    static constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    return fmt::format("{} {} {}", static_cast<unsigned>(day.day()), months.at(static_cast<unsigned>(day.month()) - 1),
                       static_cast<int>(day.year()));
}

} // namespace ecsr
