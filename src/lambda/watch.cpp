#include "lambda/watch.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::lambda {

namespace {

// Waiting in a function is paid for; a state machine waits for nothing.
constexpr Millis long_wait{3'000};
constexpr Millis last_seconds{5'000};
constexpr Millis time_to_restore{60'000};

} // namespace

TimeLimits time_limits(Instant now, Instant deadline, Millis margin, bool journal_lasts) {
    const Millis left = std::max(Millis(0), deadline - now);
    if (journal_lasts) {
        const Instant leave = std::max(now, deadline - std::min(margin, left / 2));
        return {.end_in_order = deadline, .leave = leave};
    }
    const Instant leave = std::max(now, deadline - std::min(last_seconds, left / 10));
    return {.end_in_order = std::max(now, leave - std::min(time_to_restore, left / 4)), .leave = leave};
}

Watch::Watch(Clock& clock, TimeLimits limits, const Event& event)
    : clock_(clock), limits_(limits), leaves_long_waits_(event.step),
      // The older recycler answered as soon as ECS had begun.
      leaves_deployment_(event.spec.strategy == Strategy::ForceDeployment && !event.step),
      guard_([this](const std::stop_token& stop) { guard(stop); }) {}

Watch::~Watch() {
    guard_.request_stop();
    guard_.join();
}

void Watch::guard(const std::stop_token& stop) {
    if (clock_.sleep_until(std::min(limits_.end_in_order, limits_.leave), stop)) {
        out_of_time_ = true;
        if (limits_.end_in_order < limits_.leave) { end_in_order_.request_stop(); }
    }
    if (clock_.sleep_until(limits_.leave, stop)) { leave_now_.request_stop(); }
}

Millis Watch::wait_left() const {
    if (!look_again_at_) { return Millis(0); }
    return std::max(Millis(0), *look_again_at_ - clock_.now());
}

void Watch::on_started(const recycle::Run& run) {
    run_ = run;
    log(LogLevel::Info, "Run " + run.id, {{"run_id", run.id}});
}

void Watch::on_note(const recycle::Run& run, const recycle::Note& note) {
    run_ = run;
    log(note.warning ? LogLevel::Warning : LogLevel::Info, note.text);
}

void Watch::on_phase(const recycle::Run& run, const Snapshot& snapshot) {
    run_ = run;
    task_definition_ = snapshot.service.task_definition;
    look_again_at_.reset();
    if (leaves_deployment_ && run.phase == recycle::Phase::AwaitDeployment) { leave_now_.request_stop(); }
}

void Watch::on_change(const recycle::Run& run, const recycle::Perform& perform) {
    run_ = run;
    log(LogLevel::Info, fmt::format("{}: {}", recycle::describe(perform.change), perform.reason));
}

void Watch::on_task_replaced(const recycle::Run& run, const recycle::Replacement& /*replacement*/) {
    run_ = run;
}

void Watch::on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& /*snapshot*/) {
    run_ = run;
    if (wait.reason != last_reason_) { log(LogLevel::Info, "Waiting: " + wait.reason); }
    last_reason_ = wait.reason;
    look_again_at_ = wait.until;
    if (leaves_long_waits_ && wait.until > clock_.now() + long_wait) { leave_now_.request_stop(); }
}

void Watch::on_trouble(const recycle::Run& run, const Error& error) {
    run_ = run;
    log(LogLevel::Warning, error.message);
}

void Watch::on_finished(const recycle::Run& run) {
    run_ = run;
}

} // namespace ecsr::lambda
