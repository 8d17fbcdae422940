// The time of one run: that of the machine, but it never goes back.
//
// When the machine's clock is set back, or a run is resumed where the clock is behind, what the run remembers (since
// when it waits, when it wrote) would lie in the future, and it would wait for hours. Its time goes on from there
// instead. The lock in the journal keeps the machine's own time, as other processes compare it with theirs.
#pragma once

#include "base/clock.hpp"
#include "judge/recycle/run.hpp"

#include <mutex>

namespace ecsr::run {

class RunClock : public Clock {
public:
    // Not before anything that `run` remembers. `clock` must outlive it.
    RunClock(Clock& clock, const recycle::Run& run);

    Instant now() override;
    bool sleep_until(Instant until, std::stop_token stop) override;

private:
    Clock& clock_;
    std::mutex mutex_; // guards what follows
    Millis ahead_{0};  // of the machine's clock
    Instant last_told_;
};

} // namespace ecsr::run
