// A plane in virtual time, with a thread of its own, and steered while it runs.
#include "base/scaled_clock.hpp"
#include "local/balancer/virtual_balancer.hpp"
#include "local/plane/control.hpp"
#include "local/runtime/virtual_runtime.hpp"
#include "tests/local/plane/fakes.hpp"

#include <gmock/gmock.h>
#include <thread>

namespace ecsr::local {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ecsr::testing::fixed_epoch;
using ecsr::testing::ManualClock;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// Real time stands still but where a test moves it: what happens, happens by advance().
class VirtualPlane : public ::testing::Test {
protected:
    void make_plane(TroubleOptions trouble = {}, const std::filesystem::path& folder = {}) {
        PlaneOptions options;
        options.virtual_time = &time;
        options.longest_sleep = 1h;
        options.trouble = std::move(trouble);
        options.state_folder = folder;
        auto made = Plane::create(runtime, balancer, time, options, State{});
        ASSERT_TRUE(made) << made.error().message;
        plane = std::move(*made);
    }
    ~VirtualPlane() override {
        if (plane) { EXPECT_TRUE(plane->shut_down(0ms)); }
    }

    HttpResponse call(const std::string& operation, const std::string& body) {
        return plane->handle(ecs_request(operation, body));
    }
    json::object ecs(const std::string& operation, const std::string& body) {
        const auto response = call(operation, body);
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body).as_object();
    }
    void make_service(int count, const std::string& labels) {
        ecs("CreateCluster", R"({"clusterName":"c"})");
        ecs("RegisterTaskDefinition",
            R"({"family":"app","containerDefinitions":[{"name":"app","image":"i","memory":64,)"
            R"("dockerLabels":{)" +
                labels + "}}]}");
        ecs("CreateService",
            R"({"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":)" + std::to_string(count) + "}");
    }
    json::object service() {
        return ecs("DescribeServices", R"({"cluster":"c","services":["s"]})").at("services").at(0).as_object();
    }
    json::array stopped_tasks() {
        const auto arns = ecs("ListTasks", R"({"cluster":"c","desiredStatus":"STOPPED"})").at("taskArns").as_array();
        if (arns.empty()) { return {}; }
        return ecs("DescribeTasks", R"({"cluster":"c","tasks":)" + json::serialize(arns) + "}").at("tasks").as_array();
    }

    ManualClock source{fixed_epoch, ManualClock::Sleepers::Block};
    ScaledClock time{source, 60, fixed_epoch};
    VirtualRuntime runtime{Random(1)};
    VirtualBalancer balancer{
        [this](const std::string& id, int port, Instant at) { return runtime.serves(id, port, at); }};
    std::unique_ptr<Plane> plane;
};

TEST_F(VirtualPlane, EverythingOnTheWayHappensInItsOrder) {
    make_plane();
    make_service(1, R"("local.ecs/memory-base":"4MiB","local.ecs/memory-growth":"1MiB/m")");
    ASSERT_EQ(plane->advance(3h), fixed_epoch + 3h);
    // A task is killed every hour, and each is kept for an hour after it has stopped.
    const auto stopped = stopped_tasks();
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].at("containers").at(0).at("reason").as_string(),
              "OutOfMemoryError: Container killed due to memory usage");
    const double started = stopped[0].at("startedAt").to_number<double>();
    const double ended = stopped[0].at("executionStoppedAt").to_number<double>();
    EXPECT_NEAR(ended - started, 3'600, 1);
    EXPECT_GT(started, to_epoch_seconds(fixed_epoch + 1h));
    EXPECT_EQ(service().at("runningCount"), 1);
}

TEST_F(VirtualPlane, EverythingIsDoneAtItsMomentHoweverLateTheThreadIs) {
    make_plane();
    make_service(1, R"("local.ecs/exit":"1@90s")");
    source.advance(2min); // two hours there, in one step
    const auto stopped = stopped_tasks();
    ASSERT_GE(stopped.size(), 2U);
    for (const auto& task : stopped) {
        EXPECT_NEAR(task.at("executionStoppedAt").to_number<double>() - task.at("startedAt").to_number<double>(), 90,
                    1);
    }
}

TEST_F(VirtualPlane, AnswersTellItsTime) {
    make_plane();
    ASSERT_TRUE(plane->advance(6h));
    EXPECT_EQ(find_header(call("ListClusters", "{}").headers, "Date"), "Fri, 02 Jan 2026 09:04:05 GMT");
}

