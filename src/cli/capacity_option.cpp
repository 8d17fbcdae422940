#include "cli/capacity_option.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::cli {

namespace {

constexpr std::int64_t most = 1'000'000'000;

std::unexpected<Error> wrong(const std::string& text) {
    return fail(ErrorKind::Usage,
                fmt::format("\"{}\" is no capacity: write cpu=UNITS, memory=MIB and tasks=NUMBER, separated by commas, "
                            "each at most once, for example cpu=4096,memory=8192",
                            text));
}

std::optional<int>* member(local::Capacity& capacity, const std::string& name) {
    if (name == "cpu") { return &capacity.cpu; }
    if (name == "memory") { return &capacity.memory_mib; }
    return name == "tasks" ? &capacity.tasks : nullptr;
}

} // namespace

Result<local::Capacity> parse_capacity(const std::string& text) {
    local::Capacity capacity;
    for (const std::string& part : split(text, ',')) {
        const auto sides = split(part, '=');
        std::optional<int>* amount = sides.size() == 2 ? member(capacity, sides[0]) : nullptr;
        if (amount == nullptr || *amount) { return wrong(text); }
        const auto number = parse_integer(sides[1]);
        if (!number || *number < 0 || *number > most) { return wrong(text); }
        *amount = static_cast<int>(*number);
    }
    return capacity;
}

} // namespace ecsr::cli
