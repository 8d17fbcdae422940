#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace ecsr {
namespace {

TEST(Base64, IsThatOfTheStandard) {
    const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}}; // RFC 4648, section 10
    for (const auto& [plain, encoded] : examples) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
}

TEST(Base64, HoldsEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) { bytes += static_cast<char>(i); }
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(to_base64("\xFB\xFF"), "+/8=");
}

TEST(Base64, RefusesWhatItIsNot) {
    for (const char* wrong : {"Z", "Zg=", "Zm9", "Zm9vZ", "Zm 9", "Zm9-", "====", "Z===", "=Zg="}) {
        EXPECT_FALSE(from_base64(wrong).has_value()) << wrong;
    }
}

} // namespace
} // namespace ecsr
