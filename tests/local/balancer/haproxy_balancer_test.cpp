#include "tests/local/balancer/balancer_scene.hpp"

#include <csignal>
#include <future>

namespace ecsr::local {
namespace {

TEST_F(BalancerScene, ATargetIsHealthyAfterOnePassedCheckAndThenGetsRequests) {
    group_.healthy_threshold = 5;
    group_.health_check_interval = Seconds{300};
    const HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    EXPECT_EQ(target.health_checks(), 1);
    EXPECT_EQ(verdict_on(target).target_group_arn, group_.arn);
    EXPECT_EQ(verdict_on(target).target_id, "127.0.0.1");
    EXPECT_EQ(verdict_on(target).reason, "");
    EXPECT_EQ(response_to("/").body, "a");
    EXPECT_EQ(target.requests(), 1);
}

TEST_F(BalancerScene, TheFirstCheckComesRightAfterRegistrationAndNotAnIntervalLater) {
    group_.health_check_interval = Seconds{300};
    const HttpTarget first("a");
    add(first);
    apply();
    ASSERT_TRUE(until_healthy({&first}));
    const HttpTarget second("b");
    add(second);
    apply();
    EXPECT_TRUE(until_healthy({&second}));
}

TEST_F(BalancerScene, ATargetGetsNoRequestBeforeItIsHealthy) {
    const HttpTarget old("old");
    HttpTarget young("young");
    young.answer_health_with(503);
    group_.unhealthy_threshold = 10;
    add(old);
    add(young);
    apply();
    ASSERT_TRUE(until_healthy({&old}));
    ASSERT_TRUE(until([&] { return young.health_checks() > 0; }));
    for (int i = 0; i < 20; ++i) { EXPECT_EQ(response_to("/").body, "old"); }
    EXPECT_EQ(young.requests(), 0);
    EXPECT_TRUE(is(young, TargetState::Initial));

    young.answer_health_with(200);
    ASSERT_TRUE(until_healthy({&young}));
    for (int i = 0; i < 4; ++i) { EXPECT_EQ(status_of(), 200); }
    EXPECT_EQ(young.requests(), 2);
}

TEST_F(BalancerScene, WithoutAnyTargetRequestsAreAnsweredWith503) {
    apply();
    ASSERT_TRUE(until([&] { return bound_port_ != 0; }));
    EXPECT_EQ(status_of(), 503);
    HttpTarget starting("starting");
    starting.answer_health_with(500);
    group_.unhealthy_threshold = 10;
    add(starting);
    apply();
    ASSERT_TRUE(until([&] { return starting.health_checks() > 0; }));
    EXPECT_EQ(status_of(), 503);
}

TEST_F(BalancerScene, A503OfTheTargetItselfStaysA503) {
    HttpTarget target("a");
    target.answer_requests_with(503);
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    const auto response = response_to("/");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body, "a");
}

TEST_F(BalancerScene, ADrainingTargetFinishesItsRequestAndGetsNoNewOne) {
    HttpTarget leaving("leaving");
    const HttpTarget staying("staying");
    add(leaving);
    apply();
    ASSERT_TRUE(until_healthy({&leaving}));
    add(staying);
    auto in_flight = std::async(std::launch::async, [this] { return response_to("/hold"); });
    ASSERT_TRUE(until([&] { return leaving.held() == 1; }));
    apply();
    ASSERT_TRUE(until_healthy({&staying}));

    drain(leaving);
    for (int i = 0; i < 20; ++i) { EXPECT_EQ(response_to("/").body, "staying"); }
    EXPECT_EQ(leaving.requests(), 1);
    leaving.release();
    const auto response = in_flight.get();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "leaving");
    remove(leaving);
    EXPECT_EQ(status_of(), 200);
}

