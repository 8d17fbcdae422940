#include "tell/text_table.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ecsr::tell {

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        ECSR_ASSERT(row.size() == widths.size());
        for (std::size_t i = 0; i < row.size(); ++i) { widths[i] = std::max(widths[i], row[i].size()); }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string or_dash(std::string_view text) {
    return text.empty() ? "-" : std::string(text);
}

std::string to_the_second(Instant at) {
    return to_rfc3339(std::chrono::floor<Seconds>(at));
}

std::string age(Instant from, Instant now) {
    return format_age(std::max(Millis{0}, now - from));
}

std::string family_and_revision(std::string_view task_definition_arn) {
    return std::string(short_id(task_definition_arn));
}

} // namespace ecsr::tell
