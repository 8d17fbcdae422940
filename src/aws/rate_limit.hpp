// Request rates that AWS publishes, kept on our side so that a run does not throttle itself or its neighbours. Pure:
// the time is an argument. Not thread-safe.
#pragma once

#include "base/time.hpp"

#include <map>
#include <string>
#include <string_view>

namespace ecsr::aws {

struct BucketSize {
    double burst = 0;      // requests
    double per_second = 0; // refill
};

class TokenBucket {
public:
    explicit TokenBucket(BucketSize size) : size_(size), tokens_(size.burst) {}

    // Takes one token, if need be one of the future. Returns when it is there: the request may be sent then. Time that
    // runs backwards is taken as standing still.
    Instant take(Instant now);

    // The server's own bucket is empty: others share it. Nothing is saved up any more.
    void empty(Instant now);

private:
    void refill(Instant now);

    BucketSize size_;
    double tokens_;
    Instant refilled_at_{};
};

// The bucket of an operation ("ecs", "DescribeTasks"), or empty when no rate is published (ECS behaviour G1, G3).
std::string_view rate_group(std::string_view service, std::string_view operation);
BucketSize bucket_size(std::string_view group);

// One bucket per group, made when it is first needed.
class RateLimits {
public:
    // When this request may be sent: now or later.
    Instant reserve(std::string_view service, std::string_view operation, Instant now);
    // AWS answered with a throttling error.
    void on_throttled(std::string_view service, std::string_view operation, Instant now);

private:
    std::map<std::string, TokenBucket, std::less<>> buckets_;
};

} // namespace ecsr::aws
