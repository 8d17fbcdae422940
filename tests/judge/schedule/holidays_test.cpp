#include "judge/schedule/holidays.hpp"
#include "judge/schedule/windows.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace ecsr;
using namespace ecsr::schedule;

namespace {

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

// A calendar of one event; `lines` are separated by blanks.
std::string calendar(const std::string& lines, const std::string& more = "") {
    std::string event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Feast\r\n";
    for (const char c : lines) { event += c == ' ' ? std::string("\r\n") : std::string(1, c); }
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n" + more + event + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

Spans parse(const std::string& text, std::string_view zone = "Europe/Berlin") {
    auto spans = parse_holidays(text, TimeZone::find(zone).value());
    if (!spans) { throw std::runtime_error(spans.error().message); }
    return *std::move(spans);
}

std::string error_of(const std::string& text) {
    const auto spans = parse_holidays(text, TimeZone());
    return spans ? "no error" : spans.error().message;
}

// "begin/end" of every span, on the wall clock of Berlin.
std::vector<std::string> listed(const Spans& spans) {
    const auto zone = TimeZone::find("Europe/Berlin").value();
    std::vector<std::string> texts;
    const Span* span = spans.after(at("1900-01-01T00:00:00Z"));
    for (; span != nullptr; span = spans.after(span->begin)) {
        texts.push_back(zone.text(span->begin) + "/" + zone.text(span->end));
    }
    return texts;
}

using Texts = std::vector<std::string>;

// How Outlook describes its zones.
constexpr const char* outlook_zone =
    "BEGIN:VTIMEZONE\r\nTZID:W._Europe_Standard_Time\r\n"
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

} // namespace

TEST(Holidays, AWholeDayIsADayOfTheZone) {
    const auto spans = parse(calendar("DTSTART;VALUE=DATE:20261225 DTEND;VALUE=DATE:20261227"));
    EXPECT_EQ(listed(spans), (Texts{"2026-12-25T00:00:00+01:00/2026-12-27T00:00:00+01:00"}));
    EXPECT_EQ(listed(parse(calendar("DTSTART;VALUE=DATE:20261225"))),
              (Texts{"2026-12-25T00:00:00+01:00/2026-12-26T00:00:00+01:00"}));
    // The day on which clocks change is longer, and still one day.
    EXPECT_EQ(listed(parse(calendar("DTSTART;VALUE=DATE:20261025 DURATION:P1D"))),
              (Texts{"2026-10-25T00:00:00+02:00/2026-10-26T00:00:00+01:00"}));
}

TEST(Holidays, EveryYearForEver) {
    const auto spans = parse(calendar("DTSTART;VALUE=DATE:20200101 RRULE:FREQ=YEARLY"));
    EXPECT_EQ(spans.size(), 180U);
    const Span* span = spans.at(at("2041-01-01T11:00:00Z"));
    ASSERT_NE(span, nullptr);
    EXPECT_EQ(span->why, "holiday: Feast");
    EXPECT_EQ(spans.at(at("2041-01-02T11:00:00Z")), nullptr);
}

TEST(Holidays, OnTheFourthThursdayOfNovember) {
    EXPECT_EQ(listed(parse(calendar("DTSTART;VALUE=DATE:20251127 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3"))),
              (Texts{"2025-11-27T00:00:00+01:00/2025-11-28T00:00:00+01:00",
                     "2026-11-26T00:00:00+01:00/2026-11-27T00:00:00+01:00",
                     "2027-11-25T00:00:00+01:00/2027-11-26T00:00:00+01:00"}));
}

TEST(Holidays, HoursOnTheClockOfTheEvent) {
    EXPECT_EQ(listed(parse(calendar("DTSTART;TZID=America/New_York:20261101T220000 DTEND;TZID=America/New_York:"
                                    "20261102T020000"))),
              (Texts{"2026-11-02T04:00:00+01:00/2026-11-02T08:00:00+01:00"}));
    EXPECT_EQ(listed(parse(calendar("DTSTART:20261224T120000Z DURATION:PT6H"))),
              (Texts{"2026-12-24T13:00:00+01:00/2026-12-24T19:00:00+01:00"}));
    EXPECT_EQ(listed(parse(calendar("DTSTART:20261224T120000 DURATION:PT6H"))),
              (Texts{"2026-12-24T12:00:00+01:00/2026-12-24T18:00:00+01:00"}));
    EXPECT_EQ(listed(parse(calendar("DTSTART;TZID=W._Europe_Standard_Time:20260701T120000 DURATION:PT1H", outlook_zone),
                           "Asia/Tokyo")),
              (Texts{"2026-07-01T12:00:00+02:00/2026-07-01T13:00:00+02:00"}));
}

TEST(Holidays, RepeatOnTheWallClockUntilAMomentInUtc) {
    // The last is at 01:00 in Berlin, which is the UNTIL.
    EXPECT_EQ(listed(parse(calendar("DTSTART;TZID=Europe/Berlin:20261201T010000 DURATION:PT1H "
                                    "RRULE:FREQ=DAILY;UNTIL=20261203T000000Z"))),
              (Texts{"2026-12-01T01:00:00+01:00/2026-12-01T02:00:00+01:00",
                     "2026-12-02T01:00:00+01:00/2026-12-02T02:00:00+01:00",
                     "2026-12-03T01:00:00+01:00/2026-12-03T02:00:00+01:00"}));
    EXPECT_EQ(
        listed(parse(calendar("DTSTART;TZID=Europe/Berlin:20261024T120000 DURATION:PT1H RRULE:FREQ=DAILY;COUNT=2"))),
        (Texts{"2026-10-24T12:00:00+02:00/2026-10-24T13:00:00+02:00",
               "2026-10-25T12:00:00+01:00/2026-10-25T13:00:00+01:00"}));
}

TEST(Holidays, LessWhatIsTakenOut) {
    EXPECT_EQ(listed(parse(calendar("DTSTART;VALUE=DATE:20261201 RRULE:FREQ=DAILY;COUNT=4 "
                                    "EXDATE;VALUE=DATE:20261202,20261203"))),
              (Texts{"2026-12-01T00:00:00+01:00/2026-12-02T00:00:00+01:00",
                     "2026-12-04T00:00:00+01:00/2026-12-05T00:00:00+01:00"}));
    EXPECT_EQ(listed(parse(calendar("DTSTART;TZID=Europe/Berlin:20261201T010000 DURATION:PT1H RRULE:FREQ=DAILY;COUNT=2 "
                                    "EXDATE:20261201T000000Z RDATE;TZID=Europe/Berlin:20261210T010000"))),
              (Texts{"2026-12-02T01:00:00+01:00/2026-12-02T02:00:00+01:00",
                     "2026-12-10T01:00:00+01:00/2026-12-10T02:00:00+01:00"}));
}

TEST(Holidays, AnotherEventMayReplaceOneOccurrence) {
    const std::string moved = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Moved\r\nRECURRENCE-ID;VALUE=DATE:20261202\r\n"
                              "DTSTART;VALUE=DATE:20261212\r\nEND:VEVENT\r\n";
    const auto spans = parse(calendar("DTSTART;VALUE=DATE:20261201 RRULE:FREQ=DAILY;COUNT=2", moved));
    EXPECT_EQ(listed(spans), (Texts{"2026-12-01T00:00:00+01:00/2026-12-02T00:00:00+01:00",
                                    "2026-12-12T00:00:00+01:00/2026-12-13T00:00:00+01:00"}));
    EXPECT_EQ(spans.at(at("2026-12-12T12:00:00Z"))->why, "holiday: Moved");
}

TEST(Holidays, CancelledAndEmptyEventsTakeNoTime) {
    EXPECT_TRUE(parse(calendar("DTSTART;VALUE=DATE:20261201 STATUS:CANCELLED")).empty());
    EXPECT_TRUE(parse(calendar("DTSTART:20261201T120000Z")).empty());
    EXPECT_EQ(parse(calendar("DTSTART;VALUE=DATE:20261201 TRANSP:TRANSPARENT")).size(), 1U);
}

TEST(Holidays, ErrorsNameTheEvent) {
    EXPECT_EQ(error_of(""), "is no iCalendar file: it does not begin with BEGIN:VCALENDAR");
    EXPECT_EQ(error_of("<html></html>"), "is no iCalendar file: it does not begin with BEGIN:VCALENDAR");
    EXPECT_EQ(error_of(calendar("DTSTART;VALUE=DATE:20261301")),
              "event \"Feast\": its DTSTART is no time that there is");
    EXPECT_EQ(error_of(calendar("DTSTART;VALUE=DATE:20261201 RRULE:FREQ=SOMETIMES")),
              "event \"Feast\": its RRULE cannot be read");
    EXPECT_EQ(error_of(calendar("DTSTART;TZID=Mars/Olympus:20261201T120000")),
              "event \"Feast\": its TZID \"Mars/Olympus\" is neither an IANA time zone nor described in the file");
    EXPECT_EQ(error_of(calendar("DTSTART;VALUE=DATE:20261203 DTEND;VALUE=DATE:20261201")),
              "event \"Feast\": ends before it begins");
    EXPECT_EQ(error_of(calendar("DTSTART:20261203T000000Z DURATION:PT1M RRULE:FREQ=MINUTELY")),
              "event \"Feast\": repeats more than 100000 times");
    EXPECT_EQ(error_of(calendar("SUMMARY:More")), "event \"Feast\": has no DTSTART");
}

TEST(Holidays, CloseAService) {
    WindowTexts texts{.windows = {"01:00-05:00"}, .blackouts = {}, .holidays = {}, .timezone = "Europe/Berlin"};
    texts.holidays = parse(calendar("DTSTART;VALUE=DATE:20261225 DTEND;VALUE=DATE:20261227"));
    const auto windows = parse_windows(texts).value();
    EXPECT_EQ(why_closed(windows, at("2026-12-25T02:00:00Z")), "holiday: Feast");
    EXPECT_EQ(next_open(windows, at("2026-12-25T02:00:00Z")), at("2026-12-27T00:00:00Z"));
}
