#include "local/messages/http_postman.hpp"

namespace ecsr::local {

namespace {

constexpr int threads = 2;
constexpr Millis longest_exchange{15'000}; // as SNS waits for an endpoint

} // namespace

HttpPostman::HttpPostman(Transport& transport, std::function<void()> notify)
    : transport_(transport), notify_(std::move(notify)) {
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { loop(stop); });
    }
}

HttpPostman::~HttpPostman() {
    for (auto& thread : threads_) { thread.request_stop(); }
}

void HttpPostman::send(std::uint64_t letter, const HttpRequest& request) {
    {
        const std::lock_guard lock(mutex_);
        letters_.emplace_back(letter, request);
    }
    has_letters_.notify_one();
}

std::vector<LetterOutcome> HttpPostman::take_outcomes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outcomes_, {});
}

void HttpPostman::loop(const std::stop_token& stop) {
    const TransportOptions options{.timeout = longest_exchange, .bypass_proxy = true};
    while (true) {
        std::pair<std::uint64_t, HttpRequest> letter;
        {
            std::unique_lock lock(mutex_);
            if (!has_letters_.wait(lock, stop, [this] { return !letters_.empty(); })) { return; }
            letter = std::move(letters_.front());
            letters_.pop_front();
        }
        const auto answer = transport_.send(letter.second, options, stop);
        if (stop.stop_requested()) { return; }
        {
            const std::lock_guard lock(mutex_);
            outcomes_.push_back(answer ? LetterOutcome{letter.first, answer->status, {}}
                                       : LetterOutcome{letter.first, 0, answer.error().message});
        }
        notify_();
    }
}

} // namespace ecsr::local
