#include "schedule/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ecsr;
using namespace ecsr::schedule;

namespace {

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

Schedule parse(std::string_view expression, std::string_view zone = "UTC", const Bounds& bounds = {}) {
    auto schedule = parse_schedule(expression, zone, bounds);
    if (!schedule) { throw std::runtime_error(schedule.error().message); }
    return *std::move(schedule);
}

// The next fires after `from` on the zone's wall clock.
std::vector<std::string> fires(const Schedule& schedule, std::string_view from, std::size_t count) {
    std::vector<std::string> texts;
    std::optional<Instant> fire = at(from);
    while (texts.size() < count && (fire = next_fire(schedule, *fire))) { texts.push_back(schedule.zone.text(*fire)); }
    return texts;
}

using Texts = std::vector<std::string>;

} // namespace

TEST(Cron, FiresOnWorkingDays) {
    EXPECT_EQ(fires(parse("cron(0 3 ? * MON-FRI *)", "Europe/Berlin"), "2026-11-19T12:00:00Z", 4),
              (Texts{"2026-11-20T03:00:00+01:00", "2026-11-23T03:00:00+01:00", "2026-11-24T03:00:00+01:00",
                     "2026-11-25T03:00:00+01:00"}));
}

TEST(Cron, NeverFiresAtTheMomentHandedIn) {
    const auto schedule = parse("cron(0 3 * * ? *)");
    EXPECT_EQ(next_fire(schedule, at("2026-11-20T03:00:00Z")), at("2026-11-21T03:00:00Z"));
    EXPECT_EQ(next_fire(schedule, at("2026-11-20T02:59:59.999Z")), at("2026-11-20T03:00:00Z"));
    EXPECT_EQ(next_fire(schedule, at("2026-11-20T03:00:30Z")), at("2026-11-21T03:00:00Z"));
}

TEST(Cron, LastDayAndLastWeekdayAndNearestWeekday) {
    EXPECT_EQ(fires(parse("cron(0 0 L * ? *)"), "2028-01-15T00:00:00Z", 3),
              (Texts{"2028-01-31T00:00:00+00:00", "2028-02-29T00:00:00+00:00", "2028-03-31T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 LW * ? *)"), "2026-01-01T00:00:00Z", 2),
              (Texts{"2026-01-30T00:00:00+00:00", "2026-02-27T00:00:00+00:00"}));
    // 1 August 2026 is a Saturday: the Friday before would be July.
    EXPECT_EQ(fires(parse("cron(0 0 1W 8 ? 2026)"), "2026-01-01T00:00:00Z", 2), (Texts{"2026-08-03T00:00:00+00:00"}));
    // 31 May 2026 is a Sunday: the Monday after would be June.
    EXPECT_EQ(fires(parse("cron(0 0 31W 5 ? 2026)"), "2026-01-01T00:00:00Z", 2), (Texts{"2026-05-29T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 15W 8 ? 2026)"), "2026-01-01T00:00:00Z", 2), (Texts{"2026-08-14T00:00:00+00:00"}));
}

TEST(Cron, DaysOfTheWeekAreCountedFromSunday) {
    EXPECT_EQ(fires(parse("cron(0 0 ? * 1 *)"), "2026-11-20T00:00:00Z", 1), (Texts{"2026-11-22T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 ? * L *)"), "2026-11-20T00:00:00Z", 1), (Texts{"2026-11-21T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 ? * 5L *)"), "2026-11-20T00:00:00Z", 1), (Texts{"2026-11-26T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 ? * 3#2 *)"), "2026-11-20T00:00:00Z", 1), (Texts{"2026-12-08T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 ? * TUE#5 *)"), "2026-11-20T00:00:00Z", 1), (Texts{"2026-12-29T00:00:00+00:00"}));
    EXPECT_EQ(fires(parse("cron(0 0 ? * fri-mon 2026)"), "2026-11-25T00:00:00Z", 5),
              (Texts{"2026-11-27T00:00:00+00:00", "2026-11-28T00:00:00+00:00", "2026-11-29T00:00:00+00:00",
                     "2026-11-30T00:00:00+00:00", "2026-12-04T00:00:00+00:00"}));
}

TEST(Cron, SaysThatItNeverFires) {
    EXPECT_EQ(next_fire(parse("cron(0 0 30 2 ? *)"), at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(next_fire(parse("cron(0 0 29 2 ? 2027)"), at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(next_fire(parse("cron(0 0 * * ? 2025)"), at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(next_fire(parse("cron(59 23 31 12 ? 2199)"), at("2026-01-01T00:00:00Z")), at("2199-12-31T23:59:00Z"));
    EXPECT_EQ(next_fire(parse("cron(* * * * ? *)"), at("2199-12-31T23:59:00Z")), std::nullopt);
}

TEST(Rate, CountsElapsedTimeFromItsAnchor) {
    const Bounds seen{.start = {}, .end = {}, .first_seen = at("2026-10-24T00:07:30Z")};
    EXPECT_EQ(fires(parse("rate(1 days)", "Europe/Berlin", seen), "2026-10-24T00:07:30Z", 2),
              (Texts{"2026-10-25T02:07:30+02:00", "2026-10-26T01:07:30+01:00"}));
    const Bounds start{.start = at("2026-12-01T00:00:00Z"), .end = at("2026-12-01T01:00:00Z"), .first_seen = {}};
    EXPECT_EQ(fires(parse("rate(30 minutes)", "UTC", start), "2026-11-24T00:00:00Z", 5),
              (Texts{"2026-12-01T00:00:00+00:00", "2026-12-01T00:30:00+00:00"}));
}

TEST(At, FiresOnceOnItsWallClock) {
    EXPECT_EQ(fires(parse("at(2026-12-01T03:00:00)", "America/New_York"), "2026-11-24T00:00:00Z", 3),
              (Texts{"2026-12-01T03:00:00-05:00"}));
    EXPECT_EQ(next_fire(parse("at(2026-12-01T03:00:00)"), at("2026-12-01T03:00:00Z")), std::nullopt);
}
