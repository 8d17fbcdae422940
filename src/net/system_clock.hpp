// The real clock.
#pragma once

#include "base/clock.hpp"

#include <functional>

namespace ecsr {

// Wall time, to the millisecond.
Instant wall_time();

class SystemClock : public Clock {
public:
    // `wall` is called from every thread that uses the clock.
    explicit SystemClock(std::function<Instant()> wall = wall_time);

    Instant now() override;
    Millis steady() override;

    // A wall clock that is set back while this sleeps does not make it sleep longer than was asked for at the call; one
    // that is set forward (or a machine that was suspended) wakes it within a second.
    bool sleep_until(Instant until, std::stop_token stop) override;

private:
    const std::function<Instant()> wall_;
};

} // namespace ecsr
