#include "local/api/task_size_input.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr int units_per_vcpu = 1024;
constexpr int mib_per_gb = 1024;
constexpr std::int64_t most_units = 10'000'000;

// "0.25", ".25", "1." as a number; nothing when it is none. At most three decimals.
std::optional<double> parse_decimal(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() > 2 || text.empty() || text == ".") { return std::nullopt; }
    const auto whole = parts[0].empty() ? Result<std::int64_t>(0) : parse_integer(parts[0]);
    if (!whole || *whole < 0 || *whole > most_units) { return std::nullopt; }
    if (parts.size() == 1 || parts[1].empty()) { return static_cast<double>(*whole); }
    const auto decimals = parse_integer(parts[1]);
    if (!decimals || *decimals < 0 || parts[1].size() > 3) { return std::nullopt; }
    double share = static_cast<double>(*decimals);
    for (std::size_t i = 0; i < parts[1].size(); ++i) { share /= 10; }
    return static_cast<double>(*whole) + share;
}

// A whole number of small units, or a decimal of `unit`, each of which has `scale` of them.
std::optional<int> parse_size(std::string_view text, std::string_view unit, int scale) {
    text = trim(text);
    const bool large = text.size() > unit.size() && equals_ignoring_case(text.substr(text.size() - unit.size()), unit);
    if (large) {
        const auto number = parse_decimal(trim(text.substr(0, text.size() - unit.size())));
        return number ? std::optional(static_cast<int>(std::lround(*number * scale))) : std::nullopt;
    }
    const auto number = parse_integer(text);
    if (!number || *number < 0 || *number > most_units) { return std::nullopt; }
    return static_cast<int>(*number);
}

std::optional<int> read_size(Input& input, std::string_view member, std::string_view unit, int scale) {
    const auto text = input.text(member);
    if (!text) { return std::nullopt; }
    const auto size = parse_size(*text, unit, scale);
    if (!size) { input.note({"ClientException", fmt::format("Invalid '{}' setting for task.", member)}); }
    return size;
}

struct FargateSizes {
    int cpu, least_mib, most_mib, step_mib;
};

// The Fargate task sizes of the Developer Guide.
constexpr FargateSizes fargate_sizes[] = {
    {512, 1024, 4096, 1024},   {1024, 2048, 8192, 1024},   {2048, 4096, 16384, 1024},
    {4096, 8192, 30720, 1024}, {8192, 16384, 61440, 4096}, {16384, 32768, 122880, 8192},
};

} // namespace

std::optional<int> read_task_cpu(Input& input) {
    return read_size(input, "cpu", "vCPU", units_per_vcpu);
}

std::optional<int> read_task_memory(Input& input) {
    return read_size(input, "memory", "GB", mib_per_gb);
}

bool is_fargate_size(int cpu, int memory_mib) {
    if (cpu == 256) { return memory_mib == 512 || memory_mib == 1024 || memory_mib == 2048; }
    const auto* sizes = std::ranges::find(fargate_sizes, cpu, &FargateSizes::cpu);
    return sizes != std::end(fargate_sizes) && memory_mib >= sizes->least_mib && memory_mib <= sizes->most_mib &&
           (memory_mib - sizes->least_mib) % sizes->step_mib == 0;
}

} // namespace ecsr::local::wire
