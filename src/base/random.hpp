// A seeded generator (SplitMix64): the only source of randomness in code whose runs must replay from a seed.
#pragma once

#include <cstdint>
#include <string>

namespace ecsr {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    // In [0, 1).
    double unit();
    // In [low, high], both included. Requires low <= high.
    std::int64_t between(std::int64_t low, std::int64_t high);
    // `digits` lower-case hexadecimal digits.
    std::string hex(int digits);

private:
    std::uint64_t state_;
};

// A seed from the operating system; for main() alone.
std::uint64_t seed_from_system();

} // namespace ecsr
