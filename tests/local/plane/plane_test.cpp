#include "local/plane/plane.hpp"
#include "net/system_clock.hpp"
#include "tests/local/plane/fakes.hpp"

#include <atomic>
#include <thread>

namespace ecsr::local {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST(Plane, AServiceStartsItsTasks) {
    TurnedPlane on;
    on.make_service(2);
    EXPECT_EQ(on.running(), 0);
    on.run(5s);
    EXPECT_EQ(on.runtime.launched.size(), 2U);
    EXPECT_EQ(on.running(), 2);
}

TEST(Plane, ScalingInStopsContainers) {
    TurnedPlane on;
    on.make_service(2);
    on.run(5s);
    on.ecs("UpdateService", R"({"cluster":"c","service":"s","desiredCount":1})");
    on.run(5s);
    EXPECT_EQ(on.runtime.stopped.size(), 1U);
    EXPECT_EQ(on.running(), 1);
}

TEST(Plane, ReadingMovesNothing) {
    TurnedPlane on;
    on.make_service(1);
    on.clock.advance(1h);
    EXPECT_EQ(on.running(), 0);
    EXPECT_TRUE(on.runtime.launched.empty());
}

TEST(Plane, TheBalancerLearnsOfListenersAtOnceAndTheirPortsAreTold) {
    TurnedPlane on;
    const int before = on.balancer.applied;
    const auto text = [&](const std::string& form, const std::string& tag) {
        const auto body = on.plane->handle(elb_request(form)).body;
        const auto begin = body.find("<" + tag + ">") + tag.size() + 2;
        return body.substr(begin, body.find("</" + tag + ">") - begin);
    };
    const auto group = text("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=80&TargetType=ip", "TargetGroupArn");
    const auto balancer = text("Action=CreateLoadBalancer&Name=b", "LoadBalancerArn");
    text("Action=CreateListener&Port=80&LoadBalancerArn=" + balancer +
             "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group,
         "ListenerArn");
    EXPECT_GE(on.balancer.applied, before + 3);
    EXPECT_EQ(on.balancer.group_count, 1U);
    on.run(1s);
    EXPECT_EQ(text("Action=DescribeListeners&LoadBalancerArn=" + balancer, "Port"), "41001");
}

TEST(Plane, MemoryComesFromTheRuntime) {
    TurnedPlane on;
    on.make_service(1);
    on.run(5s);
    const auto page = on.plane->handle({"GET", "/_local/memory?cluster=c&service=s", {}, ""});
    EXPECT_NE(page.body.find(R"("bytes":4096)"), std::string::npos) << page.body;
}

TEST(Plane, NothingToDoMeansTheLongestSleep) {
    TurnedPlane on;
    on.run(1s);
    EXPECT_EQ(on.plane->turn(), on.clock.now() + PlaneOptions{}.longest_sleep);
}

TEST(PlaneShutDown, StopsEveryContainerAndRefusesRequests) {
    TurnedPlane on;
    on.make_service(3);
    on.run(5s);
    ASSERT_TRUE(on.plane->shut_down(5s));
    EXPECT_EQ(on.runtime.stopped.size(), 3U);
    EXPECT_EQ(on.runtime.launched.size(), 3U);
    EXPECT_EQ(on.plane->handle(ecs_request("ListClusters", "{}")).status, 503);
    EXPECT_TRUE(on.plane->shut_down(5s));
}

TEST(PlaneShutDown, GivesUpOnContainersThatDoNotEnd) {
    TurnedPlane on;
    on.make_service(2);
    on.run(5s);
    on.runtime.stubborn = true;
    const Instant start = on.clock.now();
    const auto ended = on.plane->shut_down(3s);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::Timeout);
    EXPECT_EQ(ended.error().message, "2 containers still ran 3.0s after they were told to stop");
    EXPECT_EQ(on.clock.now(), start + 3s);
}

