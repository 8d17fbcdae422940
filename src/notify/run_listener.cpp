#include "notify/run_listener.hpp"

#include "tell/run_notification.hpp"

namespace ecsr::notify {

void RunListener::tell_end(const RunSpec& spec, const Result<act::RunRecord>& result) {
    const Instant now = clock_.now();
    notifier_.notify(result ? tell::run_ended(*result, region_, now)
                            : tell::run_failed(spec, result.error(), region_, now));
}

void RunListener::on_settling(const std::string& what) {
    next_.on_settling(what);
}

void RunListener::on_started(const recycle::Run& run) {
    next_.on_started(run);
}

void RunListener::on_note(const recycle::Run& run, const recycle::Note& note) {
    next_.on_note(run, note);
}

void RunListener::on_phase(const recycle::Run& run, const Snapshot& snapshot) {
    next_.on_phase(run, snapshot);
    // Not at on_started: a run that preflight refuses, or that finds nothing to do, tells one thing and not two.
    if (run.phase == recycle::Phase::Preflight || run.ending || told_run_ == run.id) { return; }
    told_run_ = run.id;
    notifier_.notify(tell::run_started(run, region_, clock_.now()));
}

void RunListener::on_change(const recycle::Run& run, const recycle::Perform& perform) {
    next_.on_change(run, perform);
}

void RunListener::on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) {
    next_.on_task_replaced(run, replacement);
}

void RunListener::on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& snapshot) {
    next_.on_wait(run, wait, snapshot);
}

void RunListener::on_trouble(const recycle::Run& run, const Error& error) {
    next_.on_trouble(run, error);
}

void RunListener::on_finished(const recycle::Run& run) {
    next_.on_finished(run);
}

} // namespace ecsr::notify
