// SNS: who gets what, and what becomes of it (ECS behaviour A11).
#include "local/messages/deliveries.hpp"
#include "local/messages/topics.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class RecordingPostman : public Postman {
public:
    void send(std::uint64_t letter, const HttpRequest& request) override { sent.emplace_back(letter, request); }
    std::vector<LetterOutcome> take_outcomes() override { return {}; }

    std::vector<std::pair<std::uint64_t, HttpRequest>> sent;
};

class Topics : public ::testing::Test {
protected:
    Topics() {
        state.endpoint_url = "http://127.0.0.1:4510";
        arn = topic_arn(state.identity, "alerts");
        state.messaging.topics[arn] = {"alerts", arn, {}, {}};
    }

    Subscription& subscribe_to(const std::string& protocol, const std::string& endpoint,
                               const std::map<std::string, std::string>& attributes = {}) {
        const auto made = subscribe(state, {arn, protocol, endpoint, attributes}, now);
        EXPECT_TRUE(made) << made.error().message;
        return **made;
    }
    Subscription& confirmed_subscriber(const std::map<std::string, std::string>& attributes = {}) {
        Subscription& made = subscribe_to("http", "http://127.0.0.1:9/x", attributes);
        hand_out();
        answer(200);
        EXPECT_TRUE(confirm_subscription(state, arn, made.token, false, now));
        return made;
    }
    void hand_out() { hand_out_letters(state, postman, now); }
    void answer(int status) { take_in(state, {postman.sent.back().first, status, "refused"}, now); }
    static std::string text(const json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }
    json::object last_body() const { return json::parse(postman.sent.back().second.body).as_object(); }
    std::string last_header(std::string_view name) const {
        return std::string(find_header(postman.sent.back().second.headers, name));
    }
    const Delivery& last_delivery() const { return state.messaging.messages.back().deliveries.begin()->second; }
    std::string say(const std::string& text) {
        const auto id = publish(state, arn, "subject", text, now);
        EXPECT_TRUE(id);
        return id.value_or("");
    }

    State state;
    Instant now = ecsr::testing::fixed_epoch;
    std::string arn;
    RecordingPostman postman;
};

TEST_F(Topics, an_http_endpoint_is_asked_and_gets_messages_once_it_has_confirmed) {
    const Subscription& made = subscribe_to("http", "http://127.0.0.1:9/x");
    EXPECT_FALSE(made.confirmed);
    hand_out();
    ASSERT_EQ(postman.sent.size(), 1U);
    EXPECT_EQ(postman.sent[0].second.url, "http://127.0.0.1:9/x");
    EXPECT_EQ(last_header("x-amz-sns-message-type"), "SubscriptionConfirmation");
    const json::object asked = last_body();
    EXPECT_EQ(text(asked, "Type"), "SubscriptionConfirmation");
    EXPECT_EQ(text(asked, "Token"), made.token);
    EXPECT_EQ(text(asked, "SubscribeURL"),
              "http://127.0.0.1:4510/?Action=ConfirmSubscription&TopicArn=" + arn + "&Token=" + made.token);
    answer(200);

    say("too early");
    hand_out();
    EXPECT_EQ(postman.sent.size(), 1U);

    ASSERT_TRUE(confirm_subscription(state, arn, made.token, false, now));
    const std::string id = say("hello \"you\"\n");
    hand_out();
    ASSERT_EQ(postman.sent.size(), 2U);
    const json::object told = last_body();
    EXPECT_EQ(text(told, "Type"), "Notification");
    EXPECT_EQ(text(told, "MessageId"), id);
    EXPECT_EQ(text(told, "TopicArn"), arn);
    EXPECT_EQ(text(told, "Subject"), "subject");
    EXPECT_EQ(text(told, "Message"), "hello \"you\"\n");
    EXPECT_EQ(text(told, "Timestamp"), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(last_header("x-amz-sns-subscription-arn"), made.arn);
    EXPECT_EQ(last_delivery().status, DeliveryStatus::Waiting);
    answer(204);
    EXPECT_EQ(last_delivery().status, DeliveryStatus::Delivered);
    EXPECT_TRUE(state.messaging.letters.empty());
}

TEST_F(Topics, a_failing_endpoint_is_tried_three_more_times_20_s_apart) {
    confirmed_subscriber();
    say("m");
    for (int attempt = 1; attempt <= 4; ++attempt) {
        hand_out();
        ASSERT_EQ(postman.sent.size(), static_cast<std::size_t>(1 + attempt));
        answer(attempt == 1 ? 0 : 503);
        if (attempt == 4) { break; }
        EXPECT_EQ(last_delivery().status, DeliveryStatus::Waiting);
        EXPECT_EQ(next_letter_at(state), now + 20s);
        now += 19s;
        hand_out();
        EXPECT_EQ(postman.sent.size(), static_cast<std::size_t>(1 + attempt));
        now += 1s;
    }
    EXPECT_EQ(last_delivery().status, DeliveryStatus::GaveUp);
    EXPECT_EQ(last_delivery().attempts, 4);
    EXPECT_EQ(next_letter_at(state), Instant::max());
}

TEST_F(Topics, what_an_endpoint_refuses_is_not_tried_again) {
    confirmed_subscriber();
    say("m");
    hand_out();
    answer(403);
    EXPECT_EQ(last_delivery().status, DeliveryStatus::GaveUp);
    EXPECT_EQ(last_delivery().detail, "HTTP 403");
}

TEST_F(Topics, a_delivery_policy_says_how_often_and_how_fast) {
    confirmed_subscriber(
        {{"DeliveryPolicy", R"({"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":1,"maxDelayTarget":5}})"}});
    say("m");
    hand_out();
    answer(500);
    EXPECT_EQ(next_letter_at(state), now + 1s);
    now += 1s;
    hand_out();
    answer(500);
    EXPECT_EQ(next_letter_at(state), now + 5s);
    now += 5s;
    hand_out();
    answer(500);
    EXPECT_EQ(last_delivery().status, DeliveryStatus::GaveUp);
    EXPECT_EQ(last_delivery().attempts, 3);
}

TEST_F(Topics, raw_delivery_sends_the_text_alone) {
    confirmed_subscriber({{"RawMessageDelivery", "true"}});
    say("just this");
    hand_out();
    EXPECT_EQ(postman.sent.back().second.body, "just this");
    EXPECT_EQ(last_header("x-amz-sns-rawdelivery"), "true");
}

TEST_F(Topics, a_message_may_differ_by_protocol) {
    confirmed_subscriber({{"RawMessageDelivery", "true"}});
    ASSERT_TRUE(publish(state, {arn, "", R"({"default":"all","http":"web"})", true, {}}, now));
    hand_out();
    EXPECT_EQ(postman.sent.back().second.body, "web");
    EXPECT_EQ(state.messaging.messages.back().text, "all");
    const auto bad = publish(state, {arn, "", R"({"http":"web"})", true, {}}, now);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "Invalid parameter: Message Structure - No default entry in JSON message body");
}

