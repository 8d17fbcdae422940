#include "aws/credentials.hpp"
#include "aws/credentials_sources.hpp"
#include "tests/support/manual_clock.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using testing::fixed_epoch;
using ::testing::HasSubstr;
using testing::ManualClock;

Lookup found(const std::string& id, std::optional<Instant> expires_at = std::nullopt) {
    return {Credentials{{id, "secret", ""}, expires_at}, ""};
}

// Answers from a script; the last answer is given again and again.
class ScriptedSource : public CredentialsSource {
public:
    explicit ScriptedSource(std::string name, std::deque<Result<Lookup>> answers = {})
        : name_(std::move(name)), answers_(std::move(answers)) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token&) override {
        ++look_ups;
        if (on_look_up) { on_look_up(); }
        const Result<Lookup> answer = answers_.front();
        if (answers_.size() > 1) { answers_.pop_front(); }
        return answer;
    }

    std::atomic<int> look_ups = 0;
    std::function<void()> on_look_up;

private:
    const std::string name_;
    std::deque<Result<Lookup>> answers_;
};

// A cache over a scripted source that the test keeps in view.
struct Fixture {
    explicit Fixture(std::deque<Result<Lookup>> answers) {
        auto owned = std::make_unique<ScriptedSource>("script", std::move(answers));
        source = owned.get();
        cache = std::make_unique<CredentialsCache>(std::move(owned), clock);
    }

    std::string id() {
        const auto key = cache->key({});
        return key ? key->access_key_id : key.error().message;
    }

    ManualClock clock;
    ScriptedSource* source = nullptr;
    std::unique_ptr<CredentialsCache> cache;
};

TEST(CredentialsCache, LastingCredentialsAreFetchedOnce) {
    Fixture fixture({found("A"), found("B")});
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.advance(24h * 365);
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_EQ(fixture.source->look_ups, 1);
    EXPECT_EQ(fixture.cache->source_name(), "script");
}

TEST(CredentialsCache, ExpiringCredentialsAreRefreshedFifteenMinutesAhead) {
    Fixture fixture({found("A", fixed_epoch + 1h), found("B", fixed_epoch + 2h)});
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.set(fixed_epoch + 44min);
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.set(fixed_epoch + 45min);
    EXPECT_EQ(fixture.id(), "B");
}

TEST(CredentialsCache, FailedRefreshIsTriedAgainAfterAMinuteWhileTheOldOnesLast) {
    Fixture fixture({found("A", fixed_epoch + 1h), fail(ErrorKind::Credentials, "down"),
                     fail(ErrorKind::Credentials, "still down")});
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.set(fixed_epoch + 55min);
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_EQ(fixture.source->look_ups, 2);
    fixture.clock.set(fixed_epoch + 56min);
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_EQ(fixture.source->look_ups, 3);
    fixture.clock.set(fixed_epoch + 1h);
    EXPECT_EQ(fixture.id(), "still down");
}

TEST(CredentialsCache, ShortLivedCredentialsAreNotAskedForAtEveryCall) {
    Fixture fixture({found("A", fixed_epoch + 5min), found("B", fixed_epoch + 5min)});
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.advance(1min);
    EXPECT_EQ(fixture.id(), "B");
}

TEST(CredentialsCache, CredentialsThatHaveExpiredAlreadyAreRefused) {
    Fixture fixture({found("A", fixed_epoch)});
    EXPECT_EQ(fixture.id(), "the credentials of script expired at 2026-01-02T03:04:05Z");
}

TEST(CredentialsCache, RejectedKeyIsFetchedAnewButAnotherIsNot) {
    Fixture fixture({found("A", fixed_epoch + 5h), found("B", fixed_epoch + 5h)});
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_TRUE(fixture.cache->reject({"A", "secret", ""}));
    EXPECT_EQ(fixture.id(), "B");
    EXPECT_TRUE(fixture.cache->reject({"A", "secret", ""}));
    EXPECT_EQ(fixture.id(), "B");
    EXPECT_EQ(fixture.source->look_ups, 2);
}

TEST(CredentialsCache, LastingKeyIsNotFetchedAnewWhenRejected) {
    Fixture fixture({found("A"), found("B")});
    EXPECT_EQ(fixture.id(), "A");
    EXPECT_FALSE(fixture.cache->reject({"A", "secret", ""}));
    EXPECT_EQ(fixture.id(), "A");
}

