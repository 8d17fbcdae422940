#include "base/text_template.hpp"
#include "model/notification_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Notification finished() {
    Notification told;
    told.event = NotificationEvent::Finished;
    told.at = *parse_rfc3339("2026-11-20T23:59:59Z");
    told.cluster = "arn:aws:ecs:eu-west-1:1:cluster/shop";
    told.service = "cart";
    told.figures = NotificationFigures{.outcome = "done", .strategy = "rolling", .tasks_recycled = 3};
    return told;
}

std::vector<std::string> fields_of(const NotificationSettings& settings) {
    std::vector<std::string> fields;
    for (const auto& problem : check(settings)) { fields.push_back(problem.field); }
    return fields;
}

TEST(Notification, EveryPlaceholderHasAValueAndNoOtherNameHas) {
    const auto values = placeholder_values(finished());
    std::vector<std::string> names;
    for (const auto& [name, value] : values) { names.push_back(name); }
    EXPECT_THAT(names, ::testing::UnorderedElementsAreArray(notification_placeholders()));
    EXPECT_EQ(values.at("date"), "20 November 2026");
    EXPECT_EQ(values.at("cluster"), "shop");
    EXPECT_EQ(values.at("title"), "Recycling shop/cart finished: 3 tasks replaced");
}

TEST(Notification, HeadlineSaysWhenSomethingWasNotPutBackAndWhenItIsATest) {
    Notification told = finished();
    told.event = NotificationEvent::Failed;
    told.figures->restored = false;
    told.is_test = true;
    EXPECT_EQ(headline(told), "TEST: Recycling shop/cart FAILED, and not everything was put back");
}

TEST(Notification, EventNamesAreReadBack) {
    for (const auto event : all_notification_events()) { EXPECT_EQ(parse_notification_event(to_string(event)), event); }
    EXPECT_EQ(parse_notification_event("done").error().message,
              "\"done\" is not one of started, finished, failed, restored, blocked, skipped");
}

TEST(TextTemplate, ValuesAreEscapedAndTheTextAroundThemIsNot) {
    const auto made = TextTemplate::parse("<b>{{ service }}</b> {{x}}{{y}}", {"service", "x", "y"});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->render({{"service", "a<b"}, {"x", "1"}}, [](const std::string& v) { return "[" + v + "]"; }),
              "<b>[a<b]</b> [1]");
}

TEST(TextTemplate, AnUnknownNameIsRefusedWithTheAllowedOnes) {
    EXPECT_EQ(TextTemplate::parse("{{servce}}", {"cluster", "service"}).error().message,
              "unknown placeholder {{servce}}, did you mean {{service}}?; allowed: cluster, service");
    EXPECT_THAT(TextTemplate::parse("{{service", {"service"}).error().message, HasSubstr("has no \"}}\""));
}

TEST(NotificationSettings, EveryProblemIsToldWithItsField) {
    NotificationSettings settings;
    settings.mails.push_back({});
    settings.mails[0].to = {"a@b", "Ann <ann@example.org>", "nobody", "a@b\r\nBcc: evil@x"};
    settings.mails[0].from = "x@y";
    settings.mails[0].server.host = "smtp.example.org/x";
    settings.mails[0].subject = "{{nothing}}";
    settings.topics.push_back({.name = "mail", .topic_arn = "arn:aws:sqs:eu-west-1:1:q"});
    settings.webhooks.push_back({.url = Secret("http://hooks.example.org/token"), .body_template = "{{"});
    settings.webhooks.push_back({.name = "other", .events = {}, .url = Secret("http://127.0.0.1:8080/x")});
    EXPECT_THAT(fields_of(settings), ElementsAre("mails[0].host", "mails[0].to", "mails[0].to", "mails[0].subject",
                                                 "topics[0].name", "topics[0].topic_arn", "webhooks[0].url",
                                                 "webhooks[0].body_template", "webhooks[1].events"));
}

TEST(NotificationSettings, RightSettingsHaveNoProblem) {
    NotificationSettings settings;
    settings.mails.push_back({});
    settings.mails[0].bcc = {"ops@example.org"};
    settings.mails[0].from = "Bot <bot@example.org>";
    settings.mails[0].server.host = "smtp.example.org";
    settings.topics.push_back({.topic_arn = "arn:aws:sns:eu-west-1:123456789012:ops"});
    settings.webhooks.push_back({.url = Secret("https://hooks.example.org/token")});
    EXPECT_THAT(fields_of(settings), IsEmpty());
}

TEST(NotificationSettings, NoPartOfASecretIsLeftInAText) {
    NotificationSettings settings;
    settings.webhooks.push_back({.url = Secret("https://hooks.example.org/services/T0/xoxb?sig=abcdef"),
                                 .headers = {{"Authorization", Secret("Bearer 123456")}},
                                 .hmac_key = Secret("key-material")});
    settings.mails.push_back({});
    settings.mails[0].server.password = Secret("hunter2!");
    const auto secrets = secrets_of(settings);
    const std::string told = redact("https://hooks.example.org/services/T0/xoxb?sig=abcdef said /services/T0/xoxb, "
                                    "sig=abcdef, Bearer 123456, key-material, hunter2!",
                                    secrets);
    EXPECT_EQ(told, "[secret] said [secret], [secret], [secret], [secret], [secret]");
}

} // namespace
} // namespace ecsr
