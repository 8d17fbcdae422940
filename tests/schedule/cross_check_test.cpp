// Random expressions against an evaluation that shares no code with the one under test. ECSR_SEED=N draws others.
#include "schedule/schedule.hpp"
#include "tests/schedule/drawn_expression.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <iostream>

using namespace ecsr;
using namespace ecsr::schedule;
using ecsr::testing::Date;
using ecsr::testing::Drawer;
using ecsr::testing::Drawn;

namespace {

std::uint64_t base_seed() {
    const char* text = std::getenv("ECSR_SEED");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 20'261'124;
}

struct Moment {
    Date date;
    int minute; // of the day
};

std::string text_of(const Moment& at) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:00Z", at.date.year, at.date.month, at.date.day, at.minute / 60,
                       at.minute % 60);
}

// The first moments after `from`, found by trying every minute of every day that is taken; at most `wanted`, and none
// after `days` days.
std::vector<std::string> by_brute_force(const Drawn& drawn, Moment from, std::size_t wanted, int days) {
    std::vector<std::string> found;
    Moment at = from;
    ++at.minute;
    for (int day = 0; day < days && found.size() < wanted; ++day) {
        if (drawn.takes(at.date)) {
            for (; at.minute < 24 * 60 && found.size() < wanted; ++at.minute) {
                const bool taken = drawn.hours.has(at.minute / 60) && drawn.minutes.has(at.minute % 60);
                if (taken) { found.push_back(text_of(at)); }
            }
        }
        at.minute = 0;
        at.date.advance();
    }
    return found;
}

std::vector<std::string> by_schedule(const Schedule& schedule, const Moment& from, std::size_t wanted, int days) {
    const Instant begin = parse_rfc3339(text_of(from)).value();
    const Instant end = std::chrono::floor<std::chrono::days>(begin) + std::chrono::days(days);
    std::vector<std::string> found;
    for (const auto fire : fires_between(schedule, begin, end - Millis(1), wanted)) {
        found.push_back(to_rfc3339(fire));
    }
    return found;
}

Moment draw_moment(Drawer& drawer, int first_year, int last_year) {
    const int year = drawer.between(first_year, last_year);
    const int month = drawer.between(1, 12);
    return {{year, month, drawer.between(1, ecsr::testing::days_in_month(year, month))},
            drawer.between(0, 24 * 60 - 1)};
}

} // namespace

TEST(CrossCheck, HundredThousandExpressionsFireWhenBruteForceSays) {
    const auto seed = base_seed();
    std::cout << "seed " << seed << "\n";
    Drawer drawer(seed);
    std::size_t fired = 0;
    for (int i = 0; i < 100'000; ++i) {
        const Drawn drawn = drawer.draw();
        const auto schedule = parse_schedule(drawn.text);
        ASSERT_TRUE(schedule) << schedule.error().message << " (seed " << seed << ", draw " << i << ")";
        const Moment from = draw_moment(drawer, 2024, 2031);
        const int days = 400;
        const auto expected = by_brute_force(drawn, from, 2, days);
        ASSERT_EQ(by_schedule(*schedule, from, 2, days), expected)
            << drawn.text << " after " << text_of(from) << " (seed " << seed << ", draw " << i << ")";
        fired += expected.size();
    }
    EXPECT_GT(fired, 150'000U) << "most expressions must be put to the test";
}

TEST(CrossCheck, AlsoOverAllTheYearsThatThereAre) {
    const auto seed = base_seed() + 1;
    std::cout << "seed " << seed << "\n";
    Drawer drawer(seed);
    for (int i = 0; i < 300; ++i) {
        const Drawn drawn = drawer.draw();
        const auto schedule = parse_schedule(drawn.text);
        ASSERT_TRUE(schedule) << schedule.error().message;
        const Moment from = draw_moment(drawer, 1970, 2199);
        const int days = (2200 - from.date.year) * 366;
        ASSERT_EQ(by_schedule(*schedule, from, 2, days), by_brute_force(drawn, from, 2, days))
            << drawn.text << " after " << text_of(from) << " (seed " << seed << ", draw " << i << ")";
    }
}

namespace {

// A minute, and what the wall clock of a zone shows in it.
struct Reading {
    Instant at;
    Date date;
    int minute; // of the day
    bool is_first;
};

constexpr std::chrono::days watched{4};

// The zone is asked every quarter of an hour; no clock changes in between.
std::vector<Reading> readings(const TimeZone& zone, Instant begin) {
    std::vector<Reading> found;
    // The clock of the hours before is known, so that what it shows again is seen as such.
    LocalTime latest = zone.local(begin - std::chrono::hours(3));
    Seconds offset{};
    for (Instant at = begin - std::chrono::hours(2); at < begin + watched; at += std::chrono::minutes(1)) {
        if (at.time_since_epoch() % std::chrono::minutes(15) == Millis(0)) { offset = zone.offset(at); }
        const LocalTime shown(at.time_since_epoch() + offset);
        const std::string text = to_rfc3339(Instant(shown.time_since_epoch()));
        const auto number = [&](std::size_t from, std::size_t size) { return std::stoi(text.substr(from, size)); };
        if (at > begin) {
            found.push_back(
                {at, {number(0, 4), number(5, 2), number(8, 2)}, number(11, 2) * 60 + number(14, 2), shown > latest});
        }
        latest = std::max(latest, shown);
    }
    return found;
}

std::vector<Instant> taken(const Drawn& drawn, const std::vector<Reading>& readings) {
    std::vector<Instant> fires;
    for (const auto& reading : readings) {
        if (reading.is_first && drawn.minutes.has(reading.minute % 60) && drawn.hours.has(reading.minute / 60) &&
            drawn.takes(reading.date)) {
            fires.push_back(reading.at);
        }
    }
    return fires;
}

} // namespace

// Where clocks change, a reading fires when it is first shown. This is about what next_fire makes of a zone, not about
// the zone itself; for that see tests/e2e/schedule_test.py.
TEST(CrossCheck, InZonesEveryReadingFiresWhenItIsFirstShown) {
    const std::pair<const char*, const char*> changes[] = {
        {"Europe/Berlin", "2027-03-27T00:00:00Z"},       {"Europe/Berlin", "2026-10-24T00:00:00Z"},
        {"America/New_York", "2027-03-13T00:00:00Z"},    {"America/New_York", "2026-10-31T00:00:00Z"},
        {"Australia/Lord_Howe", "2026-10-03T00:00:00Z"}, {"Australia/Lord_Howe", "2027-04-02T00:00:00Z"},
        {"Africa/Cairo", "2027-04-29T00:00:00Z"},        {"Africa/Cairo", "2026-10-29T00:00:00Z"},
        {"Pacific/Apia", "2011-12-29T00:00:00Z"},        {"Europe/Berlin", "2060-03-27T00:00:00Z"}};
    const auto seed = base_seed() + 2;
    std::cout << "seed " << seed << "\n";
    Drawer drawer(seed);
    for (const auto& [name, day] : changes) {
        const Instant begin = parse_rfc3339(day).value();
        const auto shown = readings(TimeZone::find(name).value(), begin);
        for (int i = 0; i < 40; ++i) {
            const Drawn drawn = drawer.draw();
            const auto schedule = parse_schedule(drawn.text, name);
            ASSERT_TRUE(schedule) << schedule.error().message;
            ASSERT_EQ(fires_between(*schedule, begin, begin + watched - Millis(1), 10'000), taken(drawn, shown))
                << drawn.text << " in " << name << " after " << day << " (seed " << seed << ")";
        }
    }
}
