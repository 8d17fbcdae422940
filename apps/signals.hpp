// SIGINT, SIGTERM and SIGHUP as stop tokens.
#pragma once

#include <stop_token>
#include <thread>

namespace ecsr::apps {

// From construction on, the first signal requests `end_in_order`, the second `leave_now`, the third ends the process at
// once (exit code 130). Children get the default dispositions back when they exec. One per process.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    std::stop_token end_in_order() const { return end_in_order_.get_token(); }
    std::stop_token leave_now() const { return leave_now_.get_token(); }

private:
    void watch(const std::stop_token& stop);

    std::stop_source end_in_order_;
    std::stop_source leave_now_;
    int descriptor_ = -1; // eventfd: what the handler can do safely is to write to it
    std::jthread watcher_;
};

} // namespace ecsr::apps
