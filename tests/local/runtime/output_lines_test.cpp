#include "local/runtime/output_lines.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using Lines = std::vector<std::string>;

TEST(OutputLines, AreCutAtTheirEndsHoweverTheyArrive) {
    OutputLines output;
    output.append("one\ntw");
    EXPECT_EQ(output.take(), Lines{"one"});
    output.append("o\r\n\nthree");
    EXPECT_EQ(output.take(), (Lines{"two", ""}));
    EXPECT_FALSE(output.is_empty());
    output.end();
    EXPECT_EQ(output.take(), Lines{"three"});
    output.end();
    EXPECT_TRUE(output.is_empty());
}

TEST(OutputLines, ALineThatIsTooLongBecomesSeveral) {
    OutputLines output;
    output.append(std::string(OutputLines::longest_line + 5, 'x') + "\n");
    const Lines lines = output.take();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].size(), OutputLines::longest_line);
    EXPECT_EQ(lines[1], "xxxxx");
}

TEST(OutputLines, WhatNobodyTakesIsLostAtSomePoint) {
    OutputLines output;
    const std::string line(99'999, 'x');
    for (int i = 0; i < 200; ++i) { output.append(line + "\n"); }
    const Lines lines = output.take();
    EXPECT_EQ(lines.size(), OutputLines::waiting_limit / line.size());
    output.append("again\n");
    EXPECT_EQ(output.take(), Lines{"again"});
}

} // namespace
} // namespace ecsr::local
