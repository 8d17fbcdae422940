#include "schedule/cron.hpp"

namespace ecsr::schedule {

namespace {

using std::chrono::year_month;
using std::chrono::year_month_day;
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

unsigned days_in(year_month month) {
    return static_cast<unsigned>((month / std::chrono::last).day());
}

// 1 (Sunday) to 7 (Saturday).
unsigned day_of_week(year_month month, unsigned day) {
    const std::chrono::local_days date{month / std::chrono::day(day)};
    return std::chrono::weekday(date).c_encoding() + 1;
}

bool is_weekend(year_month month, unsigned day) {
    const auto of_week = day_of_week(month, day);
    return of_week == 1 || of_week == 7;
}

unsigned last_weekday(year_month month) {
    unsigned day = days_in(month);
    while (is_weekend(month, day)) { --day; }
    return day;
}

// Saturday gives way to Friday and Sunday to Monday, unless that is another month.
unsigned nearest_weekday(year_month month, unsigned day) {
    const unsigned last = days_in(month);
    switch (day_of_week(month, day)) {
    case 7: return day > 1 ? day - 1 : day + 2;
    case 1: return day < last ? day + 1 : day - 2;
    default: return day;
    }
}

template <std::size_t N>
std::optional<unsigned> first_set(const std::bitset<N>& bits, unsigned from) {
    for (std::size_t i = from; i < N; ++i) {
        if (bits.test(i)) { return static_cast<unsigned>(i); }
    }
    return std::nullopt;
}

std::optional<unsigned> minute_of_day(const Cron& cron, unsigned from) {
    const auto hour = first_set(cron.hours, from / 60);
    if (!hour) { return std::nullopt; }
    const bool same_hour = *hour == from / 60;
    if (const auto minute = first_set(cron.minutes, same_hour ? from % 60 : 0)) { return *hour * 60 + *minute; }
    // Minutes are never empty, so only the rest of the hour of `from` can be without one.
    return minute_of_day(cron, (*hour + 1) * 60);
}

struct Start {
    unsigned day = 1;
    unsigned minute = 0;
};

std::optional<LocalMinute> match_in_month(const Cron& cron, year_month month, Start start) {
    const auto days = days_of(cron.days, month);
    for (auto day = first_set(days, start.day); day; day = first_set(days, *day + 1)) {
        if (const auto minute = minute_of_day(cron, *day == start.day ? start.minute : 0)) {
            return LocalMinute(std::chrono::local_days{month / std::chrono::day(*day)}) + std::chrono::minutes(*minute);
        }
    }
    return std::nullopt;
}

std::size_t index_of(std::chrono::year year) {
    return static_cast<std::size_t>(static_cast<int>(year) - first_year);
}

} // namespace

std::bitset<32> days_of(const DayRule& rule, year_month month) {
    std::bitset<32> found;
    const unsigned last = days_in(month);
    for (unsigned day = 1; day <= last; ++day) {
        const auto of_week = day_of_week(month, day);
        const bool is_nth = rule.nth_day == static_cast<int>(of_week) && rule.nth == static_cast<int>((day + 6) / 7);
        if (rule.days.test(day) || rule.of_week.test(of_week) || is_nth ||
            (rule.last_of_week.test(of_week) && day + 7 > last)) {
            found.set(day);
        }
        if (rule.nearest_weekday.test(day)) { found.set(nearest_weekday(month, day)); }
    }
    if (rule.last_day) { found.set(last); }
    if (rule.last_weekday) { found.set(last_weekday(month)); }
    return found;
}

std::optional<LocalMinute> next_match(const Cron& cron, LocalMinute from) {
    const LocalMinute earliest{std::chrono::local_days{std::chrono::year(first_year) / 1 / 1}};
    from = std::max(from, earliest);
    const auto day = std::chrono::floor<std::chrono::days>(from);
    const year_month_day date{day};
    const year_month first = date.year() / date.month();
    const year_month end = std::chrono::year(last_year + 1) / std::chrono::January;
    for (year_month month = first; month < end; month += std::chrono::months(1)) {
        if (!cron.years.test(index_of(month.year()))) { continue; }
        if (!cron.months.test(static_cast<unsigned>(month.month()))) { continue; }
        Start start;
        if (month == first) {
            start = {static_cast<unsigned>(date.day()), static_cast<unsigned>((from - day).count())};
        }
        if (const auto found = match_in_month(cron, month, start)) { return found; }
    }
    return std::nullopt;
}

} // namespace ecsr::schedule
