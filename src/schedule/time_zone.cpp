#include "schedule/time_zone.hpp"

#include "base/text.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <mutex>
#include <vector>

namespace ecsr::schedule {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view letters_of_names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

// Where absl reads zones, too.
fs::path zone_folder() {
    const char* chosen = std::getenv("TZDIR");
    return chosen != nullptr && *chosen != '\0' ? chosen : "/usr/share/zoneinfo";
}

bool holds_a_zone(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic(4, '\0');
    return file.read(magic.data(), 4) && magic == "TZif";
}

// Zones are in files of their names; beside them lie copies that count leap seconds, and this machine's own zone.
bool may_be_a_name(std::string_view name) {
    const auto begins = [&](std::string_view with) { return name.starts_with(with); };
    return !name.empty() && name.find_first_not_of(letters_of_names) == std::string_view::npos && !begins("/") &&
           !begins("posix/") && !begins("right/") && name != "posixrules" && name != "localtime";
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    std::error_code problem;
    const fs::path folder = zone_folder();
    for (fs::recursive_directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        auto name = entry->path().lexically_relative(folder).string();
        if (may_be_a_name(name) && entry->is_regular_file(problem) && holds_a_zone(entry->path())) {
            names.push_back(std::move(name));
        }
    }
    std::ranges::sort(names);
    return names;
}

std::string nearest_zone(std::string_view name, const std::vector<std::string>& names) {
    const auto same = std::ranges::find_if(names, [&](const auto& each) { return equals_ignoring_case(each, name); });
    return same != names.end() ? *same : nearest(name, names);
}

std::unexpected<Error> unknown_zone(std::string_view name) {
    const auto names = all_names();
    if (names.empty()) {
        return fail(ErrorKind::Usage, fmt::format("timezone \"{}\": this machine has no time zones in {}; install "
                                                  "tzdata, or use UTC",
                                                  name, zone_folder().string()));
    }
    const auto hint = nearest_zone(name, names);
    return fail(ErrorKind::Usage,
                fmt::format("timezone \"{}\" is not an IANA time zone of this machine, such as Europe/Berlin or UTC{}",
                            name, hint.empty() ? "" : fmt::format("; did you mean {}?", hint)));
}

absl::CivilSecond civil(LocalTime local) {
    return absl::CivilSecond(1970, 1, 1) + std::chrono::floor<Seconds>(local).time_since_epoch().count();
}

// With the fraction of a second that civil times do not have.
Instant exactly(absl::Time whole, LocalTime local) {
    return Instant(Seconds(absl::ToUnixSeconds(whole))) + (local - std::chrono::floor<Seconds>(local));
}

} // namespace

struct TimeZone::Data {
    std::string name;
    absl::TimeZone zone;
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
    absl::TimeZone zone;
    // The library takes some names that are no IANA zones, such as "Fixed/UTC+01:00:00" and paths.
    if (!may_be_a_name(name) || !holds_a_zone(zone_folder() / name) ||
        !absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone)) {
        return unknown_zone(name);
    }
    auto data = std::make_shared<const Data>(std::string(name), zone);
    known.emplace(name, data);
    return TimeZone(std::move(data));
}

const std::string& TimeZone::name() const {
    static const std::string utc = "UTC";
    return data_ ? data_->name : utc;
}

Seconds TimeZone::offset(Instant at) const {
    if (!data_) { return Seconds(0); }
    return Seconds(data_->zone.At(absl::FromUnixMillis(at.time_since_epoch().count())).offset);
}

LocalTime TimeZone::local(Instant at) const {
    return LocalTime(at.time_since_epoch() + offset(at));
}

std::optional<Instant> TimeZone::instant(LocalTime local) const {
    if (!data_) { return Instant(local.time_since_epoch()); }
    const auto shown = data_->zone.At(civil(local));
    if (shown.kind == absl::TimeZone::TimeInfo::SKIPPED) { return std::nullopt; }
    return exactly(shown.pre, local); // of a time that is shown twice: the first
}

Instant TimeZone::instant_at_or_after(LocalTime local) const {
    if (!data_) { return Instant(local.time_since_epoch()); }
    const auto shown = data_->zone.At(civil(local));
    if (shown.kind == absl::TimeZone::TimeInfo::SKIPPED) { return Instant(Seconds(absl::ToUnixSeconds(shown.trans))); }
    return exactly(shown.pre, local);
}

std::string TimeZone::text(Instant at) const {
    const auto shift = offset(at);
    std::string text = to_rfc3339(at + shift);
    text.pop_back(); // its Z
    const auto minutes = std::chrono::floor<std::chrono::minutes>(std::chrono::abs(shift)).count();
    return fmt::format("{}{}{:02}:{:02}", text, shift.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

} // namespace ecsr::schedule
