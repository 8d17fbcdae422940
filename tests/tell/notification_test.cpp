#include "tell/delivery_report.hpp"
#include "tell/notification_mail.hpp"
#include "tell/notification_text.hpp"
#include "tell/run_notification.hpp"
#include "tell/webhook_body.hpp"
#include "tests/support/golden.hpp"
#include "tests/tell/facts.hpp"

#include <gmock/gmock.h>

namespace ecsr::tell {
namespace {

using ::testing::ElementsAre;
using testing::expect_golden;
using testing::finished_run;
using ::testing::HasSubstr;
using testing::noon;
using ::testing::Not;
using ::testing::SizeIs;

NotificationEvent event_of(act::RunRecord record) {
    return run_ended(record, "eu-west-1", noon).event;
}

TEST(RunNotification, ADoneRunIsFinishedAndOneThatFoundNothingIsSkipped) {
    act::RunRecord record = finished_run();
    record.run.ending = recycle::Ending{recycle::Outcome::Done, "3 tasks recycled", {}};
    record.run.restored = true;
    record.run.batch_number = 1;
    EXPECT_EQ(event_of(record), NotificationEvent::Finished);
    record.run.batch_number = 0;
    record.run.replaced.clear();
    EXPECT_EQ(event_of(record), NotificationEvent::Skipped);
}

TEST(RunNotification, ARefusedRunIsBlockedAndOneStoppedOnTheWayIsRestored) {
    act::RunRecord record = finished_run();
    record.run.restored = true;
    record.run.replaced.clear();
    record.run.batch_number = 0;
    record.run.ending = recycle::Ending{recycle::Outcome::Stopped, "desired count 0", ErrorKind::Refused};
    EXPECT_EQ(event_of(record), NotificationEvent::Blocked);
    record.run.batch_number = 2;
    record.run.ending = recycle::Ending{recycle::Outcome::Stopped, "alarm errors is in ALARM", {}};
    EXPECT_EQ(event_of(record), NotificationEvent::Restored);
}

TEST(RunNotification, WhateverIsNotPutBackOrPausedHasFailed) {
    act::RunRecord record = finished_run();
    record.run.batch_number = 1;
    for (const auto outcome : {recycle::Outcome::Done, recycle::Outcome::Stopped, recycle::Outcome::Failed,
                               recycle::Outcome::TimedOut, recycle::Outcome::RolledBack}) {
        record.run.ending = recycle::Ending{outcome, "why", {}};
        record.run.restored = false;
        EXPECT_EQ(event_of(record), NotificationEvent::Failed) << recycle::to_string(outcome);
    }
    record.run.restored = true;
    record.run.paused = true;
    EXPECT_EQ(event_of(record), NotificationEvent::Failed);
}

TEST(RunNotification, AServiceThatIsHeldBlocksAndAnyOtherErrorFails) {
    RunSpec spec;
    spec.cluster = "shop";
    spec.service = "cart";
    EXPECT_EQ(run_failed(spec, {ErrorKind::Locked, "held", "", 0, false}, "", noon).event, NotificationEvent::Blocked);
    const auto failed = run_failed(spec, {ErrorKind::Credentials, "expired", "", 0, false}, "eu-west-1", noon);
    EXPECT_EQ(failed.event, NotificationEvent::Failed);
    EXPECT_EQ(failed.reason, "expired");
}

TEST(NotificationText, TextAndHtmlOfAFinishedRun) {
    const auto told = run_ended(finished_run(), "eu-west-1", noon);
    expect_golden("notification.txt", notification_text(told, {"Not attached: cannot read /tmp/x"}));
    expect_golden("notification.html", notification_html(told, {"Not attached: cannot read /tmp/x"}));
}

TEST(NotificationText, HtmlEscapesWhatComesFromElsewhere) {
    Notification told = run_ended(finished_run(), "eu-west-1", noon);
    told.reason = "<script>alert(\"1\" & '2')</script>";
    EXPECT_THAT(notification_html(told),
                HasSubstr("&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"));
    EXPECT_THAT(notification_html(told), Not(HasSubstr("<script>")));
}

TEST(NotificationMail, TheSubjectHasPrefixSubjectAndDate) {
    MailSettings settings;
    settings.subject_prefix = "PROD";
    settings.subject = "ECS recycle";
    const auto told = run_ended(finished_run(), "eu-west-1", noon);
    EXPECT_EQ(mail_subject(settings, told), "PROD | ECS recycle | 20 November 2026");
    settings.subject_prefix.clear();
    settings.subject = "{{event}} {{reason}}";
    Notification odd = told;
    odd.event = NotificationEvent::Failed;
    odd.reason = "two\r\nlines";
    EXPECT_EQ(mail_subject(settings, odd), "failed two  lines | 20 November 2026");
}

TEST(NotificationMail, TheReportGoesAlongUnlessItIsNotWanted) {
    MailSettings settings;
    settings.from = "bot@example.org";
    settings.to = {"ops@example.org"};
    const auto told = run_ended(finished_run(), "eu-west-1", noon);
    auto mail = mail_message(settings, told, {{"a.log", "text/plain", "x"}}, {}, "1@example.org");
    ASSERT_THAT(mail.attachments, SizeIs(2));
    EXPECT_EQ(mail.attachments[0].file_name, "report.json");
    EXPECT_EQ(mail.attachments[1].content, "x");
    settings.attach_report = false;
    EXPECT_THAT(mail_message(settings, told, {}, {}, "1@example.org").attachments, SizeIs(0));
    EXPECT_EQ(media_type_of("x.LOG"), "text/plain; charset=UTF-8");
    EXPECT_EQ(media_type_of("core"), "application/octet-stream");
}

TEST(WebhookBody, ATemplateIsEscapedForJsonAndSlackForItsMarkUp) {
    WebhookSettings settings;
    settings.body_template = R"({"why": "{{reason}}", "left": {{tasks_left}}})";
    Notification told;
    told.reason = "a \"b\"\n";
    EXPECT_EQ(webhook_body(settings, told), R"({"why": "a \"b\"\n", "left": 0})");
    settings.format = WebhookFormat::Slack;
    settings.body_template = "{{reason}} <https://wiki|runbook>";
    told.reason = "<@everyone>";
    EXPECT_THAT(webhook_body(settings, told), HasSubstr("&lt;@everyone&gt; <https://wiki|runbook>"));
}

TEST(DeliveryReport, SaysWhichChannelFailedAndWhy) {
    const std::vector<DeliveryLine> lines{{"mail", "mail", "ops@example.org", true, ""},
                                          {"oncall", "slack", "hooks.slack.com", false, "HTTP 404"}};
    EXPECT_EQ(deliveries_text(lines), "ok      mail  ops@example.org\n"
                                      "failed  oncall (slack)  hooks.slack.com: HTTP 404\n");
    EXPECT_THAT(deliveries_json("failed", lines), HasSubstr("\"ok\": false"));
}

} // namespace
} // namespace ecsr::tell