TEST_F(VirtualPlane, IsSteeredOverItsOwnPaths) {
    make_plane();
    const auto ask = [this](const std::string& method, const std::string& path, const std::string& body = "",
                            HttpHeaders headers = {}) {
        const auto answer = plane->handle({method, path, std::move(headers), body});
        return std::to_string(answer.status) + " " + answer.body;
    };
    EXPECT_EQ(ask("GET", "/_local/clock"),
              "200 {\"now\":\"2026-01-02T03:04:05Z\",\"time_scale\":60,\"runtime\":\"virtual\"}\n");
    EXPECT_EQ(ask("POST", "/_local/advance", R"({"span":"90s"})"),
              "200 {\"now\":\"2026-01-02T03:05:35Z\",\"time_scale\":60,\"runtime\":\"virtual\"}\n");
    EXPECT_THAT(ask("POST", "/_local/advance", R"({"span":"soon"})"), HasSubstr("400 {\"error\":\"span: \\\"soon\\\""));
    EXPECT_THAT(ask("POST", "/_local/advance", "soon"), HasSubstr("400 "));
    EXPECT_THAT(ask("GET", "/_local/advance"), HasSubstr("405 "));
    EXPECT_EQ(ask("POST", "/_local/faults", R"({"fault":"StopTask:throttle:0.2"})"),
              "200 {\"id\":\"f1\",\"fault\":\"StopTask:throttle:0.2\",\"hits\":0}\n");
    EXPECT_THAT(ask("POST", "/_local/faults", R"({"fault":"Stop:throttle"})"), HasSubstr("400 "));
    EXPECT_THAT(ask("GET", "/_local/faults"), HasSubstr("\"f1\""));
    EXPECT_THAT(ask("DELETE", "/_local/faults/f2"), HasSubstr("404 {\"error\":\"there is no fault"));
    EXPECT_EQ(ask("DELETE", "/_local/faults/f1"), "200 {\"faults\":[]}\n");
    for (const HttpHeaders& foreign : {HttpHeaders{{"Host", "example.com"}},
                                       {{"Host", "10.0.0.1:4510"}},
                                       {{"Host", "127.0.0.1:4510"}, {"Origin", "https://example.com"}}}) {
        EXPECT_THAT(ask("POST", "/_local/advance", R"({"span":"1h"})", foreign), HasSubstr("403 "));
        EXPECT_THAT(ask("DELETE", "/_local/faults", "", foreign), HasSubstr("403 "));
    }
    EXPECT_THAT(ask("GET", "/_local/clock", "", {{"Host", "localhost:4510"}, {"Origin", "http://127.0.0.1:8080"}}),
                HasSubstr("200 "));
}

TEST_F(VirtualPlane, GoesOnWhereItsStateWasLeft) {
    const TemporaryFolder folder;
    make_plane({}, folder.path());
    make_service(1, R"("local.ecs/startup":"5s")");
    ASSERT_TRUE(plane->advance(48h));
    ASSERT_TRUE(plane->shut_down(0ms));
    plane.reset();

    ManualClock real;
    PlaneOptions options;
    options.state_folder = folder.path();
    const auto in_real_time = Plane::create(runtime, balancer, real, options, State{});
    ASSERT_FALSE(in_real_time);
    EXPECT_EQ(in_real_time.error().kind, ErrorKind::Usage);
    EXPECT_THAT(in_real_time.error().message, HasSubstr("was left at 2026-01-04T03:04:05Z, which is still to come"));

    ScaledClock again(real, 1, fixed_epoch);
    options.virtual_time = &again;
    const auto plane_again = Plane::create(runtime, balancer, again, options, State{});
    ASSERT_TRUE(plane_again);
    EXPECT_EQ(again.now(), fixed_epoch + 48h);
    EXPECT_TRUE((*plane_again)->shut_down(0ms));
}

// ---- faults ----

