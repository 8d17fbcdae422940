#include "cli/progress.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::cli {

namespace {

// Nobody who looks at a log should have to guess whether the run is alive and what it waits for.
constexpr Millis silence_limit{30'000};

} // namespace

void Progress::draw(const recycle::Run& run, const std::string& doing) {
    const std::size_t total = run.replaced.size() + recycle::tasks_left(run);
    const std::string gauge = progress_gauge(run.replaced.size(), total);
    const Millis elapsed = std::max(Millis{0}, clock_.now() - run.started_at);
    line_.draw(fmt::format("{} {}/{}  {}  {}", gauge, run.replaced.size(), total, format_age(elapsed), doing),
               gauge.size());
}

void Progress::tell(LogLevel level, const std::string& text) {
    if (level >= LogLevel::Info) { told_at_ = clock_.now(); }
    line_.clear();
    log(level, text);
}

void Progress::on_started(const recycle::Run& run) {
    tell(LogLevel::Debug, fmt::format("Run {}", run.id));
}

void Progress::on_note(const recycle::Run& /*run*/, const recycle::Note& note) {
    tell(note.warning ? LogLevel::Warning : LogLevel::Info, note.text);
}

void Progress::on_change(const recycle::Run& run, const recycle::Perform& perform) {
    tell(LogLevel::Info, fmt::format("{}: {}", recycle::describe(perform.change), perform.reason));
    draw(run, recycle::describe(perform.change));
}

void Progress::on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) {
    draw(run, fmt::format("task {} goes", short_id(replacement.task_arn)));
}

void Progress::on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& /*snapshot*/) {
    const Instant now = clock_.now();
    if (std::max(now, wait.until) - told_at_ >= silence_limit) {
        tell(LogLevel::Info,
             fmt::format("Waiting: {} (until {} at the latest)", wait.reason, to_rfc3339(wait.deadline)));
    } else if (wait.reason != last_reason_) {
        tell(LogLevel::Debug, fmt::format("Waiting: {}", wait.reason));
    }
    last_reason_ = wait.reason;
    draw(run, wait.reason);
}

void Progress::on_trouble(const recycle::Run& /*run*/, const Error& error) {
    tell(LogLevel::Warning, error.message);
}

void Progress::on_finished(const recycle::Run& /*run*/) {
    line_.clear();
}

} // namespace ecsr::cli