TEST_F(Topics, what_cannot_be_delivered_is_kept_and_told) {
    subscribe_to("sqs", "arn:aws:sqs:us-east-1:000000000000:q");
    say("m");
    EXPECT_EQ(last_delivery().status, DeliveryStatus::NotDelivered);
    EXPECT_EQ(last_delivery().detail, "the local ECS delivers to http endpoints, not by sqs");
    EXPECT_TRUE(state.messaging.letters.empty());
}

TEST_F(Topics, nothing_leaves_this_machine) {
    subscribe_to("https", "https://hooks.example.com/x");
    EXPECT_TRUE(state.messaging.letters.empty());
}

TEST_F(Topics, whoever_was_unsubscribed_is_told_and_may_come_back) {
    const std::string subscriber = confirmed_subscriber().arn;
    unsubscribe(state, subscriber, now);
    EXPECT_FALSE(state.messaging.subscriptions.contains(subscriber));
    hand_out();
    const json::object told = last_body();
    EXPECT_EQ(text(told, "Type"), "UnsubscribeConfirmation");
    answer(200);
    now += 49h;
    const std::string token = text(told, "Token");
    EXPECT_EQ(confirm_subscription(state, arn, token, false, now).error().message, "Invalid parameter: Token");
    now -= 2h;
    ASSERT_TRUE(confirm_subscription(state, arn, token, false, now));
    EXPECT_TRUE(state.messaging.subscriptions.contains(subscriber));
}

TEST_F(Topics, only_the_newest_messages_are_kept) {
    for (std::size_t i = 0; i < messages_kept + 3; ++i) { say(std::to_string(i)); }
    EXPECT_EQ(state.messaging.messages.size(), messages_kept);
    EXPECT_EQ(state.messaging.messages.front().text, "3");
    for (int i = 0; i < 40; ++i) { say(std::string(longest_message, 'x')); }
    EXPECT_LE(state.messaging.bytes_of_messages, bytes_of_messages_kept);
    EXPECT_GE(state.messaging.messages.size(), 31U);
}

TEST_F(Topics, a_topic_takes_its_subscriptions_with_it) {
    confirmed_subscriber();
    say("m");
    delete_topic(state, arn);
    EXPECT_TRUE(state.messaging.subscriptions.empty());
    EXPECT_TRUE(state.messaging.letters.empty());
    EXPECT_EQ(publish(state, arn, "s", "m", now).error().code, "NotFound");
}

} // namespace
} // namespace ecsr::local