TEST(PlaneState, SurvivesARestartWithNewTasks) {
    const TemporaryFolder folder;
    std::string lost;
    {
        TurnedPlane on(folder.path());
        on.make_service(1);
        on.run(5s);
        lost = on.runtime.launched.at(0);
        EXPECT_TRUE(on.plane->shut_down(1s));
    }
    TurnedPlane on(folder.path());
    const auto told = on.ecs("DescribeTasks", R"({"cluster":"c","tasks":[")" + lost + "\"]}").at("tasks").at(0);
    EXPECT_EQ(told.at("lastStatus"), "STOPPED");
    EXPECT_EQ(told.at("stopCode"), "TerminationNotice");
    on.run(5s);
    EXPECT_EQ(on.running(), 1);
    ASSERT_EQ(on.runtime.launched.size(), 1U);
    EXPECT_NE(on.runtime.launched[0], lost);
}

TEST(PlaneState, IsSavedSoonAfterAChangeWithoutAShutDown) {
    const TemporaryFolder folder;
    TurnedPlane on(folder.path());
    on.ecs("CreateCluster", R"({"clusterName":"kept"})");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "state.json"));
    on.run(1s);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "state.json"));
}

TEST(PlaneState, InUseByAnotherPlaneIsRefused) {
    const TemporaryFolder folder;
    TurnedPlane on(folder.path());
    PlaneOptions options;
    options.state_folder = folder.path();
    const auto second = Plane::create(on.runtime, on.balancer, on.clock, options, State{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::Locked);
}

// ---- with its own thread, on real time ----

bool see_within_seconds(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) { return false; }
        std::this_thread::yield();
    }
    return true;
}

class RunningPlane : public ::testing::Test {
protected:
    void SetUp() override {
        PlaneOptions options;
        options.longest_sleep = 1h; // only what is due, and wake(), end a sleep
        options.scheduler.pace.decide_low = options.scheduler.pace.decide_high = 1ms;
        options.scheduler.pace.provision = 1ms;
        plane = std::move(*Plane::create(runtime, balancer, clock, options, State{}));
    }
    std::string call(const std::string& operation, const std::string& body) {
        return plane->handle(ecs_request(operation, body)).body;
    }
    void make_service() {
        call("CreateCluster", R"({"clusterName":"c"})");
        call("RegisterTaskDefinition",
             R"({"family":"app","containerDefinitions":[{"name":"app","image":"i","memory":64}]})");
        call("CreateService", R"({"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":2})");
    }
    bool running(int count) {
        return call("DescribeServices", R"({"cluster":"c","services":["s"]})")
                   .find("\"runningCount\":" + std::to_string(count)) != std::string::npos;
    }

    SystemClock clock;
    FakeRuntime runtime;
    FakeBalancer balancer;
    std::unique_ptr<Plane> plane;
};

TEST_F(RunningPlane, WakesForRequestsAndForWhatIsDue) {
    make_service();
    EXPECT_TRUE(see_within_seconds([&] { return running(2); }));
}

TEST_F(RunningPlane, ServesManyThreadsAtOnce) {
    make_service();
    std::atomic<int> bad = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                for (int n = 0; n < 50; ++n) {
                    const auto body = R"({"clusterName":"t)" + std::to_string(i) + "-" + std::to_string(n) + "\"}";
                    bad += plane->handle(ecs_request("CreateCluster", body)).status == 200 ? 0 : 1;
                    bad += plane->handle(ecs_request("ListClusters", "{}")).status == 200 ? 0 : 1;
                    plane->wake();
                }
            });
        }
    }
    EXPECT_EQ(bad, 0);
    EXPECT_TRUE(plane->shut_down(60s));
}

TEST_F(RunningPlane, EndsAtOnceWhileItSleeps) {
    make_service();
    EXPECT_TRUE(see_within_seconds([&] { return running(2); }));
    EXPECT_TRUE(plane->shut_down(60s));
    plane.reset();
}

} // namespace
} // namespace ecsr::local
