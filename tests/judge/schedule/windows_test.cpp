#include "judge/schedule/windows.hpp"

#include <gtest/gtest.h>

using namespace ecsr;
using namespace ecsr::schedule;

namespace {

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

Windows parse(const WindowTexts& texts) {
    auto windows = parse_windows(texts);
    if (!windows) { throw std::runtime_error(windows.error().message); }
    return *std::move(windows);
}

std::string error_of(const WindowTexts& texts) {
    const auto windows = parse_windows(texts);
    return windows ? "no error" : windows.error().message;
}

} // namespace

TEST(Windows, WithoutAnyItIsAlwaysOpen) {
    const Windows none;
    EXPECT_TRUE(is_open(none, at("2026-11-24T00:00:00Z")));
    EXPECT_EQ(why_closed(none, at("2026-11-24T00:00:00Z")), "");
    EXPECT_EQ(next_open(none, at("2026-11-24T00:00:00Z")), at("2026-11-24T00:00:00Z"));
    EXPECT_EQ(open_until(none, at("2026-11-24T00:00:00Z")), std::nullopt);
}

TEST(Windows, OpensOnTheWallClockOfItsZone) {
    const auto windows =
        parse({.windows = {"MON-FRI 01:00-05:00"}, .blackouts = {}, .holidays = {}, .timezone = "Europe/Berlin"});
    EXPECT_FALSE(is_open(windows, at("2026-11-23T23:59:59.999Z")));
    EXPECT_TRUE(is_open(windows, at("2026-11-24T00:00:00Z")));
    EXPECT_TRUE(is_open(windows, at("2026-11-24T03:59:59.999Z")));
    EXPECT_FALSE(is_open(windows, at("2026-11-24T04:00:00Z")));
    EXPECT_EQ(why_closed(windows, at("2026-11-24T04:00:00Z")), "outside MON-FRI 01:00-05:00 Europe/Berlin");
    EXPECT_EQ(next_open(windows, at("2026-11-27T12:00:00Z")), at("2026-11-30T00:00:00Z"));
    EXPECT_EQ(open_until(windows, at("2026-11-24T01:00:00Z")), at("2026-11-24T04:00:00Z"));
}

TEST(Windows, PastMidnightBelongsToTheDayOnWhichItBegins) {
    const auto windows = parse({.windows = {"FRI 22:00-04:00"}, .blackouts = {}, .holidays = {}});
    EXPECT_TRUE(is_open(windows, at("2026-11-27T22:00:00Z")));
    EXPECT_TRUE(is_open(windows, at("2026-11-28T03:59:00Z")));
    EXPECT_FALSE(is_open(windows, at("2026-11-28T04:00:00Z")));
    EXPECT_FALSE(is_open(windows, at("2026-11-28T22:00:00Z")));
    EXPECT_FALSE(is_open(windows, at("2026-11-27T03:00:00Z")));
}

TEST(Windows, SeveralAreOneWhereTheyTouch) {
    const auto windows = parse({.windows = {"SAT 00:00-24:00", "SUN 00:00-06:00"}, .blackouts = {}, .holidays = {}});
    EXPECT_EQ(open_until(windows, at("2026-11-28T12:00:00Z")), at("2026-11-29T06:00:00Z"));
    EXPECT_EQ(why_closed(windows, at("2026-11-30T12:00:00Z")), "outside SAT 00:00-24:00 UTC and SUN 00:00-06:00 UTC");
}

TEST(Windows, ABlackoutWinsOverAWindow) {
    const auto windows = parse({.windows = {"22:00-06:00"},
                                .blackouts = {"2026-12-24..2027-01-02", "2026-12-01"},
                                .holidays = {},
                                .timezone = "Europe/Berlin"});
    EXPECT_EQ(why_closed(windows, at("2026-12-23T23:00:00Z")), "blackout 2026-12-24..2027-01-02");
    EXPECT_EQ(next_open(windows, at("2026-12-23T23:00:00Z")), at("2027-01-02T23:00:00Z"));
    EXPECT_EQ(open_until(windows, at("2026-12-23T22:00:00Z")), at("2026-12-23T23:00:00Z"));
    EXPECT_EQ(why_closed(windows, at("2026-12-01T01:00:00Z")), "blackout 2026-12-01");
}

