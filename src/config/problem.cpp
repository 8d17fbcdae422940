#include "config/problem.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::config {

void Problems::add(int line, std::string field, std::string text) {
    found_.push_back({line, std::move(field), std::move(text)});
}

bool Problems::any_in(std::string_view field) const {
    return std::ranges::any_of(found_, [&](const Problem& problem) {
        const std::string_view found = problem.field;
        return found.starts_with(field) &&
               (found.size() == field.size() || found[field.size()] == '.' || found[field.size()] == '[');
    });
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
