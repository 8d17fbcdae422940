#include "local/engine/log_follower.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace ecsr::local {

namespace {

std::optional<std::int64_t> second_of(std::string_view line) {
    const auto at = parse_rfc3339(line.substr(0, line.find(' ')));
    if (!at) { return std::nullopt; }
    return std::chrono::floor<std::chrono::seconds>(at->time_since_epoch()).count();
}

std::string without_time(const std::string& line) {
    const auto space = line.find(' ');
    return space == std::string::npos ? std::string() : line.substr(space + 1);
}

} // namespace

std::vector<std::string> new_lines(const std::string& text, LogPlace& place) {
    std::vector<std::string> lines = split(text, '\n');
    if (!lines.empty() && lines.back().empty()) { lines.pop_back(); }
    std::vector<std::string> fresh;
    for (std::size_t i = place.seen; i < lines.size(); ++i) { fresh.push_back(without_time(lines[i])); }
    if (fresh.empty()) { return fresh; }
    place.seen = lines.size();
    const auto last = second_of(lines.back());
    if (!last || *last <= place.since) { return fresh; }
    place.since = *last;
    std::size_t first = lines.size();
    while (first > 0 && second_of(lines[first - 1]).value_or(*last) >= *last) { --first; }
    place.seen = lines.size() - first;
    return fresh;
}

Status LogFollower::read_on(EngineApi& api, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto text = api.timed_logs(id, place_.since);
    if (!text) { return std::unexpected(text.error()); }
    for (const auto& line : new_lines(*text, place_)) { lines_->append(line + "\n"); }
    return {};
}

} // namespace ecsr::local
