#include "local/workload/settings.hpp"

#include "base/text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace ecsr::local {

std::optional<std::string> SettingsReader::value(std::string_view name) const {
    auto found = environment_(name);
    if (found && found->empty()) { return std::nullopt; }
    return found;
}

void SettingsReader::complain(std::string_view name, std::string_view value, std::string_view allowed) {
    problems_.push_back(fmt::format("{}=\"{}\" is not {}", name, value, allowed));
}

std::string SettingsReader::text(std::string_view name, std::string standard) {
    return value(name).value_or(std::move(standard));
}

std::int64_t SettingsReader::number(std::string_view name, std::int64_t standard, std::int64_t low, std::int64_t high) {
    const auto given = value(name);
    if (!given) { return standard; }
    const auto parsed = parse_integer(*given);
    if (parsed && *parsed >= low && *parsed <= high) { return *parsed; }
    complain(name, *given, fmt::format("a whole number from {} to {}", low, high));
    return standard;
}

std::optional<Millis> SettingsReader::seconds(std::string_view name) {
    static constexpr double most = 7 * 24 * 3600;
    const auto given = value(name);
    if (!given) { return std::nullopt; }
    double parsed = 0;
    const auto [end, status] = std::from_chars(given->data(), given->data() + given->size(), parsed);
    const bool is_number = status == std::errc{} && end == given->data() + given->size();
    if (is_number && parsed >= 0 && parsed <= most) { return Millis(std::llround(parsed * 1000)); }
    complain(name, *given, fmt::format("a number of seconds from 0 to {:.0f}", most));
    return std::nullopt;
}

bool SettingsReader::flag(std::string_view name) {
    const auto given = value(name);
    if (!given || *given == "0" || *given == "false") { return false; }
    if (*given != "1" && *given != "true") { complain(name, *given, "1, true, 0 or false"); }
    return true;
}

std::string SettingsReader::problems() const {
    return join(problems_, "; ");
}

} // namespace ecsr::local