TEST_F(VirtualPlane, RefusesInTheFormOfTheProtocol) {
    make_plane({.faults = {{"*", FaultKind::Throttle}}, .seed = 1, .stale_reads = {}});
    const auto refused = call("ListClusters", "{}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(find_header(refused.headers, "x-amzn-ErrorType"), "ThrottlingException");
    EXPECT_EQ(refused.body, R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
    const auto xml = plane->handle(elb_request("Action=DescribeTargetGroups"));
    EXPECT_EQ(xml.status, 400);
    EXPECT_THAT(xml.body, HasSubstr("<Code>Throttling</Code><Message>Rate exceeded</Message>"));
    EXPECT_EQ(plane->handle({"GET", "/_local/health", {}, ""}).status, 200);
}

TEST_F(VirtualPlane, ALostAnswerIsDoneAllTheSame) {
    make_plane({.faults = {{"CreateCluster", FaultKind::LostAnswer}}, .seed = 1, .stale_reads = {}});
    EXPECT_EQ(call("CreateCluster", R"({"clusterName":"c"})").status, 0);
    EXPECT_THAT(call("ListClusters", "{}").body, HasSubstr(":cluster/c"));
}

TEST_F(VirtualPlane, LatencyPassesInItsOwnTimeAndEndsWithThePlane) {
    make_plane({.faults = {{"ListClusters", FaultKind::Latency, 1min}}, .seed = 1, .stale_reads = {}});
    source.wait_for_sleepers(1); // its own thread
    int status = 0;
    {
        const std::jthread client([&] { status = call("ListClusters", "{}").status; });
        source.wait_for_sleepers(2);
        EXPECT_EQ(call("ListServices", "{}").status, 400); // the others go on
        source.advance(1s);
    }
    EXPECT_EQ(status, 200);
    {
        const std::jthread client([&] { status = call("ListClusters", "{}").status; });
        source.wait_for_sleepers(2);
        status = 0;
        EXPECT_TRUE(plane->shut_down(0ms));
    }
    EXPECT_THAT(status, ::testing::AnyOf(200, 503)); // answered without waiting on
}

TEST_F(VirtualPlane, ATaskThatDoesNotStartFailsAsItsImageWereMissing) {
    make_plane({.faults = {{"s", FaultKind::StartFailure}}, .seed = 1, .stale_reads = {}});
    make_service(1, "");
    ASSERT_TRUE(plane->advance(10s));
    const auto stopped = stopped_tasks();
    ASSERT_GE(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].at("stopCode").as_string(), "TaskFailedToStart");
    EXPECT_EQ(stopped[0].at("containers").at(0).at("reason").as_string(),
              "CannotPullContainerError: Error response from daemon: fault f1 of the local ECS");
    EXPECT_EQ(service().at("runningCount"), 0);
    plane->clear_faults();
    ASSERT_TRUE(plane->advance(1h));
    EXPECT_EQ(service().at("runningCount"), 1);
}

TEST_F(VirtualPlane, ReadsLagBehindWrites) {
    make_plane({.faults = {}, .seed = 1, .stale_reads = 2s});
    ecs("CreateCluster", R"({"clusterName":"c"})");
    EXPECT_EQ(ecs("ListClusters", "{}").at("clusterArns").as_array().size(), 0U);
    EXPECT_EQ(call("CreateService", "{}").status, 400); // writes see what is
    ASSERT_TRUE(plane->advance(1900ms));
    EXPECT_EQ(ecs("ListClusters", "{}").at("clusterArns").as_array().size(), 0U);
    ASSERT_TRUE(plane->advance(100ms));
    EXPECT_EQ(ecs("ListClusters", "{}").at("clusterArns").as_array().size(), 1U);
}

TEST_F(VirtualPlane, TakesCallsNoFasterThanAws) {
    make_plane({.faults = {}, .seed = 1, .stale_reads = {}, .throttles_as_aws = true});
    int served = 0;
    for (int i = 0; i < 60; ++i) { served += call("ListClusters", "{}").status == 200 ? 1 : 0; }
    EXPECT_EQ(served, 50);
    EXPECT_EQ(plane->handle(elb_request("Action=DescribeTargetGroups")).status, 200);
    ASSERT_TRUE(plane->advance(1s));
    EXPECT_EQ(call("ListClusters", "{}").status, 200);
}

TEST(RealTimePlane, CannotBeAdvanced) {
    TurnedPlane on;
    const auto answer = on.plane->handle({"POST", "/_local/advance", {}, R"({"span":"1h"})"});
    EXPECT_EQ(answer.status, 409);
    EXPECT_THAT(answer.body, HasSubstr("real time"));
    EXPECT_THAT(on.plane->handle({"GET", "/_local/clock", {}, ""}).body, HasSubstr("\"time_scale\":0"));
}

} // namespace
} // namespace ecsr::local
