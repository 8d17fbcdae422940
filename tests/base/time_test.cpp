#include "base/time.hpp"

#include <gmock/gmock.h>

namespace ecsr {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Rfc3339, reads_back_what_it_prints) {
    for (const std::int64_t ms : {0LL, 1LL, 1'763'642'096'789LL, 951'782'400'000LL, 4'107'542'400'999LL}) {
        const Instant at{Millis(ms)};
        EXPECT_EQ(parse_rfc3339(to_rfc3339(at)).value(), at) << to_rfc3339(at);
    }
    EXPECT_EQ(to_rfc3339(Instant(Millis(951'782'400'000))), "2000-02-29T00:00:00Z");
}

TEST(Rfc3339, takes_offsets) {
    EXPECT_EQ(parse_rfc3339("2026-11-20T14:30:00+02:00").value(), parse_rfc3339("2026-11-20T12:30:00Z").value());
    EXPECT_EQ(parse_rfc3339("2026-11-20T07:00:00-05:30").value(), parse_rfc3339("2026-11-20T12:30:00Z").value());
}

TEST(Rfc3339, refuses_what_is_no_time) {
    for (const char* text : {"", "now", "2026-11-20", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                             "2026-11-20T24:00:00Z", "2026-11-20T00:00:00", "2026-11-20T00:00:00Zx"}) {
        const auto parsed = parse_rfc3339(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::Usage);
    }
}

TEST(Duration, takes_numbers_with_units) {
    EXPECT_EQ(parse_duration("30s").value(), 30s);
    EXPECT_EQ(parse_duration("250ms").value(), 250ms);
    EXPECT_EQ(parse_duration("1h30m").value(), 90min);
    EXPECT_EQ(parse_duration("2d").value(), 48h);
    EXPECT_EQ(parse_duration("0").value(), 0s);
}

TEST(Duration, refuses_a_bare_number_and_says_what_is_allowed) {
    for (const char* text :
         {"", "30", "s", "-1s", "1.5h", "3 s", "99999999999999999999s", "9223372036854775807d", "1h 2m"}) {
        const auto parsed = parse_duration(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_THAT(parsed.error().message, HasSubstr("30s"));
    }
}

TEST(Duration, prints_what_it_reads_back) {
    for (const Millis span : {0ms, 1ms, 999ms, 60'000ms, 90'061'001ms}) {
        EXPECT_EQ(parse_duration(format_duration(span)).value(), span) << format_duration(span);
    }
}

TEST(Age, shows_two_units_at_most) {
    EXPECT_EQ(format_age(4'200ms), "4.2s");
    EXPECT_EQ(format_age(65s), "1m 5s");
    EXPECT_EQ(format_age(3600s), "1h");
    EXPECT_EQ(format_age(76h + 20min), "3d 4h");
    EXPECT_EQ(format_age(-5s), "0.0s");
}

TEST(EpochSeconds, keep_milliseconds) {
    const Instant at{Millis(1'672'909'881'161)};
    EXPECT_EQ(from_epoch_seconds(to_epoch_seconds(at)), at);
}

} // namespace
} // namespace ecsr
