// What is said about an expression that is wrong.
#include "schedule/schedule.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace ecsr;
using namespace ecsr::schedule;

namespace {

std::string error_of(const std::string& expression, std::string_view zone = "UTC") {
    const auto schedule = parse_schedule(expression, zone);
    if (schedule) { return "no error"; }
    EXPECT_EQ(schedule.error().kind, ErrorKind::Usage);
    const std::string prefix = "schedule \"" + expression + "\": ";
    const auto& message = schedule.error().message;
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string cron_error(const std::string& fields) {
    return error_of("cron(" + fields + ")");
}

} // namespace

TEST(Words, NameTheFieldAndWhatItAllows) {
    EXPECT_EQ(cron_error("60 3 * * ? *"), "minute \"60\": 60 is not in 0-59; allowed: 0-59 with , - * /");
    EXPECT_EQ(cron_error("0 1,25 * * ? *"), "hour \"1,25\": 25 is not in 0-23; allowed: 0-23 with , - * /");
    EXPECT_EQ(cron_error("0 3 0 * ? *"),
              "day-of-month \"0\": 0 is not in 1-31; allowed: 1-31 with , - * ? / and L, LW, 15W");
    EXPECT_EQ(cron_error("0 3 W * ? *"),
              "day-of-month \"W\": a value is missing; allowed: 1-31 with , - * ? / and L, LW, 15W");
    EXPECT_EQ(cron_error("0 3 L-3 * ? *"),
              "day-of-month \"L-3\": \"L\" is no value of it; allowed: 1-31 with , - * ? / and L, LW, 15W");
    EXPECT_EQ(cron_error("0 3 * JANUARY ? *"),
              "month \"JANUARY\": \"JANUARY\" is no value of it; allowed: 1-12 or JAN-DEC with , - * /");
    EXPECT_EQ(cron_error("0 3 * ? * *"), "day-of-month \"*\" and day-of-week \"*\": exactly one of them must be ?");
    EXPECT_EQ(cron_error("0 3 ? ? MON *"),
              "month \"?\": \"?\" is no value of it; allowed: 1-12 or JAN-DEC with , - * /");
    EXPECT_EQ(cron_error("0 3 ? * 0 *"),
              "day-of-week \"0\": 0 is not in 1-7; allowed: 1-7 or SUN-SAT with , - * ? / and L, 5L, 3#2");
    EXPECT_EQ(
        cron_error("0 3 ? * 3#6 *"),
        "day-of-week \"3#6\": \"6\" after # is not in 1-5; allowed: 1-7 or SUN-SAT with , - * ? / and L, 5L, 3#2");
    EXPECT_EQ(cron_error("0 3 ? * 3#1,6#3 *"),
              "day-of-week \"3#1,6#3\": an expression with # stands alone; allowed: 1-7 "
              "or SUN-SAT with , - * ? / and L, 5L, 3#2");
    EXPECT_EQ(cron_error("0 3 ? * MON 2200"),
              "year \"2200\": 2200 is not in 1970-2199; allowed: 1970-2199 with , - * /");
    EXPECT_EQ(cron_error("0 3 ? * MON 2030-2020"),
              "year \"2030-2020\": 2030-2020 runs backwards; allowed: 1970-2199 with , - * /");
    EXPECT_EQ(cron_error("0/0 3 ? * MON *"),
              "minute \"0/0\": \"0\" after / is no whole number above 0; allowed: 0-59 with , - * /");
    EXPECT_EQ(cron_error("*,5 3 ? * MON *"), "minute \"*,5\": * stands alone; allowed: 0-59 with , - * /");
    EXPECT_EQ(cron_error("5, 3 ? * MON *"), "minute \"5,\": a value is missing; allowed: 0-59 with , - * /");
}

TEST(Words, CountTheFields) {
    EXPECT_EQ(cron_error("0 3 * * *"),
              "cron has 5 fields where 6 are needed: minute hour day-of-month month day-of-week year");
    EXPECT_EQ(cron_error(""), "cron has 0 fields where 6 are needed: minute hour day-of-month month day-of-week year");
    EXPECT_EQ(cron_error("* * ? * ? *"), "day-of-month \"?\" and day-of-week \"?\": exactly one of them must be ?");
}

TEST(Words, SayWhatAScheduleIs) {
    const std::string kinds = "a schedule is rate(12 hours), cron(0 3 ? * MON-FRI *) or at(2026-12-01T03:00:00)";
    for (const std::string text : {"", "0 3 * * ? *", "cron(0 3 * * ? *", "every(5 minutes)", "CRON(0 3 * * ? *)"}) {
        EXPECT_EQ(error_of(text), kinds) << text;
    }
    EXPECT_EQ(error_of(std::string(300, 'x')),
              "schedule \"" + std::string(40, 'x') + "...\" is longer than 256 characters");
}

TEST(Words, OfRate) {
    const std::string shape = "; rate takes a whole number above 0 and minutes, hours or days";
    EXPECT_EQ(error_of("rate(0 minutes)"), "value \"0\" is no whole number above 0" + shape);
    EXPECT_EQ(error_of("rate(-5 minutes)"), "value \"-5\" is no whole number above 0" + shape);
    EXPECT_EQ(error_of("rate(1.5 hours)"), "value \"1.5\" is no whole number above 0" + shape);
    EXPECT_EQ(error_of("rate(5)"), "unit \"\" is not known" + shape);
    EXPECT_EQ(error_of("rate(5 weeks)"), "unit \"weeks\" is not known" + shape);
    EXPECT_EQ(error_of("rate(5 minute)"), "unit \"minute\" goes with 1 only; write 5 minutes");
    EXPECT_EQ(error_of("rate(99999999 days)"), "value \"99999999\" is above 36525 days, a century");
    EXPECT_EQ(error_of("rate(1 hours)"), "no error");
    EXPECT_EQ(error_of("rate(1 hour)"), "no error");
}

TEST(Words, OfAt) {
    const std::string shape = "; at takes yyyy-mm-ddThh:mm:ss, such as at(2026-12-01T03:00:00)";
    for (const std::string text : {"2026-12-01", "2026-12-01T03:00", "2026-02-30T03:00:00", "2026-12-01T24:00:00",
                                   "2026-12-01T03:00:60", "2026-12-01 03:00:00", "2026-12-01T03:00:00Z"}) {
        EXPECT_EQ(error_of("at(" + text + ")"), "\"" + text + "\" is no date and time" + shape);
    }
    EXPECT_EQ(error_of("at(2027-03-28T02:30:00)", "Europe/Berlin"),
              "\"2027-03-28T02:30:00\" never happens in Europe/Berlin: clocks are put forward over it");
}

TEST(Words, OfZones) {
    EXPECT_EQ(
        error_of("rate(1 hour)", "europe/berlin"),
        "timezone \"europe/berlin\" is not an IANA time zone of this machine, such as Europe/Berlin or UTC; did you "
        "mean Europe/Berlin?");
    EXPECT_EQ(error_of("rate(1 hour)", ""),
              "timezone \"\" is not an IANA time zone of this machine, such as Europe/Berlin or UTC");
    EXPECT_EQ(error_of("rate(1 hour)", "../../etc/passwd"),
              "timezone \"../../etc/passwd\" is not an IANA time zone of this machine, such as Europe/Berlin or UTC");
    for (const char* name : {"Fixed/UTC+01:00:00", "right/UTC", "libc:localtime", "Europe", "tzdata.zi"}) {
        EXPECT_NE(error_of("rate(1 hour)", name).find("is not an IANA time zone"), std::string::npos) << name;
    }
}
