// The time of one run: that of the machine when a process takes the run up, and from then on the time that really
// passes.
//
// A machine's clock is set: by people, by time servers, by a wake-up. By such a clock a read that lags behind a write
// would look old enough to be true, and what the run remembers (since when it waits, when it wrote) could lie in the
// future, so that it waits for hours. The lock in the journal keeps the machine's own time, as other processes compare
// it with theirs.
#pragma once

#include "base/clock.hpp"
#include "judge/recycle/run.hpp"

namespace ecsr::run {

class RunClock : public Clock {
public:
    // Not before anything that `run` remembers. `clock` must outlive it.
    RunClock(Clock& clock, const recycle::Run& run);

    Instant now() override;
    Millis steady() override { return clock_.steady(); }
    bool sleep_until(Instant until, std::stop_token stop) override;

private:
    Clock& clock_;
    const Instant began_at_;
    const Millis began_steady_;
};

} // namespace ecsr::run
