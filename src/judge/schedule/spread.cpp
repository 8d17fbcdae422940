#include "judge/schedule/spread.hpp"

#include "base/random.hpp"

#include <cstdint>

namespace ecsr::schedule {

namespace {

// FNV-1a: std::hash may differ from one machine to the next, and a place must not.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1'099'511'628'211U;
    }
    return hash;
}

Millis draw(std::uint64_t seed, Millis most) {
    const auto seconds = std::chrono::ceil<Seconds>(most).count();
    return seconds > 0 ? Millis(Seconds(Random(seed).between(0, seconds - 1))) : Millis(0);
}

} // namespace

Instant place_in_window(Instant fire, Millis window, std::string_view service) {
    const auto salt = static_cast<std::uint64_t>(fire.time_since_epoch().count());
    return fire + draw(hash_of(service) ^ Random(salt).next(), window);
}

Millis stagger(Millis most, std::string_view service) {
    return draw(hash_of(service), most);
}

std::optional<Instant> last_fire(const Schedule& schedule, Instant since, Instant until) {
    const auto fires_after = [&](Instant at) {
        const auto fire = next_fire(schedule, at);
        return fire && *fire <= until;
    };
    if (until <= since || !fires_after(since)) { return std::nullopt; }
    Instant before = since; // there is a fire after it
    Instant past = until;   // there is none after it
    while (past - before > Millis(1)) {
        const Instant middle = before + (past - before) / 2;
        (fires_after(middle) ? before : past) = middle;
    }
    return next_fire(schedule, before);
}

Missed missed_fires(const Schedule& schedule, Instant since, Instant now, std::size_t limit) {
    const auto fires = fires_between(schedule, since, now, limit);
    Missed missed{.count = fires.size(), .last = {}};
    if (!fires.empty()) { missed.last = fires.size() < limit ? fires.back() : last_fire(schedule, since, now); }
    return missed;
}

} // namespace ecsr::schedule