TEST_F(BalancerScene, WhatIsInFlightWhenDrainingEndsIsCut) {
    HttpTarget leaving("leaving");
    add(leaving);
    apply();
    ASSERT_TRUE(until_healthy({&leaving}));
    auto in_flight = std::async(std::launch::async, [this] { return status_of("/hold"); });
    ASSERT_TRUE(until([&] { return leaving.held() == 1; }));
    drain(leaving);
    remove(leaving);
    ASSERT_TRUE(until([&] { return in_flight.wait_for(Millis{0}) == std::future_status::ready; }));
    EXPECT_NE(in_flight.get(), 200);
}

TEST_F(BalancerScene, ATargetThatIsRegisteredAgainWhileItDrainsIsCheckedAgainAndKeepsItsOldRequest) {
    HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    auto in_flight = std::async(std::launch::async, [this] { return status_of("/hold"); });
    ASSERT_TRUE(until([&] { return target.held() == 1; }));
    drain(target);
    EXPECT_EQ(status_of(), 503);
    entry_of(target).state = TargetState::Initial;
    entry_of(target).draining_until.reset();
    apply();
    verdicts_.clear();
    ASSERT_TRUE(until_healthy({&target}));
    EXPECT_EQ(status_of(), 200);
    target.release();
    EXPECT_EQ(in_flight.get(), 200);
}

TEST_F(BalancerScene, AKilledTargetAnswers502UntilItIsFoundUnhealthy) {
    HttpTarget target("a");
    const HttpTarget other("b");
    add(target);
    add(other);
    apply();
    ASSERT_TRUE(until_healthy({&target, &other}));
    target.die();
    int bad_gateway = 0;
    for (int i = 0; i < 10; ++i) {
        const int status = status_of();
        EXPECT_TRUE(status == 200 || status == 502) << status;
        if (status == 502) { ++bad_gateway; }
    }
    EXPECT_GT(bad_gateway, 0);
    ASSERT_TRUE(until([&] { return is(target, TargetState::Unhealthy); }));
    EXPECT_EQ(verdict_on(target).reason, "Target.FailedHealthChecks");
    EXPECT_EQ(verdict_on(target).description, "Health checks failed");
    for (int i = 0; i < 10; ++i) { EXPECT_EQ(response_to("/").body, "b"); }
}

TEST_F(BalancerScene, AnUnhealthyTargetNeedsTheWholeThresholdToComeBack) {
    HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    target.answer_health_with(503);
    ASSERT_TRUE(until([&] { return is(target, TargetState::Unhealthy); }));
    const int checks_before = target.health_checks();
    target.answer_health_with(200);
    ASSERT_TRUE(until([&] { return is(target, TargetState::Healthy); }));
    EXPECT_GE(target.health_checks() - checks_before, group_.healthy_threshold);
}

TEST_F(BalancerScene, WhenAllTargetsAreUnhealthyAllOfThemGetRequests) {
    HttpTarget first("a");
    HttpTarget second("b");
    add(first);
    add(second);
    apply();
    ASSERT_TRUE(until_healthy({&first, &second}));
    first.answer_health_with(500);
    second.answer_health_with(500);
    ASSERT_TRUE(until([&] { return is(first, TargetState::Unhealthy) && is(second, TargetState::Unhealthy); }));
    for (int i = 0; i < 10; ++i) { EXPECT_EQ(status_of(), 200); }
    EXPECT_EQ(first.requests(), 5);
    EXPECT_EQ(second.requests(), 5);
}

TEST_F(BalancerScene, AWrongStatusIsReportedWithItsCode) {
    HttpTarget target("a");
    target.answer_health_with(404);
    group_.matcher = "200-399,405";
    add(target);
    apply();
    ASSERT_TRUE(until([&] { return is(target, TargetState::Unhealthy); }));
    EXPECT_EQ(verdict_on(target).reason, "Target.ResponseCodeMismatch");
    EXPECT_EQ(verdict_on(target).description, "Health checks failed with these codes: [404]");
    EXPECT_GE(target.health_checks(), group_.unhealthy_threshold);
    target.answer_health_with(405);
    EXPECT_TRUE(until_healthy({&target}));
}

