#include "serve/workers.hpp"

#include <utility>

namespace ecsr::serve {

Workers::Workers(int threads) {
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

Workers::~Workers() {
    for (auto& thread : threads_) { thread.request_stop(); }
    threads_.clear(); // joins
}

void Workers::add(Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
}

void Workers::work(const std::stop_token& stop) {
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); })) { return; }
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        if (stop.stop_requested()) { return; }
        job(stop);
    }
}

} // namespace ecsr::serve
