// simulate SEEDS [FIRST]: runs so many seeds, prints every failing one with its story, runs per second, and how often
// each rare branch was taken.
#include "base/text.hpp"
#include "tests/simulation/simulation.hpp"

#include <chrono>
#include <cstdio>
#include <fmt/format.h>

namespace {

constexpr int failures_told = 5;

std::int64_t argument(int argc, char** argv, int index, std::int64_t otherwise) {
    if (index >= argc) { return otherwise; }
    const auto number = ecsr::parse_integer(argv[index]);
    return number && *number >= 0 ? *number : otherwise;
}

} // namespace

int main(int argc, char** argv) {
    using namespace ecsr::simulation;
    const std::int64_t seeds = argument(argc, argv, 1, 1'000);
    const std::int64_t first = argument(argc, argv, 2, 1);
    const auto began = std::chrono::steady_clock::now();
    Marks marks;
    std::int64_t failed = 0, calls = 0, virtual_seconds = 0;
    for (std::int64_t seed = first; seed < first + seeds; ++seed) {
        const Verdict verdict = simulate(static_cast<std::uint64_t>(seed));
        for (const auto& [mark, count] : verdict.marks) { marks[mark] += count; }
        calls += verdict.calls;
        virtual_seconds += verdict.virtual_time.count() / 1000;
        if (!verdict.broken.empty() && ++failed <= failures_told) {
            fmt::print("{}\n", to_text(verdict));
        } else if (!verdict.broken.empty()) {
            fmt::print("seed={} {}\n", seed, verdict.broken.front());
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{} runs, {} failed; {:.1f} runs a second; {} API calls, {} virtual hours\n", seeds, failed,
               static_cast<double>(seeds) / took.count(), calls, virtual_seconds / 3600);
    for (const auto& mark : expected_marks()) { marks.try_emplace(mark, 0); }
    for (const auto& [mark, count] : marks) { fmt::print("  {:8} {}\n", count, mark); }
    return failed == 0 ? 0 : 1;
}
