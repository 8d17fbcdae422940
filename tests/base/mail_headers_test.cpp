#include "base/mail_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

MailMessage message() {
    MailMessage made;
    made.from = "bot@example.org";
    made.to = {"ops@example.org"};
    made.subject = "subject";
    made.message_id = "1@example.org";
    return made;
}

TEST(MailHeaders, DateIsThatOfRfc5322) {
    EXPECT_EQ(mail_date(*parse_rfc3339("2026-11-20T01:02:03.9Z")), "Fri, 20 Nov 2026 01:02:03 +0000");
    EXPECT_EQ(mail_date(*parse_rfc3339("2028-02-29T23:59:59Z")), "Tue, 29 Feb 2028 23:59:59 +0000");
}

TEST(MailHeaders, TextBeyondAsciiBecomesEncodedWordsThatNeverCutACharacter) {
    EXPECT_EQ(encode_mail_text("plain"), "plain");
    EXPECT_EQ(encode_mail_text("Größe"), "=?UTF-8?B?R3LDtsOfZQ==?=");
    std::string snowmen;
    for (int i = 0; i < 40; ++i) { snowmen += "a☃"; } // 4 bytes a pair: 45 is no multiple
    const std::string encoded = encode_mail_text(snowmen);
    EXPECT_THAT(encoded, Not(HasSubstr("w==?=\r\n"))); // never a lone first byte at the end of a word
    std::size_t begin = 0;
    while (begin < encoded.size()) {
        const auto end = std::min(encoded.find("\r\n ", begin), encoded.size());
        EXPECT_LE(end - begin, 75U);
        begin = end + 3;
    }
}

TEST(MailHeaders, NamesAreQuotedOrEncodedAndAddressesAreNot) {
    MailMessage mail = message();
    mail.from = "Ops, \"the\" team <ops@example.org>";
    mail.to = {"Jürgen <j@example.org>", "\"Quoted\" <q@example.org>"};
    const auto headers = mail_headers(mail);
    ASSERT_TRUE(headers);
    EXPECT_THAT(*headers, Contains("From: \"Ops, \\\"the\\\" team\" <ops@example.org>"));
    EXPECT_THAT(*headers, Contains("To: =?UTF-8?B?SsO8cmdlbg==?= <j@example.org>,\r\n \"Quoted\" <q@example.org>"));
    EXPECT_EQ(bare_address("Jürgen <j@example.org>"), "j@example.org");
}

TEST(MailHeaders, BccStandsInNoHeader) {
    MailMessage mail = message();
    mail.to.clear();
    mail.bcc = {"hidden@example.org"};
    const auto headers = mail_headers(mail);
    ASSERT_TRUE(headers);
    EXPECT_THAT(*headers, Each(Not(HasSubstr("hidden"))));
    EXPECT_THAT(*headers, Contains("To: undisclosed-recipients:;"));
}

TEST(MailHeaders, ALineBreakCannotAddAHeader) {
    MailMessage mail = message();
    mail.subject = "x\r\nBcc: evil@example.org";
    EXPECT_EQ(mail_headers(mail).error().kind, ErrorKind::Usage);
    mail = message();
    mail.to = {"a@example.org\nBcc: evil@example.org"};
    EXPECT_FALSE(mail_headers(mail));
    mail.to.clear();
    EXPECT_FALSE(mail_headers(mail));
}

} // namespace
} // namespace ecsr
