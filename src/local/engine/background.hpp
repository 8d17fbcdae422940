// One thing at a time that takes long, done on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace ecsr::local {

// Used by one thread; the work runs on another one.
template <class T>
class Background {
public:
    // `done` is called on the work's thread when the result can be taken.
    void start(std::function<T(std::stop_token)> work, std::function<void()> done) {
        started_ = true;
        thread_ = std::jthread([this, work = std::move(work), done = std::move(done)](const std::stop_token& stop) {
            T result = work(stop);
            {
                const std::lock_guard lock(mutex_);
                result_ = std::move(result);
            }
            finished_.notify_all();
            done();
        });
    }
    // Asks the work to end early; its result is still to be taken.
    void cancel() { thread_.request_stop(); }
    // From start() until the result has been taken.
    bool is_started() const { return started_; }
    // Until the result can be taken, at most that long.
    void wait(int milliseconds) {
        std::unique_lock lock(mutex_);
        if (started_) {
            finished_.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return result_.has_value(); });
        }
    }
    // Nothing while the work goes on, and when there is none.
    std::optional<T> take() {
        const std::lock_guard lock(mutex_);
        if (result_) { started_ = false; }
        return std::exchange(result_, std::nullopt);
    }

private:
    std::mutex mutex_; // guards result_
    std::condition_variable finished_;
    std::optional<T> result_;
    bool started_ = false;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ecsr::local
