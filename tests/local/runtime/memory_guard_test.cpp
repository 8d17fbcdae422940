// What every kind of memory guard has to do.
#include "local/runtime/cgroup_files.hpp"
#include "tests/local/runtime/runtime_fixture.hpp"

#include <sstream>

namespace ecsr::local::testing {
namespace {

using ::testing::SizeIs;

constexpr const char* out_of_memory = "OutOfMemoryError: Container killed due to memory usage";

class MemoryGuardTest : public RuntimeTest, public ::testing::WithParamInterface<MemoryGuard> {
protected:
    // False where this machine does not have the guard; then it has said why.
    bool start_guarded() {
        ProcessRuntimeOptions wanted = options();
        wanted.memory_guard = GetParam();
        auto made = ProcessRuntime::create(wanted);
        if (!made) {
            EXPECT_EQ(made.error().kind, ErrorKind::Io);
            EXPECT_FALSE(made.error().message.empty());
            EXPECT_NE(GetParam(), MemoryGuard::Watchdog) << "it works everywhere";
            return false;
        }
        EXPECT_EQ((*made)->memory_guard(), GetParam());
        runtime_ = std::move(made).value();
        return true;
    }
};

TEST_P(MemoryGuardTest, KillsAContainerOverItsLimitAndNoOther) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    auto greedy = shell("greedy", hog(200));
    greedy.memory_mib = 40;
    auto modest = shell("modest", hog(10));
    modest.memory_mib = 40;
    launch(task_of("a1", {greedy, modest}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].container, "greedy");
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, out_of_memory);
    ASSERT_TRUE(wait_for_log("a1", "modest", "taken"));
    EXPECT_EQ(runtime().running(), 1U);
}

TEST_P(MemoryGuardTest, KillsInATaskOverItsLimit) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    TaskLaunch task = task_of("a1", {shell("one", hog(60)), shell("two", hog(60))});
    task.memory_mib = 100;
    launch(task);
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].reason, out_of_memory);
}

TEST_P(MemoryGuardTest, AChildThatIsKilledLeavesTheMainProcessAlive) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    auto container = shell("app", "(" + hog(200) + "); echo child=$?; exec sleep 600");
    container.memory_mib = 40;
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for_log("a1", "app", "child=137"));
    EXPECT_EQ(runtime().running(), 1U);
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 143);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, "");
}

TEST_P(MemoryGuardTest, ASlowShutdownIsNoMemoryKillWhateverWasKilledBefore) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    auto container = shell("app", "trap '' TERM; (" + hog(200) + "); echo child=$?; while :; do sleep 600; done");
    container.memory_mib = 40;
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for_log("a1", "app", "child=137"));
    stop("a1");
    advance(Seconds(30));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, "");
}

TEST_P(MemoryGuardTest, TellsMemoryInUse) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    launch(task_of("a1", {shell("app", hog(30))}));
    ASSERT_TRUE(wait_for_log("a1", "app", "taken"));
    EXPECT_GT(runtime().memory_usage("a1").at("app"), 30U << 20U);
    EXPECT_LT(runtime().memory_usage("a1").at("app"), 80U << 20U);
}

TEST_P(MemoryGuardTest, EndsTheWholeTree) {
    if (!start_guarded()) { GTEST_SKIP() << "not on this machine"; }
    launch(
        task_of("a1", {shell("app", "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM; echo $$; sleep 600; sleep 600' & "
                                    "done; exec sleep 600")}));
    ASSERT_TRUE(wait_until([&] { return std::ranges::count(runtime().logs("a1", "app").value_or(""), '\n') == 3; }));
    std::istringstream lines(runtime().logs("a1", "app").value());
    std::vector<pid_t> pids;
    for (pid_t pid = 0; lines >> pid;) { pids.push_back(pid); }
    ASSERT_THAT(pids, SizeIs(3));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_TRUE(wait_until([&] { return std::ranges::none_of(pids, process_exists); }));
    EXPECT_TRUE(wait_until([&] { return runtime().next_event_at() == Instant::max(); })) << "something was left";
}

INSTANTIATE_TEST_SUITE_P(Every, MemoryGuardTest,
                         ::testing::Values(MemoryGuard::CgroupV2, MemoryGuard::CgroupV1, MemoryGuard::Watchdog),
                         [](const auto& tested) {
                             std::string name = to_string(tested.param);
                             std::erase(name, ' ');
                             return name;
                         });

} // namespace
} // namespace ecsr::local::testing
