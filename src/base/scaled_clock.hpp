// Another clock's time, gone through faster, and able to jump ahead: the time of a local ECS whose containers are
// virtual.
#pragma once

#include "base/clock.hpp"

#include <mutex>
#include <stop_token>

namespace ecsr {

// Safe to use from several threads.
class ScaledClock : public Clock {
public:
    // Shows `start` now and goes on `scale` times as fast as `source`, which must outlive it. Requires scale >= 1.
    ScaledClock(Clock& source, int scale, Instant start);

    // Never goes back, also when the source does.
    Instant now() override;
    // A jump counts as time that has passed.
    Millis steady() override { return now().time_since_epoch(); }
    // A jump to `until` or beyond ends the sleep.
    bool sleep_until(Instant until, std::stop_token stop) override;
    // Shows `at` from now on; nothing happens when that is not ahead.
    void jump_to(Instant at);
    int scale() const { return scale_; }

private:
    Instant now_locked();

    Clock& source_;
    const int scale_;
    std::mutex mutex_; // guards what follows
    Instant from_;     // shown when the source showed `source_from_`
    Instant source_from_;
    Instant newest_;          // shown so far
    std::stop_source jumped_; // ends the sleeps that began before the next jump
};

} // namespace ecsr
