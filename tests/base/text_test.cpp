#include "base/random.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace ecsr {
namespace {

TEST(Text, percent_encoding_keeps_unreserved_characters_and_reads_back) {
    EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
    EXPECT_EQ(percent_encode("a/b", "/"), "a/b");
    std::string bytes;
    for (int i = 0; i < 256; ++i) { bytes += static_cast<char>(i); }
    EXPECT_EQ(percent_decode(percent_encode(bytes), false), bytes);
    EXPECT_EQ(percent_decode("a+b%2", true), "a b%2");
}

TEST(Text, splits_and_joins) {
    EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(split("", ','), std::vector<std::string>{""});
    EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
    EXPECT_EQ(trim(" \t x y\r\n"), "x y");
}

TEST(Text, reads_whole_numbers_only) {
    EXPECT_EQ(parse_integer("-42").value(), -42);
    for (const char* text : {"", "4x", " 4", "0x4", "99999999999999999999"}) {
        EXPECT_FALSE(parse_integer(text)) << text;
    }
}

TEST(Text, formats_bytes) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(64ULL << 20U), "64 MiB");
    EXPECT_EQ(format_bytes(3ULL << 19U), "1.5 MiB");
}

TEST(Text, the_nearest_word_is_a_typing_error_away) {
    EXPECT_EQ(nearest("recylce", {"recycle", "runs", "status"}), "recycle");
    EXPECT_EQ(nearest("zebra", {"recycle", "runs", "status"}), "");
}

TEST(Text, an_arn_ends_with_its_short_id) {
    EXPECT_EQ(short_id("arn:aws:ecs:r:1:task/c/abc"), "abc");
    EXPECT_EQ(short_id("abc"), "abc");
}

TEST(Random, replays_from_its_seed_and_stays_in_bounds) {
    Random a(7);
    Random b(7);
    for (int i = 0; i < 1000; ++i) {
        const auto value = a.between(-3, 3);
        EXPECT_EQ(value, b.between(-3, 3));
        EXPECT_GE(value, -3);
        EXPECT_LE(value, 3);
        EXPECT_LT(a.unit(), 1.0);
        (void)b.unit();
    }
    EXPECT_EQ(a.hex(32).size(), 32U);
}

} // namespace
} // namespace ecsr