TEST(CredentialsCache, OthersGoOnWithTheOldOnesDuringAnEarlyRefresh) {
    Fixture fixture({found("A", fixed_epoch + 1h), found("B", fixed_epoch + 2h)});
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.set(fixed_epoch + 46min);
    std::promise<void> refreshing;
    std::promise<void> go_on;
    fixture.source->on_look_up = [&] {
        refreshing.set_value();
        go_on.get_future().wait();
    };
    std::string refreshed;
    std::jthread refresher([&] { refreshed = fixture.id(); });
    refreshing.get_future().wait();
    EXPECT_EQ(fixture.id(), "A");
    go_on.set_value();
    refresher.join();
    EXPECT_EQ(refreshed, "B");
    EXPECT_EQ(fixture.id(), "B");
}

TEST(CredentialsCache, AllWaitForALateRefreshAndAskOnce) {
    Fixture fixture({found("A", fixed_epoch + 1h), found("B", fixed_epoch + 2h)});
    EXPECT_EQ(fixture.id(), "A");
    fixture.clock.set(fixed_epoch + 51min);
    std::promise<void> refreshing;
    std::promise<void> go_on;
    fixture.source->on_look_up = [&] {
        refreshing.set_value();
        go_on.get_future().wait();
    };
    std::atomic<int> got_new = 0;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { got_new += fixture.id() == "B"; });
    refreshing.get_future().wait();
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { got_new += fixture.id() == "B"; });
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(fixture.cache->key(stop.get_token()).error().kind, ErrorKind::Interrupted);
    go_on.set_value();
    threads.clear();
    EXPECT_EQ(got_new, 5);
    EXPECT_EQ(fixture.source->look_ups, 2);
}

TEST(CredentialsChain, FirstPlaceThatHasSomeIsAskedAloneFromThenOn) {
    std::vector<std::unique_ptr<CredentialsSource>> places;
    places.push_back(make_absent_source("first", "nothing set"));
    auto second = std::make_unique<ScriptedSource>("second", std::deque<Result<Lookup>>{found("A"), found("B")});
    auto third = std::make_unique<ScriptedSource>("third", std::deque<Result<Lookup>>{found("C")});
    const auto* unasked = third.get();
    places.push_back(std::move(second));
    places.push_back(std::move(third));
    CredentialsChain chain(std::move(places));
    EXPECT_EQ(chain.look_up({})->credentials->key.access_key_id, "A");
    EXPECT_EQ(chain.name(), "second");
    EXPECT_EQ(chain.look_up({})->credentials->key.access_key_id, "B");
    EXPECT_EQ(unasked->look_ups, 0);
}

TEST(CredentialsChain, NothingAnywhereNamesEveryPlaceAndItsReason) {
    std::vector<std::unique_ptr<CredentialsSource>> places;
    places.push_back(make_absent_source("environment", "AWS_ACCESS_KEY_ID is not set"));
    places.push_back(make_absent_source("container", "no URI"));
    CredentialsChain chain(std::move(places));
    const auto lookup = chain.look_up({});
    ASSERT_FALSE(lookup.has_value());
    EXPECT_EQ(lookup.error().kind, ErrorKind::Credentials);
    EXPECT_EQ(lookup.error().message, "no credentials found: looked at environment (AWS_ACCESS_KEY_ID is not set), "
                                      "container (no URI)");
}

TEST(CredentialsChain, PlaceThatIsSetUpAndFailsEndsTheSearch) {
    std::vector<std::unique_ptr<CredentialsSource>> places;
    places.push_back(make_broken_source("role", {ErrorKind::Credentials, "no source_profile", "", 0, false}));
    auto next = std::make_unique<ScriptedSource>("next", std::deque<Result<Lookup>>{found("C")});
    const auto* unasked = next.get();
    places.push_back(std::move(next));
    CredentialsChain chain(std::move(places));
    EXPECT_EQ(chain.look_up({}).error().message, "role: no source_profile");
    EXPECT_EQ(unasked->look_ups, 0);
}

} // namespace
} // namespace ecsr::aws
