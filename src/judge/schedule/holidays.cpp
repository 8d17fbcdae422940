#include "judge/schedule/holidays.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <libical/ical.h>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace ecsr::schedule {

namespace {

using std::chrono::local_days;

constexpr std::size_t most_occurrences = 100'000; // of one event: daily for two centuries is 84,000
constexpr int first_year_not_followed = 2200;
constexpr std::string_view properties_that_matter[] = {"DTSTART", "DTEND",  "DURATION",     "RRULE",
                                                       "RDATE",   "EXDATE", "RECURRENCE-ID"};

struct FreeComponent {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
struct FreeIterator {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

// The clock on which a property's times are read: an IANA zone, or one that the file describes.
using EventClock = std::variant<TimeZone, const icaltimezone*>;

std::unexpected<Error> wrong(std::string what) {
    return fail(ErrorKind::Usage, std::move(what));
}

std::string text_or(const char* text, std::string_view otherwise) {
    return text != nullptr && *text != '\0' ? std::string(text) : std::string(otherwise);
}

// As the file writes it, whatever the zone.
LocalTime reading(const icaltimetype& time) {
    const auto date = std::chrono::year(time.year) / time.month / time.day;
    return LocalTime(local_days{date}) + std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
           Seconds(time.second);
}

local_days date_of(const icaltimetype& time) {
    return std::chrono::floor<std::chrono::days>(reading(time));
}

Instant moment(const icaltimetype& time, const EventClock& clock) {
    if (const auto* zone = std::get_if<TimeZone>(&clock)) { return zone->instant_at_or_after(reading(time)); }
    return Instant(Seconds(icaltime_as_timet_with_zone(time, std::get<const icaltimezone*>(clock))));
}

bool is_real(const icaltimetype& time) {
    const auto date = std::chrono::year(time.year) / time.month / time.day;
    return date.ok() && time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 &&
           time.second <= 60;
}

// The dates and moments at which an event does not take place after all.
struct Exceptions {
    std::set<local_days> dates;
    std::set<Instant> moments;
};

// One VEVENT of a calendar.
class Event {
public:
    Event(icalcomponent* component, const TimeZone& zone) : component_(component), zone_(zone) {}

    std::string uid() const { return text_or(icalcomponent_get_uid(component_), ""); }
    std::string summary() const { return text_or(icalcomponent_get_summary(component_), "without a name"); }
    bool is_cancelled() const { return icalcomponent_get_status(component_) == ICAL_STATUS_CANCELLED; }

    bool replaces_another() const { return first(ICAL_RECURRENCEID_PROPERTY) != nullptr; }

    // Adds what RECURRENCE-ID or EXDATE, as `kind` says, take away.
    Status add_exceptions(icalproperty_kind kind, Exceptions& exceptions) const {
        for (auto* property = first(kind); property != nullptr; property = next(kind)) {
            const auto clock = clock_of(property);
            if (!clock) { return std::unexpected(clock.error()); }
            const auto time = time_of(property);
            if (!time) { return std::unexpected(time.error()); }
            if (icaltime_is_date(*time) != 0) {
                exceptions.dates.insert(date_of(*time));
            } else {
                exceptions.moments.insert(moment(*time, *clock));
            }
        }
        return {};
    }

    // `exceptions` holds what other events take away from this one.
    Status add_spans(Exceptions exceptions, std::vector<Span>& spans) const {
        if (auto read = check(); !read) { return read; }
        auto* property = first(ICAL_DTSTART_PROPERTY);
        if (property == nullptr) { return wrong("has no DTSTART"); }
        const auto clock = clock_of(property);
        if (!clock) { return std::unexpected(clock.error()); }
        const auto start = time_of(property);
        if (!start) { return std::unexpected(start.error()); }
        const auto length = length_of(*start, *clock);
        if (!length) { return std::unexpected(length.error()); }
        const auto times = occurrences(*start, *clock);
        if (!times) { return std::unexpected(times.error()); }
        if (auto read = add_exceptions(ICAL_EXDATE_PROPERTY, exceptions); !read) { return read; }
        for (const auto& time : *times) {
            const Instant begin = moment(time, *clock);
            if (exceptions.dates.contains(date_of(time)) || exceptions.moments.contains(begin)) { continue; }
            spans.push_back({begin, end_of(time, *length, *clock), fmt::format("holiday: {}", summary())});
        }
        return {};
    }

private:
    icalproperty* first(icalproperty_kind kind) const { return icalcomponent_get_first_property(component_, kind); }
    icalproperty* next(icalproperty_kind kind) const { return icalcomponent_get_next_property(component_, kind); }

