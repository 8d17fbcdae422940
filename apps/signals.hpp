// SIGINT, SIGTERM and SIGHUP as stop tokens; SIGPIPE is ignored.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace ecsr::apps {

// From construction on, the first signal (a hang-up too, unless there is a handler for it) requests `end_in_order`, the
// second `leave_now`, the third ends the process at once (exit code 130). Children get the default dispositions back
// when they exec. One per process.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    std::stop_token end_in_order() const { return end_in_order_.get_token(); }
    std::stop_token leave_now() const { return leave_now_.get_token(); }

    // Called for SIGHUP from then on, on a thread of this object; must not block. An empty one: SIGHUP is an interrupt
    // again. The former handler is not running any more when this returns.
    void on_hangup(std::function<void()> handler);

private:
    void watch(const std::stop_token& stop);
    bool take_hangups();

    std::stop_source end_in_order_;
    std::stop_source leave_now_;
    std::mutex mutex_;
    std::function<void()> hangup_handler_; // guarded by mutex_
    int descriptor_ = -1;                  // eventfd: what the handler can do safely is to write to it
    std::jthread watcher_;
};

} // namespace ecsr::apps
