// Virtual time for code that sleeps on two threads: where the thread that made the clock sleeps, time jumps; every
// other sleeper waits until it has.
#pragma once

#include "base/clock.hpp"
#include "tests/support/manual_clock.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ecsr::testing {

class StepClock : public Clock {
public:
    Instant now() override {
        const std::lock_guard lock(mutex_);
        return now_;
    }

    Millis steady() override { return now() - fixed_epoch; }

    bool sleep_until(Instant until, std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        if (std::this_thread::get_id() != owner_) {
            moved_.wait(lock, stop, [&] { return now_ >= until; });
            return now_ >= until;
        }
        if (stop.stop_requested()) { return false; }
        now_ = std::max(now_, until);
        moved_.notify_all();
        return true;
    }

private:
    const std::thread::id owner_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable_any moved_;
    Instant now_ = fixed_epoch;
};

} // namespace ecsr::testing
