// The queue of notifications: what is repeated, what is given up, and that nobody waits for it.
#include "notify/notifier.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_mail.hpp"
#include "tests/support/scripted_transport.hpp"

#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::notify {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using testing::ManualClock;
using ::testing::Not;
using testing::ScriptedMail;
using testing::ScriptedTransport;
using ::testing::SizeIs;

// A mail server that keeps whoever calls it until it is told to go on.
class HeldMail : public MailTransport {
public:
    Result<MailReceipt> send(const MailServer& /*server*/, const MailMessage& /*message*/,
                             std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        ++calls_;
        changed_.notify_all();
        changed_.wait(lock, stop, [&] { return released_; });
        if (!released_) { return fail(ErrorKind::Interrupted, "interrupted"); }
        return MailReceipt{};
    }
    void await_call() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return calls_ > 0; });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    int calls_ = 0;
    bool released_ = false;
};

struct World {
    explicit World(ManualClock::Sleepers sleepers = ManualClock::Sleepers::Jump)
        : clock(testing::fixed_epoch, sleepers) {}

    std::unique_ptr<Notifier> notifier(NotificationSettings settings, MailTransport& mail_server,
                                       RetryPolicy policy = {}) {
        NotifierParts parts{
            .transport = transport,
            .mail = mail_server,
            .clock = clock,
            .random = Random(7),
            .make_caller = [](const std::string& /*region*/) -> Result<std::unique_ptr<aws::Caller>> {
                return fail(ErrorKind::Usage, "no region");
            },
            .read_file = [](const std::string& path) -> Result<std::string> {
                return fail(ErrorKind::NotFound, "cannot read " + path);
            },
        };
        auto made = Notifier::create(std::move(settings), std::move(parts), policy);
        EXPECT_TRUE(made) << made.error().message;
        return *std::move(made);
    }
    std::unique_ptr<Notifier> notifier(NotificationSettings settings, RetryPolicy policy = {}) {
        return notifier(std::move(settings), mail, policy);
    }

    ManualClock clock;
    ScriptedMail mail;
    ScriptedTransport transport;
};

MailSettings one_mail() {
    MailSettings mail;
    mail.server.host = "smtp.example.org";
    mail.from = "bot@example.org";
    mail.to = {"ops@example.org"};
    return mail;
}

NotificationSettings by_mail() {
    NotificationSettings settings;
    settings.mails = {one_mail()};
    return settings;
}

NotificationSettings by_webhook() {
    NotificationSettings settings;
    settings.webhooks.emplace_back();
    settings.webhooks[0].url = Secret("https://hooks.example.org/T0KEN");
    return settings;
}

Notification about(const std::string& service, NotificationEvent event = NotificationEvent::Failed) {
    Notification made;
    made.event = event;
    made.cluster = "shop";
    made.service = service;
    return made;
}

Error error_of(ErrorKind kind, int http_status = 0) {
    return {kind, "trouble", "", http_status, false};
}

std::vector<std::string> subjects(const ScriptedMail& mail) {
    std::vector<std::string> found;
    for (const auto& message : mail.sent()) { found.push_back(message.subject); }
    return found;
}

// Where the clock jumps, drain() must not be what makes it jump: the worker is waited for first.
bool wait_until_sent(Notifier& notifier) {
    return notifier.drain(std::chrono::hours(1000));
}

TEST(Notifier, TellsInTheOrderInWhichItWasTold) {
    World world(ManualClock::Sleepers::Block);
    const auto notifier = world.notifier(by_mail());
    notifier->notify(about("a", NotificationEvent::Started));
    notifier->notify(about("b", NotificationEvent::Finished));
    EXPECT_TRUE(wait_until_sent(*notifier));
    EXPECT_THAT(subjects(world.mail), ElementsAre(HasSubstr("shop/a started"), HasSubstr("shop/b finished")));
}

TEST(Notifier, AChannelGetsOnlyTheEventsThatItAskedFor) {
    World world(ManualClock::Sleepers::Block);
    auto settings = by_mail();
    settings.mails[0].events = {NotificationEvent::Skipped};
    const auto notifier = world.notifier(settings);
    for (const auto event : all_notification_events()) { notifier->notify(about("a", event)); }
    EXPECT_TRUE(wait_until_sent(*notifier));
    EXPECT_THAT(subjects(world.mail), ElementsAre(HasSubstr("was skipped")));
}

