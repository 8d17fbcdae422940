// Fault injection: ends this process just before or just after the n-th API call, as `kill -9` would. Tests use it to
// show that a run can be resumed from every point at which it may die.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace ecsr::run {

struct CrashPoint {
    enum class Side { BeforeCall, AfterCall };
    Side side = Side::BeforeCall;
    std::int64_t call = 1; // the n-th, from 1
};

// "before:7", "after:7". Error: Usage.
Result<CrashPoint> parse_crash_point(std::string_view text);

// Hands every call on, and calls `crash` at its point; `crash` need not return. Thread-safe as `caller` is.
class CrashingCaller : public aws::Caller {
public:
    CrashingCaller(aws::Caller& caller, CrashPoint point, std::function<void()> crash)
        : caller_(&caller), point_(point), crash_(std::move(crash)) {}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override;
    aws::CallCounts counts() const override { return caller_->counts(); }
    std::string region() const override { return caller_->region(); }

private:
    aws::Caller* caller_;
    const CrashPoint point_;
    const std::function<void()> crash_;
    std::atomic<std::int64_t> calls_{0};
};

} // namespace ecsr::run