TEST(Windows, ABlackoutForEverNeverOpens) {
    const auto windows = parse({.windows = {}, .blackouts = {"2026-01-01..2199-12-31"}, .holidays = {}});
    EXPECT_EQ(next_open(windows, at("2026-11-24T00:00:00Z")), std::nullopt);
}

TEST(Windows, FollowTheClocks) {
    const auto berlin = parse(
        {.windows = {"01:30-02:30", "12:00-13:00"}, .blackouts = {}, .holidays = {}, .timezone = "Europe/Berlin"});
    // Put forward at 02:00: the window ends with the skip.
    EXPECT_EQ(open_until(berlin, at("2027-03-28T00:45:00Z")), at("2027-03-28T01:00:00Z"));
    // Put back at 03:00: 02:30 is shown twice, and the first ends it.
    EXPECT_EQ(open_until(berlin, at("2026-10-24T23:45:00Z")), at("2026-10-25T00:30:00Z"));
    EXPECT_EQ(next_open(berlin, at("2026-10-25T00:30:00Z")), at("2026-10-25T11:00:00Z"));
    // Samoa had no 30 December 2011, a Friday.
    const auto apia =
        parse({.windows = {"FRI 22:00-04:00"}, .blackouts = {}, .holidays = {}, .timezone = "Pacific/Apia"});
    EXPECT_EQ(next_open(apia, at("2011-12-25T00:00:00Z")), at("2012-01-06T08:00:00Z"));
}

TEST(Windows, OfOneTextAreSeparatedByCommasOutsideTheirDays) {
    using Texts = std::vector<std::string>;
    EXPECT_EQ(split_windows("SAT,SUN 22:00-04:00, MON-FRI 01:00-02:00 Europe/Berlin"),
              (Texts{"SAT,SUN 22:00-04:00", "MON-FRI 01:00-02:00 Europe/Berlin"}));
    EXPECT_EQ(split_windows("01:00-05:00"), Texts{"01:00-05:00"});
    EXPECT_EQ(split_windows("2026-12-24,2026-12-31..2027-01-02,"), (Texts{"2026-12-24", "2026-12-31..2027-01-02"}));
    EXPECT_EQ(split_windows(" "), Texts{});
    EXPECT_EQ(split_windows("MON, TUE"), Texts{"MON,TUE"}); // no window, and told as it was written
}

TEST(Windows, ErrorsSayWhatIsAllowed) {
    EXPECT_EQ(error_of({.windows = {"MON-FRY 01:00-05:00"}, .blackouts = {}, .holidays = {}}),
              "window \"MON-FRY 01:00-05:00\": day \"FRY\": allowed: SUN-SAT with , -");
    EXPECT_EQ(error_of({.windows = {"01:00-25:00"}, .blackouts = {}, .holidays = {}}),
              "window \"01:00-25:00\": time \"25:00\": allowed: 00:00-23:59, and 24:00");
    EXPECT_EQ(error_of({.windows = {"01:00-01:00"}, .blackouts = {}, .holidays = {}}),
              "window \"01:00-01:00\": \"01:00-01:00\" is empty; the whole day is 00:00-24:00");
    EXPECT_EQ(error_of({.windows = {}, .blackouts = {"2026-02-30"}, .holidays = {}}),
              "blackout \"2026-02-30\": \"2026-02-30\" is no date; a blackout is like 2026-12-24, "
              "2026-12-24..2027-01-02 or 2026-12-24T12:00..2026-12-26T06:00");
    EXPECT_EQ(error_of({.windows = {}, .blackouts = {"2026-02-03..2026-02-01"}, .holidays = {}}),
              "blackout \"2026-02-03..2026-02-01\": it ends before it begins");
    EXPECT_EQ(error_of({.windows = {"01:00-05:00 Europe/Berlim"}, .blackouts = {}, .holidays = {}}),
              "window \"01:00-05:00 Europe/Berlim\": timezone \"Europe/Berlim\" is not an IANA time zone of this "
              "machine, such as Europe/Berlin or UTC; did you mean Europe/Berlin?");
}
