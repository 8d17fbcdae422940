#include "tell/run_notification.hpp"

#include "base/text.hpp"
#include "tell/run_report.hpp"

#include <algorithm>

namespace ecsr::tell {

namespace {

NotificationFigures figures(const recycle::Run& run, Instant now) {
    NotificationFigures made;
    if (run.ending) { made.outcome = recycle::to_string(run.ending->outcome); }
    made.strategy = to_string(run.spec.strategy);
    made.tasks_recycled = static_cast<int>(run.replaced.size());
    made.tasks_left = static_cast<int>(recycle::tasks_left(run));
    made.tasks_skipped = static_cast<int>(run.skipped.size());
    if (run.lowest_healthy >= 0) { made.lowest_healthy = run.lowest_healthy; }
    made.desired_before = run.desired_before;
    made.desired_after = run.desired_theirs;
    made.restored = run.restored;
    made.started_at = run.started_at;
    made.duration = std::max(Millis{0}, run.ended_at.value_or(now) - run.started_at);
    return made;
}

Notification about(const recycle::Run& run, NotificationEvent event, const std::string& region, Instant now) {
    Notification made;
    made.event = event;
    made.at = now;
    made.cluster = short_id(run.spec.cluster);
    made.service = short_id(run.spec.service);
    made.region = region;
    made.run_id = run.id;
    made.figures = figures(run, now);
    return made;
}

NotificationEvent event_of(const recycle::Run& run) {
    const bool began = run.batch_number > 0 || !run.replaced.empty();
    if (run.paused || !run.ending || !run.restored) { return NotificationEvent::Failed; }
    switch (run.ending->outcome) {
    case recycle::Outcome::Done: return began ? NotificationEvent::Finished : NotificationEvent::Skipped;
    case recycle::Outcome::Stopped:
        return !began && run.ending->cause == ErrorKind::Refused ? NotificationEvent::Blocked
                                                                 : NotificationEvent::Restored;
    case recycle::Outcome::Failed:
    case recycle::Outcome::TimedOut:
    case recycle::Outcome::RolledBack: return NotificationEvent::Failed;
    }
    return NotificationEvent::Failed;
}

} // namespace

Notification run_started(const recycle::Run& run, const std::string& region, Instant now) {
    Notification made = about(run, NotificationEvent::Started, region, now);
    made.reason = run.spec.reason;
    return made;
}

Notification run_ended(const act::RunRecord& record, const std::string& region, Instant now) {
    Notification made = about(record.run, event_of(record.run), region, now);
    if (record.run.ending) { made.reason = record.run.ending->reason; }
    made.report_json = run_json(record, now);
    return made;
}

Notification run_failed(const RunSpec& spec, const Error& error, const std::string& region, Instant now) {
    const bool blocked = error.kind == ErrorKind::Locked || error.kind == ErrorKind::Refused;
    Notification made;
    made.event = blocked ? NotificationEvent::Blocked : NotificationEvent::Failed;
    made.at = now;
    made.cluster = short_id(spec.cluster);
    made.service = short_id(spec.service);
    made.region = region;
    made.reason = error.message;
    return made;
}

Notification test_notification(NotificationEvent event, Instant now) {
    Notification made;
    made.event = event;
    made.at = now;
    made.cluster = "example";
    made.service = "example";
    made.reason = "This is a test of the notifications; nothing was recycled";
    made.is_test = true;
    return made;
}

} // namespace ecsr::tell
