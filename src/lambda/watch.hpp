// What an invocation watches of its run: it tells the log, and it ends the work in time.
#pragma once

#include "base/clock.hpp"
#include "lambda/event.hpp"
#include "run/listener.hpp"

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace ecsr::lambda {

// When this invocation has to end, and how.
struct TimeLimits {
    Instant end_in_order{}; // from then on no further batch: what is in place is put back
    Instant leave{};        // from then on nothing at all: the run is left, to be resumed
};

// With a journal that lasts a run is left where it stands; without one it has to put everything back before its end.
TimeLimits time_limits(Instant now, Instant deadline, Millis margin, bool journal_lasts);

class Watch : public run::Listener {
public:
    // `step`: a wait that is longer than a few seconds is left to the caller.
    Watch(Clock& clock, TimeLimits limits, const Event& event);
    ~Watch() override;

    std::stop_token end_in_order() const { return end_in_order_.get_token(); }
    std::stop_token leave_now() const { return leave_now_.get_token(); }

    // What is known of the run so far; empty until it has begun.
    const std::optional<recycle::Run>& run() const { return run_; }
    const std::string& task_definition() const { return task_definition_; }
    bool ran_out_of_time() const { return out_of_time_.load(); }
    // Until the run wants to look again.
    Millis wait_left() const;

    void on_started(const recycle::Run& run) override;
    void on_note(const recycle::Run& run, const recycle::Note& note) override;
    void on_phase(const recycle::Run& run, const Snapshot& snapshot) override;
    void on_change(const recycle::Run& run, const recycle::Perform& perform) override;
    void on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) override;
    void on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& snapshot) override;
    void on_trouble(const recycle::Run& run, const Error& error) override;
    void on_finished(const recycle::Run& run) override;

private:
    void guard(const std::stop_token& stop);

    Clock& clock_;
    const TimeLimits limits_;
    const bool leaves_long_waits_;
    const bool leaves_deployment_;
    std::stop_source end_in_order_;
    std::stop_source leave_now_;
    std::atomic<bool> out_of_time_ = false;

    // Used on the run's thread alone.
    std::optional<recycle::Run> run_;
    std::string task_definition_;
    std::string last_reason_;
    std::optional<Instant> look_again_at_;

    std::jthread guard_; // last: ends first
};

} // namespace ecsr::lambda
