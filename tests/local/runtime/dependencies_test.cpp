// The order in which the containers of a task start and stop (ECS behaviour B10), and their health checks (D1).
#include "tests/local/runtime/runtime_fixture.hpp"

#include <fstream>

namespace ecsr::local::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DependenciesTest : public RuntimeTest {
protected:
    static ContainerDefinition dependent(ContainerDefinition container, std::string on, std::string condition) {
        container.depends_on = {{std::move(on), std::move(condition)}};
        return container;
    }

    // Healthy while the file exists.
    ContainerDefinition checked(std::string name, int retries = 2) {
        auto container = shell(std::move(name), "exec sleep 600");
        HealthCheck check;
        check.command = {"CMD-SHELL", "test -e " + healthy_file().string()};
        check.interval = Seconds(10);
        check.timeout = Seconds(5);
        check.retries = retries;
        container.health_check = check;
        return container;
    }
    std::filesystem::path healthy_file() const { return directory_ / "healthy"; }
    void make_healthy() { std::ofstream(healthy_file()) << ""; }
    void make_unhealthy() { std::filesystem::remove(healthy_file()); }
    ~DependenciesTest() override { make_unhealthy(); }

    std::vector<std::string> started() const {
        std::vector<std::string> names;
        for (const auto& event : seen<ContainerStarted>()) { names.push_back(event.container); }
        return names;
    }
    std::vector<std::string> exited() const {
        std::vector<std::string> names;
        for (const auto& event : seen<ContainerExited>()) { names.push_back(event.container); }
        return names;
    }
    std::vector<Health> healths() const {
        std::vector<Health> seen_so_far;
        for (const auto& event : seen<ContainerHealthChanged>()) { seen_so_far.push_back(event.health); }
        return seen_so_far;
    }

    // Moves to the next probe and waits until it has ended: then the one after it is known.
    bool run_probe() {
        now_ = runtime().next_event_at();
        const Instant begun = now_;
        return wait_until([&] { return runtime().next_event_at() == begun + Seconds(10); });
    }
};

