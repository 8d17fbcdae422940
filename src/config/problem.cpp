#include "config/problem.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::config {

void Problems::add(int line, std::string field, std::string text) {
    found_.push_back({line, std::move(field), std::move(text)});
}

std::vector<Problem> Problems::take() {
    std::ranges::stable_sort(found_, {}, &Problem::line);
    return std::exchange(found_, {});
}

std::string describe(const std::string& file, const Problem& problem) {
    const std::string field = problem.field.empty() ? "" : problem.field + ": ";
    return fmt::format("{}:{}: {}{}", file, problem.line, field, problem.text);
}

} // namespace ecsr::config
