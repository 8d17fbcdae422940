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

// How far the clocks of machines that share a journal may be apart: AWS refuses what is signed with more (ECS behaviour
// H6).
constexpr std::chrono::minutes usual_difference{5};
// From the last moment until another process takes the run up, where the clock was set back and does not tell it: as
// long as the hold of one that died lasts. Whoever thought that no time has passed would take for a read that lags, and
// overwrite, what somebody has set since.
constexpr Seconds usual_interruption{30};

Instant beginning(Instant machine, Instant last) {
    const bool set_back = machine < last - usual_difference;
    return set_back ? last + usual_interruption : std::max(machine, last);
}

} // namespace

RunClock::RunClock(Clock& clock, const recycle::Run& run)
    : clock_(clock), began_at_(beginning(clock.now(), last_moment(run))), began_steady_(clock.steady()) {}

Instant RunClock::now() {
    return began_at_ + (clock_.steady() - began_steady_);
}

bool RunClock::sleep_until(Instant until, std::stop_token stop) {
    // A clock that is set ahead ends the sleep of the machine, not that of the run.
    while (!stop.stop_requested() && now() < until) { clock_.sleep_until(clock_.now() + (until - now()), stop); }
    return now() >= until;
}

} // namespace ecsr::run
