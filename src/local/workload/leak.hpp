// Memory that is never given back.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace ecsr::local {

// Thread-safe.
class Leak {
public:
    // Takes that many bytes and writes to every one, so that they are resident. Throws std::bad_alloc.
    void grow(std::uint64_t bytes);
    std::uint64_t size() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::uint64_t size_ = 0;
};

// How much a leak of so many bytes per second has to grow at each look; fractions of a byte are carried over.
class LeakPace {
public:
    LeakPace(std::uint64_t bytes_per_second, Instant start) : bytes_per_second_(bytes_per_second), start_(start) {}
    std::uint64_t due(Instant now);

private:
    std::uint64_t bytes_per_second_;
    Instant start_;
    std::uint64_t leaked_ = 0;
};

} // namespace ecsr::local
