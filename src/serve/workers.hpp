// A few threads that work off a queue of jobs.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace ecsr::serve {

class Workers {
public:
    using Job = std::function<void(const std::stop_token& stop)>;

    explicit Workers(int threads);
    // Asks running jobs to stop, waits for them, and drops those that have not begun.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void add(Job job);

private:
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Job> jobs_; // guarded by mutex_
    std::vector<std::jthread> threads_;
};

} // namespace ecsr::serve