TEST_F(BalancerScene, AListOfCodesMatchesEachOfThem) {
    HttpTarget first("a");
    HttpTarget second("b");
    second.answer_health_with(202);
    group_.matcher = "200,202";
    add(first);
    add(second);
    apply();
    EXPECT_TRUE(until_healthy({&first, &second}));
}

TEST_F(BalancerScene, AHealthPageThatDoesNotAnswerIsATimeout) {
    HttpTarget target("a");
    target.delay_health(Millis{30'000});
    group_.health_check_interval = Seconds{2};
    group_.health_check_timeout = Seconds{1};
    add(target);
    apply();
    ASSERT_TRUE(until([&] { return is(target, TargetState::Unhealthy); }));
    EXPECT_EQ(verdict_on(target).reason, "Target.Timeout");
    EXPECT_EQ(verdict_on(target).description, "Request timed out");
    target.release();
}

TEST_F(BalancerScene, HealthCanBeCheckedOnAnotherPort) {
    const HttpTarget target("a");
    HttpTarget health("health");
    group_.health_check_port = std::to_string(health.port());
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    EXPECT_EQ(target.health_checks(), 0);
    EXPECT_EQ(response_to("/").body, "a");
}

TEST_F(BalancerScene, InstanceTargetsArePortsOfThisMachine) {
    const HttpTarget target("a");
    group_.target_type = "instance";
    add(target).id = "i-0123456789abcdef0";
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    EXPECT_EQ(verdict_on(target).target_id, "i-0123456789abcdef0");
    EXPECT_EQ(status_of(), 200);
}

TEST_F(BalancerScene, RequestsAreSpreadEvenly) {
    const HttpTarget first("a");
    const HttpTarget second("b");
    add(first);
    add(second);
    apply();
    ASSERT_TRUE(until_healthy({&first, &second}));
    for (int i = 0; i < 20; ++i) { EXPECT_EQ(status_of(), 200); }
    EXPECT_EQ(first.requests(), 10);
    EXPECT_EQ(second.requests(), 10);
}

TEST_F(BalancerScene, NoRequestIsLostWhileTargetsComeAndGoUnderLoad) {
    std::vector<std::unique_ptr<HttpTarget>> targets;
    for (const char* name : {"a", "b", "c"}) { add(*targets.emplace_back(std::make_unique<HttpTarget>(name))); }
    apply();
    ASSERT_TRUE(until_healthy({targets[0].get(), targets[1].get(), targets[2].get()}));
    Load load(url("/"), 8, Millis{5});
    for (int round = 0; round < 10; ++round) {
        auto& fresh = targets.emplace_back(std::make_unique<HttpTarget>("new"));
        add(*fresh);
        apply();
        ASSERT_TRUE(until_healthy({fresh.get()}));
        drain(*targets.front());
        // What was in flight when it began to drain has ended once all later requests have.
        const int sent = load.sent();
        ASSERT_TRUE(until([&] { return load.sent() > sent + 50; }));
        remove(*targets.front());
        targets.erase(targets.begin());
    }
    const int sent = load.sent();
    load.stop();
    EXPECT_EQ(load.failed(), 0) << "of " << sent;
    EXPECT_GT(sent, 500);
}

TEST_F(BalancerScene, NewHealthCheckSettingsTakeOverWithoutLosingARequest) {
    const HttpTarget first("a");
    HttpTarget second("b");
    second.answer_health_with(204);
    group_.matcher = "200-299";
    add(first);
    add(second);
    apply();
    ASSERT_TRUE(until_healthy({&first, &second}));
    const auto before = haproxies();
    ASSERT_EQ(before.size(), 1U);
    Load load(url("/"), 8, Millis{5});
    group_.matcher = "200";
    apply();
    ASSERT_TRUE(until([&] { return is(second, TargetState::Unhealthy); }));
    EXPECT_TRUE(is(first, TargetState::Healthy));
    ASSERT_TRUE(until([&] { return haproxies().size() == 1 && haproxies() != before; }));
    load.stop();
    EXPECT_EQ(load.failed(), 0) << "of " << load.sent();
}

TEST_F(BalancerScene, ASecondListenerOfAGroupDoesNotDisturbTheFirst) {
    const HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    const int first_port = bound_port_;
    Load load(url("/"), 4, Millis{5});
    auto other = listener_;
    other.arn += "/other";
    balancer_->apply({listener_, other}, {group_}, now());
    ASSERT_TRUE(until([&] { return bound_port_ != first_port; }));
    ASSERT_TRUE(until([&] { return status_of() == 200; }));
    load.stop();
    EXPECT_EQ(load.failed(), 0) << "of " << load.sent();
}

TEST_F(BalancerScene, APortThatIsTakenIsReplacedByAFreeOne) {
    const HttpTarget busy("busy");
    listener_.port = busy.port();
    apply();
    ASSERT_TRUE(until([&] { return bound_port_ != 0; }));
    EXPECT_NE(bound_port_, busy.port());
    EXPECT_EQ(status_of(), 503);
}

TEST_F(BalancerScene, AFreePortIsUsedAsAsked) {
    auto socket = listen_on_loopback(0);
    ASSERT_TRUE(socket);
    close(socket->descriptor);
    listener_.port = socket->port;
    apply();
    ASSERT_TRUE(until([&] { return bound_port_ != 0; }));
    EXPECT_EQ(bound_port_, socket->port);
}

TEST_F(BalancerScene, AHaproxyThatDiesIsStartedAgainWithTheTargetsOfNow) {
    const HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    const auto before = haproxies();
    ASSERT_EQ(before.size(), 1U);
    verdicts_.clear();
    kill(before.front(), SIGKILL);
    ASSERT_TRUE(until([&] {
        const auto after = haproxies();
        return after.size() == 1 && after != before;
    }));
    EXPECT_EQ(status_of(), 200);
    EXPECT_TRUE(verdicts_.empty());
}

TEST_F(BalancerScene, NothingRunsAfterTheBalancerIsGone) {
    const HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    const auto pids = haproxies();
    ASSERT_EQ(pids.size(), 1U);
    balancer_.reset();
    EXPECT_EQ(kill(pids.front(), 0), -1);
    EXPECT_EQ(status_of(), 0);
}

TEST_F(BalancerScene, AListenerThatIsDeletedRefusesConnections) {
    const HttpTarget target("a");
    add(target);
    apply();
    ASSERT_TRUE(until_healthy({&target}));
    balancer_->apply({}, {group_}, now());
    EXPECT_EQ(status_of(), 0);
    EXPECT_TRUE(haproxies().empty());
    EXPECT_EQ(balancer_->next_event_at(), Instant::max());
}

TEST_F(BalancerScene, HaproxyThatIsMissingIsNamedAndNothingIsReportedAsServed) {
    const auto process = HaproxyProcess::start(
        {.program = "no-such-haproxy", .directory = directory_, .name = "x", .exchange = unix_socket_exchange},
        [](const std::string&) { return ""; }, {});
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().message,
              "no-such-haproxy is not installed: load balancers need HAProxy (apt-get install haproxy)");
    make_balancer("no-such-haproxy");
    apply();
    take_events();
    EXPECT_EQ(bound_port_, 0);
}

TEST_F(BalancerScene, AConfigurationThatHaproxyRefusesIsExplained) {
    const auto process = HaproxyProcess::start({.directory = directory_, .name = "x", .exchange = unix_socket_exchange},
                                               [](const std::string&) { return "global\n  no-such-keyword\n"; }, {});
    ASSERT_TRUE(process);
    ASSERT_TRUE(until([&] { return (*process)->ended().has_value(); }));
    const auto reason = (*process)->ended().value_or("");
    EXPECT_TRUE(reason.starts_with("exit code 1: ")) << reason;
    EXPECT_NE(reason.find("unknown keyword 'no-such-keyword'"), std::string::npos) << reason;
    EXPECT_EQ(reason.find('\n'), std::string::npos);
}

} // namespace
} // namespace ecsr::local
