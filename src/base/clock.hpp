// The one source of the current time: a port. Real clock in net/, manual clock in tests, virtual time in simulation.
#pragma once

#include "base/time.hpp"

#include <stop_token>

namespace ecsr {

class Clock {
public:
    virtual ~Clock() = default;

    virtual Instant now() = 0;

    // Time since some fixed moment, for how long something took: it goes on evenly, also while the machine is
    // suspended, whatever becomes of now(), which people and time servers set.
    virtual Millis steady() = 0;

    // Returns at `until` or when `stop` is requested, whichever is first; true if `until` was reached.
    // Safe to call from several threads.
    virtual bool sleep_until(Instant until, std::stop_token stop) = 0;
};

} // namespace ecsr
