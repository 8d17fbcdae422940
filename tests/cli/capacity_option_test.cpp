#include "cli/capacity_option.hpp"

#include <gtest/gtest.h>

namespace ecsr::cli {
namespace {

TEST(CapacityOption, NamesWhatItLimits) {
    const auto all = parse_capacity("tasks=20,cpu=4096,memory=8192");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->cpu, 4096);
    EXPECT_EQ(all->memory_mib, 8192);
    EXPECT_EQ(all->tasks, 20);
    const auto one = parse_capacity("memory=0");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->memory_mib, 0);
    EXPECT_FALSE(one->cpu);
    EXPECT_FALSE(one->tasks);
}

TEST(CapacityOption, EverythingElseIsRefusedInOneLine) {
    for (const char* text : {"", "cpu", "cpu=", "cpu=-1", "cpu=1.5", "cpu=1,cpu=2", "disk=3", "cpu=1,", "cpu=1=2"}) {
        const auto read = parse_capacity(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, ErrorKind::Usage);
        EXPECT_TRUE(read.error().message.starts_with("\"" + std::string(text) + "\" is no capacity: write cpu=UNITS"));
        EXPECT_EQ(read.error().message.find('\n'), std::string::npos);
    }
}

} // namespace
} // namespace ecsr::cli
