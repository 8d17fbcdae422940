#include "cli/demo/load.hpp"

#include <algorithm>

namespace ecsr::cli {

LoadCounts operator-(const LoadCounts& later, const LoadCounts& earlier) {
    return {.sent = later.sent - earlier.sent,
            .failed = later.failed - earlier.failed,
            .first_failure = later.failed == earlier.failed ? "" : later.first_failure};
}

Load::Load(Transport& transport, Clock& clock, LoadOptions options)
    : transport_(transport), clock_(clock), options_(std::move(options)) {
    for (int i = 0; i < options_.threads; ++i) {
        threads_.emplace_back([this, i](const std::stop_token& stop) { send_all_the_time(i, stop); });
    }
}

Load::~Load() {
    for (auto& thread : threads_) { thread.request_stop(); } // all at once, then wait
}

LoadCounts Load::counts() const {
    const std::scoped_lock lock(mutex_);
    return {.sent = sent_.load(), .failed = failed_, .first_failure = first_failure_};
}

// Keeps to its own grid, so that the threads together send evenly; after a slow answer it does not catch up in a burst.
void Load::send_all_the_time(int thread, const std::stop_token& stop) {
    const Millis pace{std::max(1, 1000 * options_.threads / options_.requests_per_second)};
    Instant next = clock_.now() + pace * thread / options_.threads;
    while (clock_.sleep_until(next, stop)) {
        send_one(stop);
        next = std::max(next + pace, clock_.now());
    }
}

void Load::send_one(const std::stop_token& stop) {
    const HttpRequest request{.url = options_.url, .headers = {}, .body = {}};
    const auto answer = transport_.send(request, {.timeout = options_.timeout, .bypass_proxy = true}, stop);
    if (!answer && answer.error().kind == ErrorKind::Interrupted) { return; }
    ++sent_;
    if (answer && answer->status == 200) { return; }
    const std::scoped_lock lock(mutex_);
    ++failed_;
    if (first_failure_.empty()) {
        first_failure_ = answer ? "HTTP " + std::to_string(answer->status) : answer.error().message;
    }
}

} // namespace ecsr::cli
