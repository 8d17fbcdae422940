#include "base/text.hpp"
#include "tell/run_document_json.hpp"
#include "tell/run_report.hpp"

#include <algorithm>

namespace ecsr::tell {

namespace {

double seconds(Millis span) {
    return static_cast<double>(span.count()) / 1000;
}

RunTask describe_task(const recycle::Replacement& replacement) {
    RunTask task{replacement.task_arn, replacement.replaced_by, replacement.stopped_at, std::nullopt};
    if (replacement.stopped_at) { task.seconds = seconds(*replacement.stopped_at - replacement.began_at); }
    return task;
}

std::string reason_of(const recycle::Run& run) {
    if (run.ending) { return run.ending->reason; }
    return run.abort_requested ? run.abort_reason : "";
}

} // namespace

std::string run_state(const act::RunRecord& record, Instant now) {
    const auto& run = record.run;
    if (run.ended_at && run.ending) { return recycle::to_string(run.ending->outcome); }
    if (act::is_held(record.holder, now)) { return "running"; }
    return run.paused ? "paused" : "unfinished";
}

RunDocument run_document(const act::RunRecord& record, Instant now) {
    const auto& run = record.run;
    RunDocument document{.run_id = run.id,
                         .state = run_state(record, now),
                         .reason = reason_of(run),
                         .cluster = std::string(short_id(run.spec.cluster)),
                         .service = std::string(short_id(run.spec.service)),
                         .strategy = to_string(run.spec.strategy),
                         .drain = to_string(run.drain),
                         .cutoff = run.cutoff,
                         .tasks_recycled = static_cast<int>(run.replaced.size()),
                         .tasks_left = static_cast<int>(recycle::tasks_left(run)),
                         .desired_before = run.desired_before,
                         .desired_after = run.ended_at ? std::optional(run.desired_theirs) : std::nullopt,
                         .restored = run.restored,
                         .api_calls = {record.calls.total, record.calls.by_operation},
                         .started_at = run.started_at,
                         .finished_at = run.ended_at,
                         .duration_seconds = seconds(run.ended_at.value_or(now) - run.started_at)};
    if ((run.ended_at || run.paused) && run.ending) { document.outcome = recycle::to_string(run.ending->outcome); }
    if (run.lowest_healthy >= 0) { document.lowest_healthy = run.lowest_healthy; }
    for (const auto& replacement : run.replaced) { document.tasks.push_back(describe_task(replacement)); }
    for (const auto& skipped : run.skipped) { document.skipped.push_back({skipped.task_arn, skipped.reason}); }
    if (act::is_held(record.holder, now)) {
        document.holder = {record.holder->who, record.holder->since, record.holder->beat_at, record.holder->expires_at};
    }
    return document;
}

} // namespace ecsr::tell
