#include "aws/clock_skew.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ecsr::aws {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr Millis tolerated = std::chrono::minutes(4);

} // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
    const auto words = split(trim(text), ' ');
    if (words.size() != 6 || !words[0].ends_with(',') || words[5] != "GMT") { return std::nullopt; }
    const auto* const month = std::ranges::find(months, words[2]);
    if (month == months.end()) { return std::nullopt; }
    const auto at =
        parse_rfc3339(fmt::format("{}-{:02}-{}T{}Z", words[3], month - months.begin() + 1, words[1], words[4]));
    return at ? std::optional(*at) : std::nullopt;
}

std::optional<Millis> corrected_offset(const HttpResponse& response, Instant now, Millis offset) {
    const auto server = parse_http_date(find_header(response.headers, "Date"));
    if (!server) { return std::nullopt; }
    const Millis wanted = *server - now;
    if (std::chrono::abs(wanted - offset) < tolerated) { return std::nullopt; }
    return wanted;
}

} // namespace ecsr::aws
