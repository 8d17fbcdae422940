// Messages from many threads to one, which sleeps on a Clock until there is one.
#pragma once

#include "base/clock.hpp"

#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace ecsr::serve {

template <class Message>
class Mailbox {
public:
    void post(Message message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
        wake_.request_stop();
    }

    // Ends the present or the next wait.
    void wake() {
        const std::lock_guard lock(mutex_);
        wake_.request_stop();
    }

    // Everything that has come so far, in order.
    std::vector<Message> take() {
        const std::lock_guard lock(mutex_);
        wake_ = std::stop_source();
        return std::exchange(messages_, {});
    }

    // Until `until`, or until something has come since the last take().
    void wait(Clock& clock, Instant until) {
        std::stop_token woken;
        {
            const std::lock_guard lock(mutex_);
            woken = wake_.get_token();
        }
        clock.sleep_until(until, std::move(woken));
    }

private:
    std::mutex mutex_;
    std::vector<Message> messages_; // guarded by mutex_, as what follows
    std::stop_source wake_;
};

} // namespace ecsr::serve
