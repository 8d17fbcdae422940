#include "cli/demo/load.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::cli {
namespace {

// Answers the n-th request as `answer(n)` says and tells when enough were sent.
class CountingTransport : public Transport {
public:
    using Answer = std::function<Result<HttpResponse>(int)>;

    explicit CountingTransport(Answer answer) : answer_(std::move(answer)) {}

    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token /*stop*/) override {
        EXPECT_EQ(request.url, "http://127.0.0.1:1/");
        EXPECT_TRUE(options.bypass_proxy);
        const std::scoped_lock lock(mutex_);
        enough_.notify_all();
        return answer_(++sent_);
    }

    void wait_for(int requests) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(enough_.wait_for(lock, std::chrono::seconds(20), [&] { return sent_ > requests; }));
    }

private:
    const Answer answer_;
    std::mutex mutex_;
    std::condition_variable enough_;
    int sent_ = 0;
};

LoadCounts counts_after(int requests, CountingTransport& transport) {
    testing::ManualClock clock;
    const Load load(transport, clock, {.url = "http://127.0.0.1:1/", .threads = 3});
    transport.wait_for(requests);
    return load.counts();
}

TEST(Load, EveryAnswerButA200IsAFailure) {
    CountingTransport transport([](int n) -> Result<HttpResponse> {
        if (n == 5) { return HttpResponse{.status = 502, .headers = {}, .body = {}}; }
        if (n == 7) { return fail(ErrorKind::Unreachable, "connection reset"); }
        if (n == 9) { return HttpResponse{.status = 404, .headers = {}, .body = {}}; }
        return HttpResponse{.status = 200, .headers = {}, .body = {}};
    });
    const auto counts = counts_after(100, transport);
    EXPECT_GE(counts.sent, 90);
    EXPECT_EQ(counts.failed, 3);
    EXPECT_TRUE(counts.first_failure == "HTTP 502" || counts.first_failure == "connection reset" ||
                counts.first_failure == "HTTP 404")
        << counts.first_failure;
}

TEST(Load, ARequestThatItsOwnEndCutsShortIsNeitherSentNorFailed) {
    CountingTransport transport([](int) -> Result<HttpResponse> { return fail(ErrorKind::Interrupted, "stop"); });
    const auto counts = counts_after(10, transport);
    EXPECT_EQ(counts.sent, 0);
    EXPECT_EQ(counts.failed, 0);
}

TEST(Load, WhatHappenedInBetweenIsADifference) {
    const LoadCounts earlier{100, 1, "HTTP 502"};
    const LoadCounts quiet = LoadCounts{150, 1, "HTTP 502"} - earlier;
    EXPECT_EQ(quiet.sent, 50);
    EXPECT_EQ(quiet.failed, 0);
    EXPECT_EQ(quiet.first_failure, "");
    EXPECT_EQ((LoadCounts{150, 2, "HTTP 502"} - earlier).failed, 1);
}

} // namespace
} // namespace ecsr::cli
