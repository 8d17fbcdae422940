#include "run/run_clock.hpp"

#include <algorithm>

namespace ecsr::run {

namespace {

void take_later(Instant& latest, const std::optional<Instant>& at) {
    if (at) { latest = std::max(latest, *at); }
}

// The last moment at which something happened to the run, by its own time.
Instant last_moment(const recycle::Run& run) {
    Instant latest = std::max({run.started_at, run.phase_since, run.batch_began_at});
    for (const auto& at : {run.desired_written_at, run.superseded.desired_by_others_at, run.superseded.scaling_at,
                           run.looks.asked_at, run.pending_at, run.trouble.since, run.ended_at}) {
        take_later(latest, at);
    }
    for (const auto& [arn, since] : run.healthy_since) { latest = std::max(latest, since); }
    return latest;
}

} // namespace

RunClock::RunClock(Clock& clock, const recycle::Run& run) : clock_(clock), last_told_(last_moment(run)) {}

Instant RunClock::now() {
    const std::lock_guard guard(mutex_);
    const Instant told = clock_.now() + ahead_;
    if (told < last_told_) { ahead_ += last_told_ - told; }
    last_told_ = std::max(told, last_told_);
    return last_told_;
}

bool RunClock::sleep_until(Instant until, std::stop_token stop) {
    const Millis ahead = [this] {
        const std::lock_guard guard(mutex_);
        return ahead_;
    }();
    const bool slept = clock_.sleep_until(until - ahead, stop);
    return slept || now() >= until;
}

} // namespace ecsr::run