TEST(Notifier, WhatMayGetBetterIsRepeatedWithGrowingPausesAndTheSameId) {
    World world;
    for (int i = 0; i < 3; ++i) { world.mail.then(error_of(ErrorKind::Unreachable)); }
    {
        const auto notifier = world.notifier(by_mail());
        notifier->notify(about("a"));
        while (world.mail.sent().size() < 4) { std::this_thread::yield(); }
    }
    const auto sent = world.mail.sent();
    ASSERT_THAT(sent, SizeIs(4));
    for (const auto& mail : sent) { EXPECT_EQ(mail.message_id, sent[0].message_id); }
    const auto pauses = world.clock.sleeps();
    ASSERT_THAT(pauses, SizeIs(3));
    for (int i = 0; i < 3; ++i) {
        const Millis least{1000 << i};
        EXPECT_THAT(pauses[static_cast<std::size_t>(i)], ::testing::AllOf(Ge(least), Le(least * 3 / 2)));
    }
}

TEST(Notifier, WhatCannotGetBetterIsTriedOnce) {
    for (const auto kind : {ErrorKind::Credentials, ErrorKind::Refused, ErrorKind::Usage}) {
        World world(ManualClock::Sleepers::Block);
        world.mail.then(error_of(kind));
        const auto notifier = world.notifier(by_mail());
        notifier->notify(about("a"));
        EXPECT_FALSE(wait_until_sent(*notifier));
        EXPECT_THAT(world.mail.sent(), SizeIs(1));
    }
}

TEST(Notifier, AttemptsAreBounded) {
    World world;
    for (int i = 0; i < 20; ++i) { world.transport.then(testing::http_answer(503, "busy")); }
    {
        const auto notifier = world.notifier(by_webhook(), RetryPolicy{.max_attempts = 5});
        notifier->notify(about("a"));
        while (world.transport.sent().size() < 5) { std::this_thread::yield(); }
    }
    EXPECT_THAT(world.transport.sent(), SizeIs(5));
    EXPECT_THAT(world.clock.sleeps(), SizeIs(4));
}

TEST(Notifier, ASlowChannelHoldsUpNeitherTheCallerNorAnotherChannel) {
    World world(ManualClock::Sleepers::Block);
    HeldMail held;
    auto settings = by_mail();
    settings.webhooks = by_webhook().webhooks;
    world.transport.then(testing::http_answer(200, "ok"));
    const auto notifier = world.notifier(settings, held);
    notifier->notify(about("a"));
    held.await_call();
    while (world.transport.sent().empty()) { std::this_thread::yield(); }
    held.release();
    EXPECT_TRUE(wait_until_sent(*notifier));
}

TEST(Notifier, DrainGivesUpWhatIsLeftWhenTimeIsUpAndGoesOnAfterwards) {
    World world; // the clock jumps: drain's time is up at once
    HeldMail held;
    const auto notifier = world.notifier(by_mail(), held);
    notifier->notify(about("a"));
    notifier->notify(about("b"));
    held.await_call();
    EXPECT_FALSE(notifier->drain(Millis(100)));
    held.release();
    notifier->notify(about("c"));
}

TEST(Notifier, DrainEndsWhenItIsAskedTo) {
    World world(ManualClock::Sleepers::Block);
    HeldMail held;
    const auto notifier = world.notifier(by_mail(), held);
    notifier->notify(about("a"));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(notifier->drain(std::chrono::hours(1), stop.get_token()));
}

TEST(Notifier, SendNowTellsEachChannelWithoutSecrets) {
    World world;
    auto settings = by_mail();
    settings.webhooks = by_webhook().webhooks;
    settings.topics.emplace_back();
    settings.topics[0].topic_arn = "arn:aws:sns:eu-west-1:1:ops";
    world.transport.then(testing::http_answer(404, "no hook at\n/T0KEN"));
    const auto notifier = world.notifier(settings);
    const auto deliveries = notifier->send_now(about("a", NotificationEvent::Skipped), {});
    ASSERT_THAT(deliveries, SizeIs(3));
    EXPECT_TRUE(deliveries[0].status);
    EXPECT_EQ(deliveries[0].target, "ops@example.org");
    EXPECT_EQ(deliveries[1].status.error().message, "no region");
    EXPECT_EQ(deliveries[2].status.error().message, "the server answered HTTP 404: no hook at [secret]");
    EXPECT_EQ(deliveries[2].target, "hooks.example.org");
}

TEST(Notifier, BadSettingsAreRefusedWithTheirField) {
    World world;
    auto settings = by_mail();
    settings.mails[0].to = {"nobody"};
    const auto made = Notifier::create(settings, {.transport = world.transport,
                                                  .mail = world.mail,
                                                  .clock = world.clock,
                                                  .random = Random(1),
                                                  .make_caller = {},
                                                  .read_file = {}});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::Usage);
    EXPECT_EQ(made.error().message, "mails[0].to: \"nobody\" is not a mail address (name@host)");
}

} // namespace
} // namespace ecsr::notify
