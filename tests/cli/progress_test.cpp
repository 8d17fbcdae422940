#include "cli/progress.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace ecsr::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view erase_line = "\r\x1b[2K";

recycle::Run run_in_its_second_batch() {
    recycle::Run run;
    run.replaced.resize(1);
    run.batch = {"b"};
    run.remaining = {"c", "d"};
    return run;
}

TEST(StatusLine, IsDrawnOverAndTakenAway) {
    std::ostringstream err;
    StatusLine line(err, {.live = true, .columns = 20});
    line.draw("first", 0);
    line.draw("second", 0);
    EXPECT_EQ(err.str(), std::string(erase_line) + "first" + std::string(erase_line) + "second");
    err.str("");
    line.clear();
    line.clear();
    EXPECT_EQ(err.str(), erase_line);
}

TEST(StatusLine, NeverWraps) {
    std::ostringstream err;
    StatusLine line(err, {.live = true, .columns = 10});
    line.draw("0123456789abcdef", 0);
    EXPECT_EQ(err.str(), std::string(erase_line) + "012345678");
}

TEST(StatusLine, ColoursOnlyWhereColourIsWanted) {
    std::ostringstream err;
    StatusLine(err, {.live = true, .colour = true, .columns = 80}).draw("[##] text", 4);
    EXPECT_THAT(err.str(), HasSubstr("\x1b[36m[##]\x1b[0m text"));
    err.str("");
    StatusLine(err, {.live = true, .colour = false, .columns = 80}).draw("[##] text", 4);
    EXPECT_THAT(err.str(), Not(HasSubstr("\x1b[36m")));
}

TEST(StatusLine, IsNothingWithoutATerminal) {
    std::ostringstream err;
    {
        StatusLine line(err, {});
        line.draw("text", 2);
    }
    EXPECT_EQ(err.str(), "");
}

TEST(StatusLine, TheGaugeFillsFromLeftToRight) {
    EXPECT_EQ(progress_gauge(0, 4), "[--------------------]");
    EXPECT_EQ(progress_gauge(1, 4), "[#####---------------]");
    EXPECT_EQ(progress_gauge(4, 4), "[####################]");
    EXPECT_EQ(progress_gauge(0, 0), "[--------------------]");
}

TEST(Progress, ShowsHowFarTheRunIsAndWhatItWaitsFor) {
    std::ostringstream err;
    testing::ManualClock clock;
    StatusLine line(err, {.live = true, .columns = 120});
    Progress progress(line, clock);
    recycle::Run run = run_in_its_second_batch();
    run.started_at = clock.now() - Millis(65'000);
    recycle::Wait wait;
    wait.reason = "1 of 1 new tasks not healthy";
    progress.on_wait(run, wait, Snapshot{});
    EXPECT_EQ(err.str(), std::string(erase_line) + "[#####---------------] 1/4  1m 5s  1 of 1 new tasks not healthy");
}

} // namespace
} // namespace ecsr::cli
