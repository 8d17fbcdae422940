#include "judge/schedule/time_zone.hpp"

#include "base/text.hpp"
#include "judge/schedule/clock_rule.hpp"

#include <date/tz.h>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace ecsr::schedule {

namespace {

using std::chrono::sys_seconds;

// date::time_zone ends its last piece at the end of all years.
constexpr sys_seconds far_future{std::chrono::sys_days{std::chrono::year(10'000) / 1 / 1}};

// No clock is further than this from UTC.
constexpr std::chrono::hours farthest_offset{26};

// date::time_zone knows only the changes of clocks that a zone's file lists, and most list none after 2037; the rule of
// later years is the file's last line.
std::optional<ClockRule> rule_of_later_years(const std::string& name) {
    std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
    std::string line;
    std::string last;
    while (std::getline(file, line)) { last = std::move(line); }
    return ClockRule::parse(last);
}

std::string nearest_zone(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& zone : date::get_tzdb().zones) {
        if (equals_ignoring_case(zone.name(), name)) { return zone.name(); }
        names.push_back(zone.name());
    }
    return nearest(name, names);
}

std::unexpected<Error> unknown_zone(std::string_view name) {
    std::string hint;
    try {
        hint = nearest_zone(name);
    } catch (const std::exception& problem) {
        return fail(ErrorKind::Usage,
                    fmt::format("timezone \"{}\": this machine has no time zones ({}); install tzdata, "
                                "or use UTC",
                                name, problem.what()));
    }
    return fail(ErrorKind::Usage,
                fmt::format("timezone \"{}\" is not an IANA time zone of this machine, such as Europe/Berlin or UTC{}",
                            name, hint.empty() ? "" : fmt::format("; did you mean {}?", hint)));
}

} // namespace

struct TimeZone::Data {
    std::string name;
    const date::time_zone* zone;
    std::optional<ClockRule> later;

    Piece piece(sys_seconds at) const {
        const auto listed = zone->get_info(at);
        if (!later || listed.end < far_future) { return {listed.begin, listed.end, listed.offset}; }
        const Piece ruled = later->piece(at);
        return {std::max(ruled.begin, listed.begin), ruled.end, ruled.offset};
    }

    // The first piece in which the wall clock shows `local`, else the piece that begins by jumping over it.
    std::pair<Piece, bool> showing(std::chrono::local_seconds local) const {
        const sys_seconds as_utc{local.time_since_epoch()};
        Piece found = piece(as_utc - farthest_offset);
        while (as_utc - found.offset >= found.end) { found = piece(found.end); }
        return {found, as_utc - found.offset >= found.begin};
    }
};

TimeZone::TimeZone() = default;

TimeZone::TimeZone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Result<TimeZone> TimeZone::find(std::string_view name) {
    if (name == "UTC") { return TimeZone(); }
    // Thousands of schedules name the same few zones.
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<const Data>, std::less<>> known;
    const std::lock_guard lock(mutex);
    if (const auto found = known.find(name); found != known.end()) { return TimeZone(found->second); }
    try {
        const auto* zone = date::locate_zone(std::string(name));
        auto data = std::make_shared<const Data>(std::string(name), zone, rule_of_later_years(std::string(name)));
        known.emplace(name, data);
        return TimeZone(std::move(data));
    } catch (const std::exception&) { return unknown_zone(name); }
}

const std::string& TimeZone::name() const {
    static const std::string utc = "UTC";
    return data_ ? data_->name : utc;
}

Seconds TimeZone::offset(Instant at) const {
    return data_ ? data_->piece(std::chrono::floor<Seconds>(at)).offset : Seconds(0);
}

LocalTime TimeZone::local(Instant at) const {
    return LocalTime(at.time_since_epoch() + offset(at));
}

std::optional<Instant> TimeZone::instant(LocalTime local) const {
    if (!data_) { return Instant(local.time_since_epoch()); }
    const auto [piece, shown] = data_->showing(std::chrono::floor<Seconds>(local));
    if (!shown) { return std::nullopt; }
    return Instant(local.time_since_epoch() - piece.offset);
}

Instant TimeZone::instant_at_or_after(LocalTime local) const {
    if (!data_) { return Instant(local.time_since_epoch()); }
    const auto [piece, shown] = data_->showing(std::chrono::floor<Seconds>(local));
    return shown ? Instant(local.time_since_epoch() - piece.offset) : Instant(piece.begin);
}

std::string TimeZone::text(Instant at) const {
    const auto shift = offset(at);
    std::string text = to_rfc3339(at + shift);
    text.pop_back(); // its Z
    const auto minutes = std::chrono::floor<std::chrono::minutes>(std::chrono::abs(shift)).count();
    return fmt::format("{}{}{:02}:{:02}", text, shift.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

} // namespace ecsr::schedule