    // libical drops what it cannot read and leaves a note; a rule that is dropped would open the service on a holiday.
    Status check() const {
        for (auto* note = first(ICAL_XLICERROR_PROPERTY); note != nullptr; note = next(ICAL_XLICERROR_PROPERTY)) {
            const std::string text = text_or(icalproperty_get_xlicerror(note), "");
            for (const auto name : properties_that_matter) {
                if (text.contains(fmt::format(" {} property", name))) {
                    return wrong(fmt::format("its {} cannot be read", name));
                }
            }
        }
        return {};
    }

    // libical takes the thirteenth month as it is.
    static Result<icaltimetype> time_of(icalproperty* property) {
        const auto time = icalvalue_get_datetime(icalproperty_get_value(property));
        if (!is_real(time)) {
            return wrong(fmt::format("its {} is no time that there is", icalproperty_get_property_name(property)));
        }
        return time;
    }

    Result<EventClock> clock_of(icalproperty* property) const {
        const auto time = icalvalue_get_datetime(icalproperty_get_value(property));
        if (icaltime_is_utc(time) != 0) { return TimeZone(); }
        const auto* parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
        if (parameter == nullptr) { return zone_; }
        const char* id = icalparameter_get_tzid(parameter);
        if (auto zone = TimeZone::find(id)) { return *std::move(zone); }
        if (const auto* zone = icalcomponent_get_timezone(icalcomponent_get_parent(component_), id)) { return zone; }
        return wrong(fmt::format("its TZID \"{}\" is neither an IANA time zone nor described in the file", id));
    }

    // How long each occurrence takes: whole days by the calendar for an event of days, else elapsed time.
    Result<Millis> length_of(const icaltimetype& start, const EventClock& clock) const {
        const bool of_days = icaltime_is_date(start) != 0;
        Millis length = of_days ? std::chrono::days(1) : std::chrono::days(0);
        if (auto* property = first(ICAL_DURATION_PROPERTY)) {
            length = Seconds(icaldurationtype_as_int(icalproperty_get_duration(property)));
        } else if (auto* end_property = first(ICAL_DTEND_PROPERTY)) {
            const auto end = time_of(end_property);
            if (!end) { return std::unexpected(end.error()); }
            const auto end_clock = clock_of(end_property);
            if (!end_clock) { return std::unexpected(end_clock.error()); }
            length = of_days ? Millis(date_of(*end) - date_of(start)) : moment(*end, *end_clock) - moment(start, clock);
        }
        if (length < Millis(0)) { return wrong("ends before it begins"); }
        return length;
    }

    static Instant end_of(const icaltimetype& time, Millis length, const EventClock& clock) {
        if (icaltime_is_date(time) == 0) { return moment(time, clock) + length; }
        const auto* zone = std::get_if<TimeZone>(&clock);
        return zone != nullptr ? zone->instant_at_or_after(reading(time) + length) : moment(time, clock) + length;
    }

    Result<std::vector<icaltimetype>> occurrences(const icaltimetype& start, const EventClock& clock) const {
        std::vector<icaltimetype> times{start};
        for (auto* rule = first(ICAL_RRULE_PROPERTY); rule != nullptr; rule = next(ICAL_RRULE_PROPERTY)) {
            if (auto followed = follow(icalproperty_get_rrule(rule), start, clock, times); !followed) {
                return std::unexpected(followed.error());
            }
        }
        for (auto* date = first(ICAL_RDATE_PROPERTY); date != nullptr; date = next(ICAL_RDATE_PROPERTY)) {
            const auto value = icalproperty_get_rdate(date);
            times.push_back(icaltime_is_null_time(value.time) != 0 ? value.period.start : value.time);
        }
        return times;
    }

