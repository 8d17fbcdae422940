#include "config/older_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As people find it beside the older tools, before they fill it in.
constexpr const char* untouched = R"({
  "awsCredentials": {
    "region_name": "<AWS region>",
    "profile_name": "<profile>",
    "role_arn": "<role ARN>",
    "access_key": "<access key>",
    "secret_access_key": "<secret>",
    "session_token": "<token>"
  },
  "smtpCredentials": {"host": "<SMTP host>", "port": "<SMTP port>", "username": "<user>", "password": "<password>",
                      "from_email": "<from>"},
  "emailNotification": {"email_subject": "<subject>", "subject_prefix": "<prefix>", "to": ["<to>"], "cc": "<cc>",
                        "bcc": [], "attachments": "<files>"}
})";

OlderInput parsed(std::string_view text) {
    auto input = parse_older_input(text, "input.json");
    EXPECT_TRUE(input) << input.error().message;
    return input.value_or(OlderInput{});
}

std::string error_of(std::string_view text) {
    const auto input = parse_older_input(text, "input.json");
    if (input) { return "none"; }
    EXPECT_EQ(input.error().kind, ErrorKind::Usage);
    return input.error().message;
}

aws::SessionOptions applied(std::string_view text, aws::SessionOptions options = {}) {
    apply(parsed(text).credentials, options);
    return options;
}

TEST(OlderInput, ValuesInAngleBracketsAreNotSet) {
    const OlderInput input = parsed(untouched);
    EXPECT_TRUE(input.notifications.empty());
    const auto options = applied(untouched);
    EXPECT_FALSE(options.region || options.profile || options.role_arn || options.access_key_id);
    EXPECT_THAT(input.warnings, IsEmpty());
}

TEST(OlderInput, AProfileWinsOverRoleTokenAndKeys) {
    const auto options = applied(R"({"awsCredentials": {"region_name": "eu-west-1", "profile_name": "ops",
        "role_arn": "arn:aws:iam::1:role/r", "access_key": "AK", "secret_key": "SK", "session_token": "T"}})");
    EXPECT_EQ(options.region, "eu-west-1");
    EXPECT_EQ(options.profile, "ops");
    EXPECT_FALSE(options.role_arn || options.access_key_id || options.secret_access_key || options.session_token);
}

TEST(OlderInput, ARoleIsAssumedWithTheKeysOfTheFile) {
    const auto options = applied(R"({"awsCredentials": {"role_arn": "arn:aws:iam::1:role/r", "access_key": "AK",
        "secret_access_key": "SK"}})");
    EXPECT_EQ(options.role_arn, "arn:aws:iam::1:role/r");
    EXPECT_EQ(options.access_key_id, "AK");
    EXPECT_EQ(options.secret_access_key, "SK");
}

TEST(OlderInput, ATokenGoesWithItsKeys) {
    const auto options = applied(R"({"awsCredentials": {"access_key": "AK", "secret_key": "SK",
        "session_token": "T", "profile_name": "<profile>", "role_arn": ""}})");
    EXPECT_FALSE(options.profile || options.role_arn);
    EXPECT_EQ(options.session_token, "T");
}

TEST(OlderInput, FlagsWinOverTheFile) {
    const char* text = R"({"awsCredentials": {"region_name": "eu-west-1", "role_arn": "arn:aws:iam::1:role/file",
        "access_key": "AK", "secret_key": "SK"}})";
    aws::SessionOptions flags;
    flags.region = "us-east-1";
    flags.role_arn = "arn:aws:iam::1:role/flag";
    auto options = applied(text, flags);
    EXPECT_EQ(options.region, "us-east-1");
    EXPECT_EQ(options.role_arn, "arn:aws:iam::1:role/flag");
    flags = {};
    flags.profile = "flag";
    options = applied(text, flags);
    EXPECT_EQ(options.profile, "flag");
    EXPECT_EQ(options.region, "eu-west-1");
    EXPECT_FALSE(options.role_arn || options.access_key_id);
}

TEST(OlderInput, HalfAKeyPairIsRefusedUnlessAProfileIsUsed) {
    EXPECT_EQ(error_of("{\n\"awsCredentials\": {\n\"access_key\": \"AK\"}}"),
              "input.json:3: awsCredentials.access_key: access_key and secret_key must be given together");
    EXPECT_EQ(error_of(R"({"awsCredentials": {"profile_name": "ops", "access_key": "AK"}})"), "none");
    EXPECT_THAT(error_of(R"({"awsCredentials": {"session_token": "T"}})"), HasSubstr("needs access_key"));
}

