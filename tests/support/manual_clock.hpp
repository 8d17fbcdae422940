// A clock that moves only when a test says so, or when somebody sleeps on it.
#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace ecsr::testing {

// 2026-01-02T03:04:05Z: no test may lean on today.
inline constexpr Instant fixed_epoch = Instant(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)) +
                                       std::chrono::hours(3) + std::chrono::minutes(4) + Seconds(5);

class ManualClock : public Clock {
public:
    // Jump: sleep_until moves the clock to `until` and returns at once (one thread drives everything).
    // Block: sleep_until waits until another thread moves the clock there or stop is requested.
    enum class Sleepers { Jump, Block };

    explicit ManualClock(Instant start = fixed_epoch, Sleepers sleepers = Sleepers::Jump)
        : sleepers_(sleepers), now_(start) {}

    Instant now() override {
        const std::lock_guard lock(mutex_);
        return now_;
    }

    // What was slept and advanced; nothing when the clock is set.
    Millis steady() override {
        const std::lock_guard lock(mutex_);
        return steady_;
    }

    bool sleep_until(Instant until, std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        sleeps_.push_back(until > now_ ? until - now_ : Millis(0));
        if (sleepers_ == Sleepers::Block) {
            ++waiting_;
            moved_.notify_all();
            moved_.wait(lock, stop, [&] { return now_ >= until; });
            --waiting_;
            return now_ >= until;
        }
        if (stop.stop_requested()) { return false; }
        steady_ += std::max(until - now_, Millis(0));
        now_ = std::max(now_, until);
        return true;
    }

    void advance(Millis by) {
        const std::lock_guard lock(mutex_);
        now_ += by;
        steady_ += by;
        moved_.notify_all();
    }

    void set(Instant now) {
        const std::lock_guard lock(mutex_);
        now_ = now;
        moved_.notify_all();
    }

    // Every sleep asked for so far, in order.
    std::vector<Millis> sleeps() {
        const std::lock_guard lock(mutex_);
        return sleeps_;
    }

    // Block only: returns when at least `count` threads sleep on this clock.
    void wait_for_sleepers(int count) {
        std::unique_lock lock(mutex_);
        moved_.wait(lock, [&] { return waiting_ >= count; });
    }

private:
    const Sleepers sleepers_;
    std::mutex mutex_;
    std::condition_variable_any moved_;
    Instant now_;
    Millis steady_{0};
    std::vector<Millis> sleeps_;
    int waiting_ = 0;
};

} // namespace ecsr::testing
