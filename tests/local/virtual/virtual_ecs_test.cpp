// The local ECS on virtual time: what happens when, and how the real AWS client reaches it.
#include "aws/session.hpp"
#include "local/virtual/virtual_ecs.hpp"
#include "local/virtual/virtual_transport.hpp"
#include "observe/observe.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;
using ::testing::HasSubstr;

VirtualEcsOptions options_of(std::uint64_t seed) {
    return {.seed = seed, .start = fixed_epoch, .scheduler = {}};
}

void must(const Result<std::string>& answer) {
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
}

void make_service(VirtualEcs& ecs, int tasks) {
    must(ecs.ecs("CreateCluster", R"({"clusterName":"c"})"));
    must(ecs.ecs("RegisterTaskDefinition",
                 R"({"family":"app","containerDefinitions":[{"name":"app","image":"app:1","memory":64,)"
                 R"("dockerLabels":{"local.ecs/image-pull":"10s"}}]})"));
    must(ecs.ecs("CreateService", R"({"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":)" +
                                      std::to_string(tasks) + "}"));
}

int running(const VirtualEcs& ecs) {
    int count = 0;
    for (const auto& [id, task] : ecs.state().tasks) { count += task.last_status == TaskStatus::Running ? 1 : 0; }
    return count;
}

TEST(VirtualEcs, TasksRunWhenTheirTimeHasCome) {
    VirtualEcs ecs(options_of(1));
    make_service(ecs, 3);
    ecs.go_on(Seconds(9));
    EXPECT_EQ(running(ecs), 0);
    ecs.go_on(Seconds(2));
    EXPECT_EQ(running(ecs), 3);
    EXPECT_EQ(ecs.now(), fixed_epoch + Seconds(11));
}

TEST(VirtualEcs, RulesAreToldWhatHappensAtTheMomentOfIt) {
    VirtualEcs ecs(options_of(1));
    ecs.handle({"POST", "/", {}, "Action=CreateTopic&Version=2010-03-31&Name=t"});
    const auto events = [&](const std::string& operation, const std::string& body) {
        const HttpHeaders headers{{"X-Amz-Target", "AWSEvents." + operation},
                                  {"Content-Type", "application/x-amz-json-1.1"}};
        EXPECT_EQ(ecs.handle({"POST", "/", headers, body}).status, 200);
    };
    events("PutRule", R"({"Name":"r","EventPattern":"{\"detail\":{\"lastStatus\":[\"RUNNING\"]}}"})");
    events("PutTargets", R"({"Rule":"r","Targets":[{"Id":"1","Arn":"arn:aws:sns:us-east-1:000000000000:t"}]})");
    make_service(ecs, 2);
    ecs.go_on(Seconds(60));
    const auto& messages = ecs.state().messaging.messages;
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_THAT(messages.front().text, HasSubstr(R"("detail-type":"ECS Task State Change")"));
    EXPECT_GT(messages.front().published_at, fixed_epoch + Seconds(10));
    EXPECT_LT(messages.front().published_at, fixed_epoch + Seconds(11));
    EXPECT_TRUE(ecs.state().rules.announced.empty());
}

TEST(VirtualEcs, TheSameSeedGivesTheSameTasks) {
    const auto ids_of = [](std::uint64_t seed) {
        VirtualEcs ecs(options_of(seed));
        make_service(ecs, 3);
        ecs.go_on(Seconds(60));
        std::vector<std::pair<std::string, Instant>> tasks;
        for (const auto& [id, task] : ecs.state().tasks) { tasks.emplace_back(id, task.created_at); }
        return tasks;
    };
    EXPECT_EQ(ids_of(7).size(), 3U);
    EXPECT_EQ(ids_of(7), ids_of(7));
    EXPECT_NE(ids_of(7), ids_of(8));
}

TEST(VirtualEcs, WatchersSeeEveryFiveSecondsAndMayChangeThings) {
    VirtualEcs ecs(options_of(1));
    make_service(ecs, 1);
    ecs.go_on(Seconds(60));
    Instant last = ecs.now();
    Millis longest{0};
    bool scaled = false;
    ecs.watch([&](Instant now) {
        longest = std::max(longest, now - last);
        last = now;
        if (std::exchange(scaled, true)) { return; }
        must(ecs.ecs("UpdateService", R"({"cluster":"c","service":"s","desiredCount":2})"));
    });
    ecs.go_on(std::chrono::minutes(2));
    EXPECT_LE(longest, Seconds(5));
    EXPECT_EQ(last, ecs.now());
    EXPECT_EQ(running(ecs), 2);
}

TEST(VirtualEcs, WhatSetsTheStageFailsWithTheAnswer) {
    VirtualEcs ecs(options_of(1));
    const auto refused = ecs.ecs("CreateService", R"({"cluster":"nowhere","serviceName":"s"})");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Remote);
    EXPECT_THAT(refused.error().message, HasSubstr("CreateService: HTTP 400"));
}

TEST(VirtualEcs, ASleepThatIsStoppedEndsAtOnce) {
    VirtualEcs ecs(options_of(1));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(ecs.sleep_until(fixed_epoch + Seconds(5), stop.get_token()));
    EXPECT_EQ(ecs.now(), fixed_epoch);
}

TEST(VirtualTransport, TheRealClientReadsAServiceAndEachCallTakesItsTime) {
    VirtualEcs ecs(options_of(1));
    make_service(ecs, 250);
    ecs.go_on(std::chrono::minutes(5));
    VirtualTransport transport(ecs, {.shortest = Millis(40), .longest = Millis(40)}, Random(3));
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "AKIDEXAMPLE";
    options.secret_access_key = "secret";
    const auto session = aws::Session::create(transport, ecs, Random(4), aws::empty_environment(), options);
    ASSERT_TRUE(session.has_value());
    Observer observer(**session, "c", "s");
    Snapshot snapshot;
    const Instant before = ecs.now();
    const Look look{.service = true, .list_tasks = true};
    const auto looked = observer.look(look, snapshot, before, {});
    ASSERT_TRUE(looked.has_value()) << looked.error().message;
    EXPECT_EQ(snapshot.service.running_count, 250);
    EXPECT_EQ(snapshot.tasks.size(), 250U);
    const auto calls = (*session)->counts().total;
    EXPECT_EQ(calls, 7); // the service, three pages, three descriptions
    EXPECT_EQ(ecs.now() - before, calls * Millis(40));
}

} // namespace
} // namespace ecsr::local