// ECS behaviour B10: startTimeout belongs to the container that others wait for.
TEST_F(DependenciesTest, WhoWaitsForAHealthyOneGivesUpAfterItsStartTimeout) {
    auto first = checked("first", 5);
    first.start_timeout = Seconds(7);
    launch(task_of("t", {first, dependent(shell("second", "exec sleep 600"), "first", "HEALTHY")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(7));
    advance(Seconds(6));
    ASSERT_TRUE(wait_until([] { return true; }));
    EXPECT_THAT(seen<ImagePullFailed>(), IsEmpty());
    advance(Seconds(1));
    ASSERT_TRUE(wait_for<ImagePullFailed>(1));
    EXPECT_EQ(seen<ImagePullFailed>()[0].reason, "TaskDependencyError: container second depends on container first to "
                                                 "reach HEALTHY, which has not happened within its startTimeout");
    EXPECT_THAT(started(), ElementsAre("first"));
}

TEST_F(DependenciesTest, StartWaitsForTheOtherToHaveStarted) {
    launch(
        task_of("a1", {dependent(shell("app", "exec sleep 600"), "proxy", "START"), shell("proxy", "exec sleep 600")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(2));
    EXPECT_THAT(started(), ElementsAre("proxy", "app"));
}

TEST_F(DependenciesTest, CompleteWaitsForTheOtherToEndInAnyWay) {
    const auto gate = directory_ / "gate";
    auto init = shell("init", "while [ ! -e " + gate.string() + " ]; do sleep 0.01; done; exit 9");
    init.essential = false;
    launch(task_of("a1", {dependent(shell("app", "exec sleep 600"), "init", "COMPLETE"), init}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    EXPECT_THAT(started(), ElementsAre("init"));
    std::ofstream(gate) << "";
    ASSERT_TRUE(wait_for<ContainerStarted>(2));
    EXPECT_THAT(exited(), ElementsAre("init"));
    std::filesystem::remove(gate);
}

TEST_F(DependenciesTest, SuccessWaitsForExitCodeZero) {
    auto init = shell("init", "exit 0");
    init.essential = false;
    launch(task_of("a1", {dependent(shell("app", "exec sleep 600"), "init", "SUCCESS"), init}));
    ASSERT_TRUE(wait_for<ContainerStarted>(2));
    EXPECT_THAT(exited(), ElementsAre("init"));
}

TEST_F(DependenciesTest, WhatCanNeverStartIsReported) {
    auto init = shell("init", "exit 1");
    init.essential = false;
    launch(task_of("a1", {dependent(shell("app", "exec sleep 600"), "init", "SUCCESS"), init}));
    ASSERT_TRUE(wait_for<ImagePullFailed>(1));
    EXPECT_EQ(seen<ImagePullFailed>()[0].container, "app");
    EXPECT_EQ(
        seen<ImagePullFailed>()[0].reason,
        "TaskDependencyError: container app depends on container init to reach SUCCESS, which cannot happen any more");
    EXPECT_THAT(started(), ElementsAre("init"));
}

TEST_F(DependenciesTest, HealthyWaitsForTheHealthCheck) {
    launch(task_of("a1", {dependent(shell("app", "exec sleep 600"), "db", "HEALTHY"), checked("db")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(started(), ElementsAre("db"));
    make_healthy();
    ASSERT_TRUE(run_probe());
    ASSERT_TRUE(wait_for<ContainerStarted>(2));
    EXPECT_THAT(started(), ElementsAre("db", "app"));
    EXPECT_THAT(healths(), ElementsAre(Health::Healthy));
}

TEST_F(DependenciesTest, StoppingGoesTheOtherWayRound) {
    launch(task_of("a1", {shell("db", "exec sleep 600"), dependent(shell("app", "exec sleep 600"), "db", "START"),
                          dependent(shell("proxy", "exec sleep 600"), "app", "START")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(3));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(3));
    EXPECT_THAT(exited(), ElementsAre("proxy", "app", "db"));
}

TEST_F(DependenciesTest, EachContainerHasItsOwnStopTimeoutFromItsOwnSignalOn) {
    auto slow = shell("app", "trap '' TERM; echo ready; while :; do sleep 600; done");
    slow.stop_timeout = Seconds(2);
    auto db = shell("db", "trap '' TERM; echo ready; while :; do sleep 600; done");
    db.stop_timeout = Seconds(3);
    launch(task_of("a1", {db, dependent(slow, "db", "START")}));
    ASSERT_TRUE(wait_for_log("a1", "app", "ready") && wait_for_log("a1", "db", "ready"));
    stop("a1");
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(2));
    advance(Seconds(2));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_THAT(exited(), ElementsAre("app"));
    ASSERT_TRUE(wait_until([&] { return runtime().next_event_at() == now_ + Seconds(3); }));
    advance(Seconds(3));
    ASSERT_TRUE(wait_for<ContainerExited>(2));
    EXPECT_EQ(seen<ContainerExited>()[1].exit_code, 137);
}

TEST_F(DependenciesTest, ATaskThatIsStoppedWhileItStartsStartsNothingMore) {
    launch(task_of("a1", {dependent(shell("app", "exec sleep 600"), "db", "HEALTHY"), checked("db")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_THAT(started(), ElementsAre("db"));
    EXPECT_EQ(runtime().running(), 0U);
}

TEST_F(DependenciesTest, AHealthCheckThatFlapsIsReportedEachTime) {
    make_healthy();
    launch(task_of("a1", {checked("app", 2)}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(10)) << "the first probe is one interval after the start";
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(healths(), ElementsAre(Health::Healthy));
    make_unhealthy();
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(healths(), SizeIs(1)) << "one failure is not enough";
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(healths(), ElementsAre(Health::Healthy, Health::Unhealthy));
    make_healthy();
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(healths(), ElementsAre(Health::Healthy, Health::Unhealthy, Health::Healthy));
}

TEST_F(DependenciesTest, AProbeThatTakesTooLongHasFailed) {
    auto container = checked("app", 1);
    container.health_check->command = {"CMD", "sleep", "600"};
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    advance(Seconds(10));
    EXPECT_THAT(runtime().take_events(now_), IsEmpty());
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(5));
    advance(Seconds(5));
    ASSERT_TRUE(wait_for<ContainerHealthChanged>(1));
    EXPECT_THAT(healths(), ElementsAre(Health::Unhealthy));
    EXPECT_EQ(runtime().running(), 1U);
}

TEST_F(DependenciesTest, AProbeThatDoesNotExistHasFailed) {
    auto container = checked("app", 1);
    container.health_check->command = {"CMD", "nosuchprogram"};
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    advance(Seconds(10));
    ASSERT_TRUE(wait_for<ContainerHealthChanged>(1));
    EXPECT_THAT(healths(), ElementsAre(Health::Unhealthy));
}

TEST_F(DependenciesTest, AProbeRunsInTheContainersEnvironment) {
    auto container = checked("app");
    container.environment = {{"COLOUR", "green"}};
    container.health_check->command = {"CMD-SHELL", "[ \"$COLOUR\" = green ] && [ \"$HOST\" = 127.0.0.1 ]"};
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    ASSERT_TRUE(run_probe());
    EXPECT_THAT(healths(), ElementsAre(Health::Healthy));
}

} // namespace
} // namespace ecsr::local::testing