TEST(OlderInput, MailGoesToListsTextsAndTextsWithCommas) {
    const OlderInput input = parsed(R"({
        "smtpCredentials": {"host": "smtp.example.org", "port": "465", "username": "bot", "password": "pw",
                            "from_email": "bot@example.org"},
        "emailNotification": {"email_subject": "ECS recycle", "subject_prefix": "PROD", "to": "a@x.org, b@x.org",
                              "cc": ["c@x.org", "<cc>"], "bcc": "d@x.org", "attachments": ["/var/log/a.log"]}})");
    ASSERT_EQ(input.notifications.mails.size(), 1U);
    const MailSettings& mail = input.notifications.mails[0];
    EXPECT_EQ(mail.server.host, "smtp.example.org");
    EXPECT_EQ(mail.server.port, 465);
    EXPECT_EQ(mail.server.security, MailSecurity::Tls);
    EXPECT_EQ(mail.server.password.reveal(), "pw");
    EXPECT_THAT(mail.to, ElementsAre("a@x.org", "b@x.org"));
    EXPECT_THAT(mail.cc, ElementsAre("c@x.org"));
    EXPECT_THAT(mail.bcc, ElementsAre("d@x.org"));
    EXPECT_THAT(mail.attachments, ElementsAre("/var/log/a.log"));
    EXPECT_EQ(mail.subject, "ECS recycle");
    EXPECT_EQ(mail.subject_prefix, "PROD");
}

TEST(OlderInput, WithoutASenderTheUserNameIsTakenWhenItIsAnAddress) {
    const OlderInput input = parsed(R"({"smtpCredentials": {"host": "h", "username": "bot@x.org", "password": "p"},
        "emailNotification": {"to": "a@x.org"}})");
    EXPECT_EQ(input.notifications.mails.at(0).from, "bot@x.org");
    EXPECT_EQ(input.notifications.mails.at(0).server.port, 587);
    EXPECT_EQ(input.notifications.mails.at(0).server.security, MailSecurity::StartTls);
    EXPECT_EQ(input.notifications.mails.at(0).subject, "{{title}}");
    EXPECT_THAT(error_of(R"({"smtpCredentials": {"host": "h"}, "emailNotification": {"to": "a@x.org"}})"),
                HasSubstr("smtpCredentials.from_email: is not set"));
}

TEST(OlderInput, ErrorsNameLineAndMember) {
    EXPECT_EQ(error_of("{\n  \"smtpCredentials\": {\n    \"port\": 70000}}"),
              "input.json:3: smtpCredentials.port: must be a number from 1 to 65535");
    EXPECT_EQ(error_of("{\n  \"smtpCredentials\": {\n    \"host\": 7}}"),
              "input.json:3: smtpCredentials.host: must be a text, is a number");
    EXPECT_EQ(error_of("{\n  \"emailNotification\": {\"to\": [1]}}"),
              "input.json:2: emailNotification.to: must be a list of texts, holds a number");
    EXPECT_EQ(error_of("{\"awsCredentials\": []}"), "input.json:1: awsCredentials: must be an object, is a list");
    EXPECT_EQ(error_of("[]"), "input.json:1: must be an object, is a list");
    EXPECT_EQ(error_of("{\n\"smtpCredentials\": {},\n\n\"emailNotification\": {\"to\": \"a@x.org\"}}"),
              "input.json:2: smtpCredentials.host: is not set, but emailNotification names recipients");
    EXPECT_THAT(error_of("{\n\"smtpCredentials\": {\"host\": \"h\", \"from_email\": \"f@x.org\"},\n"
                         "\"emailNotification\": {\"to\": \"nobody\"}}"),
                HasSubstr("input.json:3: emailNotification.to: \"nobody\" is not a mail address"));
}

TEST(OlderInput, TextThatIsNotJsonIsToldWithItsLine) {
    EXPECT_THAT(error_of("{\n  \"awsCredentials\": {\n    \"region_name\" \"eu\"}}"),
                HasSubstr("input.json:3: not JSON"));
    EXPECT_THAT(error_of("{}\n\n{}"), HasSubstr("input.json:3: not JSON"));
    EXPECT_THAT(error_of(""), HasSubstr("input.json:1: not JSON"));
    EXPECT_THAT(error_of("{\"a\": 1"), HasSubstr("input.json:1: not JSON"));
}

TEST(OlderInput, OtherMembersAreIgnoredAndTold) {
    const OlderInput input = parsed("\xEF\xBB\xBF"
                                    R"({"emailNotificaton": {}, "ecs": {"cluster": "x"},
        "awsCredentials": {"regoin_name": "eu-west-1", "account": "1"}})");
    EXPECT_THAT(input.warnings,
                ElementsAre("input.json: emailNotificaton is not known and ignored; did you mean emailNotification?",
                            "input.json: ecs is not known and ignored; known: awsCredentials, emailNotification, "
                            "smtpCredentials",
                            "input.json: awsCredentials.regoin_name is not known and ignored; did you mean "
                            "region_name?",
                            "input.json: awsCredentials.account is not known and ignored; known: region_name, "
                            "profile_name, role_arn, access_key, secret_key, secret_access_key, session_token"));
}

} // namespace
} // namespace ecsr::config
