// Wall clocks: IANA time zones with the data of this machine (Debian's tzdata, or the folder that TZDIR names), read
// when a zone is first asked for.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::schedule {

// What a wall clock shows; which wall clock is said by a TimeZone.
using LocalTime = std::chrono::local_time<Millis>;

class TimeZone {
public:
    // UTC; needs no data.
    TimeZone();

    // The IANA zone of that name ("Europe/Berlin"). Error: Usage, with the nearest name where there is one.
    static Result<TimeZone> find(std::string_view name);

    const std::string& name() const;
    Seconds offset(Instant at) const; // east of UTC: positive
    LocalTime local(Instant at) const;

    // When the wall clock first shows `local`; nothing when it never does (clocks were put forward over it).
    std::optional<Instant> instant(LocalTime local) const;
    // The same, but a time that is never shown is taken for the moment at which clocks are put forward over it.
    Instant instant_at_or_after(LocalTime local) const;

    // "2026-11-24T03:00:00+01:00"; the fraction is left out when it is zero.
    std::string text(Instant at) const;

private:
    struct Data;
    explicit TimeZone(std::shared_ptr<const Data> data);
    std::shared_ptr<const Data> data_; // null: UTC
};

} // namespace ecsr::schedule
