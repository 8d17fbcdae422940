// HTTP load on one URL, counted.
#pragma once

#include "base/clock.hpp"
#include "base/transport.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ecsr::cli {

struct LoadOptions {
    std::string url;
    int requests_per_second = 240;
    int threads = 6;       // each waits for its answer before it sends again
    Millis timeout{5'000}; // of one request
};

struct LoadCounts {
    std::int64_t sent = 0;     // that have ended, well or badly
    std::int64_t failed = 0;   // any answer but 200, or none
    std::string first_failure; // "HTTP 502", "connection refused"; empty when nothing failed
};

// What happened between two readings of one Load; `first_failure` is the later one's.
LoadCounts operator-(const LoadCounts& later, const LoadCounts& earlier);

// Sends from construction to destruction, over kept-alive connections.
class Load {
public:
    Load(Transport& transport, Clock& clock, LoadOptions options);
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load();

    LoadCounts counts() const;

private:
    void send_all_the_time(int thread, const std::stop_token& stop);
    void send_one(const std::stop_token& stop);

    Transport& transport_;
    Clock& clock_;
    const LoadOptions options_;
    std::atomic<std::int64_t> sent_{0};
    mutable std::mutex mutex_;
    std::int64_t failed_ = 0;   // guarded by mutex_
    std::string first_failure_; // guarded by mutex_
    std::vector<std::jthread> threads_;
};

} // namespace ecsr::cli
