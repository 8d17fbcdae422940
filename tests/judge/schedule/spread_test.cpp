#include "judge/schedule/spread.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

using namespace ecsr;
using namespace ecsr::schedule;

namespace {

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

const Instant fire = at("2026-11-24T03:00:00Z");

} // namespace

TEST(Spread, AFlexibleWindowPutsEachServiceSomewhereInIt) {
    const Millis window = std::chrono::minutes(15);
    std::set<Instant> places;
    for (int i = 0; i < 1000; ++i) {
        const auto place = place_in_window(fire, window, fmt::format("service-{}", i));
        EXPECT_GE(place, fire);
        EXPECT_LT(place, fire + window);
        places.insert(place);
    }
    // 900 seconds, 1000 services: about 604 of them are taken if all are as likely.
    EXPECT_GT(places.size(), 540U);
    EXPECT_LT(places.size(), 670U);
    EXPECT_EQ(place_in_window(fire, Millis(0), "cart"), fire);
}

TEST(Spread, TheSameServiceGetsTheSamePlaceEverywhere) {
    // Written down, so that a new version does not move every service.
    EXPECT_EQ(to_rfc3339(place_in_window(fire, std::chrono::minutes(15), "cart")), "2026-11-24T03:00:50Z");
    EXPECT_EQ(stagger(std::chrono::minutes(10), "cart"), Millis(Seconds(109)));
}

TEST(Spread, MissedFiresAreCountedAndTheLastIsFound) {
    const auto schedule = parse_schedule("cron(0 3 * * ? *)").value();
    const auto missed = missed_fires(schedule, at("2026-11-20T03:00:00Z"), at("2026-11-24T03:00:00Z"));
    EXPECT_EQ(missed.count, 4U);
    EXPECT_EQ(missed.last, at("2026-11-24T03:00:00Z"));
    const auto none = missed_fires(schedule, at("2026-11-24T03:00:00Z"), at("2026-11-25T02:59:59Z"));
    EXPECT_EQ(none.count, 0U);
    EXPECT_EQ(none.last, std::nullopt);
}

TEST(Spread, CountingStopsAtTheLimitButTheLastIsStillFound) {
    const auto schedule = parse_schedule("cron(* * * * ? 2026)").value();
    const auto missed = missed_fires(schedule, at("2026-01-01T00:00:00Z"), at("2190-01-01T00:00:00Z"), 10);
    EXPECT_EQ(missed.count, 10U);
    EXPECT_EQ(missed.last, at("2026-12-31T23:59:00Z"));
}
