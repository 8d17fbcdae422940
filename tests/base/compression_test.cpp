#include "base/compression.hpp"

#include <gmock/gmock.h>
#include <numeric>

namespace ecsr {
namespace {

using ::testing::HasSubstr;

TEST(Compression, GivesBackWhatItTook) {
    std::string bytes(300'000, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    for (const std::string& text : {std::string(), std::string("a"), bytes}) {
        EXPECT_EQ(decompress(compress(text), 300'000).value(), text);
    }
    EXPECT_LT(compress(bytes).size(), 10'000U);
    EXPECT_THAT(decompress(compress(bytes), 100'000).error().message, HasSubstr("more than 100000 bytes"));
}

TEST(Compression, TellsWhatIsDamaged) {
    const std::string whole = compress("what is kept, what is kept");
    std::string flipped = whole;
    flipped[whole.size() - 6] ^= 1;
    for (const std::string& wrong : {std::string(), std::string("{}"), whole.substr(0, whole.size() - 1), flipped}) {
        EXPECT_EQ(decompress(wrong, 1'000).error().kind, ErrorKind::Io);
    }
}

TEST(Compression, TakesNoOtherEnvelopeThanTheOneNamed) {
    // What "printf kept | gzip -n" writes.
    const std::string gzip(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x4e\x2d\x28\x01\x00\x06\x6a\x28\xfb\x04\x00\x00\x00", 24);
    EXPECT_EQ(decompress(gzip, 100, Envelope::Gzip).value(), "kept");
    EXPECT_FALSE(decompress(gzip, 100, Envelope::Zlib).has_value());
    EXPECT_FALSE(decompress(compress("kept"), 100, Envelope::Gzip).has_value());
}

} // namespace
} // namespace ecsr
