#include "net/system_clock.hpp"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <utility>

namespace ecsr {

Instant wall_time() {
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

SystemClock::SystemClock(std::function<Instant()> wall) : wall_(std::move(wall)) {}

Instant SystemClock::now() {
    return wall_();
}

Millis SystemClock::steady() {
    timespec since_boot{};
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return std::chrono::floor<Millis>(Seconds(since_boot.tv_sec) + std::chrono::nanoseconds(since_boot.tv_nsec));
}

bool SystemClock::sleep_until(Instant until, std::stop_token stop) {
    using Steady = std::chrono::steady_clock;
    // now() is rounded down, so one millisecond more makes sure that it has reached `until` afterwards.
    const auto steady_end = Steady::now() + (until - now()) + Millis(1);
    std::mutex mutex;
    std::condition_variable_any never_notified;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        const auto steady_now = Steady::now();
        if (steady_now >= steady_end || now() >= until) { return true; }
        const auto slice_end = std::min(steady_end, steady_now + Seconds(1));
        never_notified.wait_until(lock, stop, slice_end, [] { return false; });
    }
    return now() >= until;
}

} // namespace ecsr