    // The rule is followed on the event's own clock. Its UNTIL is compared here: libical compares readings of different
    // clocks.
    static Status follow(icalrecurrencetype rule, icaltimetype start, const EventClock& clock,
                         std::vector<icaltimetype>& times) {
        const auto until = rule.until;
        rule.until = icaltime_null_time();
        start.zone = nullptr;
        const std::unique_ptr<icalrecur_iterator, FreeIterator> iterator(icalrecur_iterator_new(rule, start));
        if (!iterator) { return wrong("its RRULE cannot be followed"); }
        while (true) {
            const auto time = icalrecur_iterator_next(iterator.get());
            if (icaltime_is_null_time(time) != 0 || time.year >= first_year_not_followed) { return {}; }
            if (is_past(time, until, clock)) { return {}; }
            if (reading(time) == reading(start)) { continue; } // it is there already, whether the rule has it or not
            if (times.size() == most_occurrences) {
                return wrong(fmt::format("repeats more than {} times", most_occurrences));
            }
            times.push_back(time);
        }
    }

    static bool is_past(const icaltimetype& time, const icaltimetype& until, const EventClock& clock) {
        if (icaltime_is_null_time(until) != 0) { return false; }
        if (icaltime_is_date(until) != 0 || icaltime_is_date(time) != 0) { return date_of(time) > date_of(until); }
        return icaltime_is_utc(until) != 0 ? moment(time, clock) > moment(until, TimeZone())
                                           : reading(time) > reading(until);
    }

    icalcomponent* component_;
    const TimeZone& zone_;
};

void collect_events(icalcomponent* component, const TimeZone& zone, std::vector<Event>& events) {
    for (auto* child = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); child != nullptr;
         child = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
        const auto kind = icalcomponent_isa(child);
        if (kind == ICAL_VCALENDAR_COMPONENT) { collect_events(child, zone, events); }
        if (kind == ICAL_VEVENT_COMPONENT) { events.emplace_back(child, zone); }
    }
}

bool is_calendar(icalcomponent* component) {
    return component != nullptr && (icalcomponent_isa(component) == ICAL_VCALENDAR_COMPONENT ||
                                    (icalcomponent_isa(component) == ICAL_XROOT_COMPONENT &&
                                     icalcomponent_count_components(component, ICAL_VCALENDAR_COMPONENT) > 0));
}

} // namespace

Result<Spans> parse_holidays(std::string_view text, const TimeZone& zone) {
    // libical keeps its settings and its zones in variables of the process.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    icalerror_set_errors_are_fatal(0);
    const std::unique_ptr<icalcomponent, FreeComponent> root(icalparser_parse_string(std::string(text).c_str()));
    if (!is_calendar(root.get())) { return wrong("is no iCalendar file: it does not begin with BEGIN:VCALENDAR"); }
    std::vector<Event> events;
    collect_events(root.get(), zone, events);
    const auto in_event = [](const Event& event, const Status& status) {
        return wrong(fmt::format("event \"{}\": {}", event.summary(), status.error().message));
    };
    std::map<std::string, Exceptions> replaced;
    for (const auto& event : events) {
        auto read = event.add_exceptions(ICAL_RECURRENCEID_PROPERTY, replaced[event.uid()]);
        if (!read) { return in_event(event, read); }
    }
    std::vector<Span> spans;
    for (const auto& event : events) {
        if (event.is_cancelled()) { continue; }
        auto added = event.add_spans(event.replaces_another() ? Exceptions{} : replaced[event.uid()], spans);
        if (!added) { return in_event(event, added); }
    }
    return Spans(std::move(spans));
}

} // namespace ecsr::schedule
