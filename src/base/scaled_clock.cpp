#include "base/scaled_clock.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace ecsr {

ScaledClock::ScaledClock(Clock& source, int scale, Instant start)
    : source_(source), scale_(scale), from_(start), source_from_(source.now()), newest_(start) {
    ECSR_ASSERT(scale >= 1);
}

Instant ScaledClock::now() {
    const std::lock_guard lock(mutex_);
    return now_locked();
}

Instant ScaledClock::now_locked() {
    newest_ = std::max(newest_, from_ + (source_.now() - source_from_) * scale_);
    return newest_;
}

void ScaledClock::jump_to(Instant at) {
    std::stop_source sleepers;
    {
        const std::lock_guard lock(mutex_);
        if (at <= now_locked()) { return; }
        from_ = newest_ = at;
        source_from_ = source_.now();
        std::swap(sleepers, jumped_);
    }
    sleepers.request_stop();
}

bool ScaledClock::sleep_until(Instant until, std::stop_token stop) {
    while (!stop.stop_requested()) {
        std::stop_token jumped;
        Instant wake_at;
        {
            const std::lock_guard lock(mutex_);
            const Instant now = now_locked();
            if (now >= until) { return true; }
            wake_at = source_.now() + (until - now + Millis(scale_ - 1)) / scale_;
            jumped = jumped_.get_token();
        }
        std::stop_source sleep;
        const auto end_sleep = [&sleep] { sleep.request_stop(); };
        const std::stop_callback on_stop(stop, end_sleep);
        const std::stop_callback on_jump(jumped, end_sleep);
        source_.sleep_until(wake_at, sleep.get_token());
    }
    return now() >= until;
}

} // namespace ecsr
