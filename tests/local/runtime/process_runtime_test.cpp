#include "local/runtime/cgroup_files.hpp"
#include "tests/local/runtime/runtime_fixture.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

namespace ecsr::local::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* out_of_memory = "OutOfMemoryError: Container killed due to memory usage";

std::vector<std::string> own_cgroups() {
    const CgroupMounts mounts = cgroup_mounts_of_this_machine();
    std::vector<std::string> found;
    for (const auto& places : {mounts.unified, mounts.memory}) {
        for (const auto& place : places) {
            std::error_code gone;
            for (const auto& entry : std::filesystem::directory_iterator(place, gone)) {
                if (owner_of_folder(entry.path().filename().string()) == ::getpid()) { found.push_back(entry.path()); }
            }
        }
    }
    return found;
}

using ProcessRuntimeTest = RuntimeTest;

TEST_F(ProcessRuntimeTest, AContainerRunsItsEntryPointAndCommandAndItsExitCodeIsReported) {
    ContainerDefinition container = shell("app", "");
    container.entry_point = {"/bin/sh", "-c"};
    container.command = {"echo \"hello $NAME\"; exit 7"};
    container.environment = {{"NAME", "there"}};
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    const auto started = seen<ContainerStarted>();
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_EQ(started[0].task_id, "a1");
    EXPECT_EQ(started[0].container, "app");
    EXPECT_EQ(started[0].runtime_id.size(), 64U);
    const auto exited = seen<ContainerExited>();
    EXPECT_EQ(exited[0].task_id, "a1");
    EXPECT_EQ(exited[0].container, "app");
    EXPECT_EQ(exited[0].exit_code, 7);
    EXPECT_EQ(exited[0].reason, "");
    EXPECT_TRUE(wait_for_log("a1", "app", "hello there\n"));
}

TEST_F(ProcessRuntimeTest, AContainerSeesItsOwnEnvironmentAlone) {
    ::setenv("SECRET_OF_THE_PARENT", "x", 1);
    auto container = shell("app", "env | sort; pwd");
    container.environment = {{"HOME", "/elsewhere"}};
    container.port_mappings = {{80, 0, "tcp", ""}, {8125, 0, "udp", ""}};
    TaskLaunch task = task_of("a1", {container});
    task.network_mode = NetworkMode::Awsvpc;
    task.address = "127.1.2.3";
    launch(task);
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    ASSERT_TRUE(wait_for_log("a1", "app", "/work/a1\n"));
    const std::string log = runtime().logs("a1", "app").value();
    EXPECT_THAT(log, HasSubstr("\nHOST=127.1.2.3\n"));
    EXPECT_THAT(log, HasSubstr("HOME=/elsewhere\n"));
    EXPECT_THAT(log, HasSubstr("\nLOCAL_ECS_TASK_ID=a1\n"));
    EXPECT_THAT(log, HasSubstr("\nPORT=80\nPORT_80=80\nPORT_8125=8125\n"));
    EXPECT_EQ(log.find("SECRET_OF_THE_PARENT"), std::string::npos);
    EXPECT_THAT(seen<ContainerStarted>().at(0).network_bindings, IsEmpty());
}

TEST_F(ProcessRuntimeTest, BridgeTasksGetPortsOfTheirOwnThatAreToldAndReported) {
    std::vector<TaskLaunch> tasks;
    for (const auto* id : {"a1", "a2"}) {
        auto container = shell("app", "echo $HOST:$PORT=$PORT_80");
        container.port_mappings = {{80, 0, "tcp", ""}};
        launch(task_of(id, {container}));
    }
    ASSERT_TRUE(wait_for<ContainerExited>(2));
    const auto started = seen<ContainerStarted>();
    ASSERT_THAT(started, SizeIs(2));
    std::vector<int> ports;
    for (const auto& one : started) {
        ASSERT_THAT(one.network_bindings, SizeIs(1));
        const auto& binding = one.network_bindings[0];
        EXPECT_EQ(binding.bind_ip, "127.0.0.1");
        EXPECT_EQ(binding.container_port, 80);
        EXPECT_EQ(binding.protocol, "tcp");
        EXPECT_TRUE(wait_for_log(one.task_id, "app",
                                 "127.0.0.1:" + std::to_string(binding.host_port) + "=" +
                                     std::to_string(binding.host_port) + "\n"));
        ports.push_back(binding.host_port);
    }
    EXPECT_NE(ports[0], ports[1]);
}

TEST_F(ProcessRuntimeTest, AContainerOverItsMemoryLimitIsKilledAndThatIsTheReason) {
    auto container = shell("app", hog(200));
    container.memory_mib = 32;
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, out_of_memory);
}

TEST_F(ProcessRuntimeTest, TheMemoryLimitOfTheTaskHoldsForAllItsContainersTogether) {
    TaskLaunch task = task_of("a1", {shell("one", hog(40)), shell("two", hog(40))});
    task.memory_mib = 64;
    launch(task);
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, out_of_memory);
    EXPECT_EQ(runtime().running(), 1U);
}

TEST_F(ProcessRuntimeTest, AKillFromInsideIsNoMemoryKill) {
    auto container = shell("app", "kill -KILL $$");
    container.memory_mib = 32;
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, "");
}

// ECS behaviour B11.
TEST_F(ProcessRuntimeTest, ARestartPolicyRunsAContainerAgainWhereItIsAndNobodyIsTold) {
    auto container = shell("app", "echo begun; while [ ! -e gate ]; do sleep 0.02; done; rm gate; exit 3");
    container.restart_policy = RestartPolicy{{0}, Seconds(60)};
    launch(task_of("t1", {container}));
    ASSERT_TRUE(wait_for_log("t1", "app", "begun"));
    const auto folder = std::filesystem::directory_iterator(directory_)->path() / "work" / "t1";
    advance(Seconds(60));
    std::ofstream(folder / "gate").close();
    ASSERT_TRUE(wait_for_log("t1", "app", "begun\nbegun"));
    EXPECT_THAT(seen<ContainerExited>(), IsEmpty());
    EXPECT_THAT(seen<ContainerStarted>(), SizeIs(1));
    advance(Seconds(59));
    std::ofstream(folder / "gate").close();
    ASSERT_TRUE(wait_for<ContainerExited>(1)) << "it has not run for the attempt period this time";
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 3);
}

TEST_F(ProcessRuntimeTest, MemoryInUseIsTold) {
    auto container = shell("app", hog(30));
    container.memory_mib = 100;
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for_log("a1", "app", "taken"));
    const auto usage = runtime().memory_usage("a1");
    ASSERT_THAT(usage, SizeIs(1));
    EXPECT_GT(usage.at("app"), 30U << 20U);
    EXPECT_LT(usage.at("app"), 60U << 20U);
    EXPECT_THAT(runtime().memory_usage("unknown"), IsEmpty());
}

TEST_F(ProcessRuntimeTest, ProcessorTimeIsToldAlsoOfChildren) {
    launch(task_of("a1", {shell("app", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo counted; "
                                       "while :; do sleep 1; done")}));
    launch(task_of("a2", {shell("app", "echo here; while :; do sleep 1; done")}));
    ASSERT_TRUE(wait_for_log("a1", "app", "counted"));
    ASSERT_TRUE(wait_for_log("a2", "app", "here"));
    const auto busy = runtime().work_of("a1");
    const auto idle = runtime().work_of("a2");
    ASSERT_THAT(busy, SizeIs(1));
    ASSERT_THAT(idle, SizeIs(1));
    EXPECT_GT(busy.at("app").cpu_time, idle.at("app").cpu_time + Millis(50));
    EXPECT_EQ(busy.at("app").restarts, 0);
    EXPECT_THAT(runtime().work_of("unknown"), IsEmpty());
}

TEST_F(ProcessRuntimeTest, AStoppedContainerThatLeavesIsReportedWithItsOwnExitCode) {
    launch(task_of("a1", {shell("app", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done")}));
    ASSERT_TRUE(wait_for_log("a1", "app", "ready"));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 3);
}

TEST_F(ProcessRuntimeTest, AStoppedContainerThatDoesNothingAboutItEndsBySigterm) {
    launch(task_of("a1", {shell("app", "exec sleep 600")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 143);
}

TEST_F(ProcessRuntimeTest, AContainerThatIgnoresSigtermIsKilledAfterItsStopTimeout) {
    auto container = shell("app", "trap '' TERM; echo ready; while :; do sleep 600; done");
    container.stop_timeout = Seconds(5);
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for_log("a1", "app", "ready"));
    stop("a1");
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(5));
    advance(Millis(4999));
    for (auto& event : runtime().take_events(now_)) { events_.push_back(event); }
    EXPECT_EQ(runtime().running(), 1U);
    advance(Millis(1));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_EQ(seen<ContainerExited>()[0].exit_code, 137);
    EXPECT_EQ(seen<ContainerExited>()[0].reason, "");
}

TEST_F(ProcessRuntimeTest, TheStopTimeoutIsThirtySecondsUnlessTheDefinitionSaysOtherwise) {
    launch(task_of("a1", {shell("app", "trap '' TERM; echo ready; while :; do sleep 600; done")}));
    ASSERT_TRUE(wait_for_log("a1", "app", "ready"));
    stop("a1");
    EXPECT_EQ(runtime().next_event_at(), now_ + Seconds(30));
}

TEST_F(ProcessRuntimeTest, UnknownTasksAreNotStopped) {
    stop("a1");
    EXPECT_THAT(runtime().take_events(now_), IsEmpty());
}

TEST_F(ProcessRuntimeTest, AnImageThatIsNotHereCannotBePulled) {
    ProcessRuntimeOptions wanted = options();
    wanted.workloads = {"web"};
    start(wanted);
    ContainerDefinition foreign;
    foreign.name = "foreign";
    foreign.image = "registry.example.com:5000/shop/cart:1.2";
    launch(task_of("a1", {foreign}));
    ContainerDefinition unknown;
    unknown.name = "unknown";
    unknown.image = "ecs-recycler/nosuch:v3";
    unknown.command = {"/bin/true"};
    launch(task_of("a2", {unknown}));
    ASSERT_TRUE(wait_for<ImagePullFailed>(2));
    const auto failed = seen<ImagePullFailed>();
    EXPECT_EQ(failed[0].reason,
              "CannotPullContainerError: Error response from daemon: pull access denied for "
              "registry.example.com:5000/shop/cart, repository does not exist or may require 'docker login': denied: "
              "requested access to the resource is denied");
    EXPECT_EQ(failed[1].reason, "CannotPullContainerError: Error response from daemon: manifest for "
                                "ecs-recycler/nosuch:v3 not found: manifest unknown: manifest unknown");
    EXPECT_THAT(seen<ContainerStarted>(), IsEmpty());
    EXPECT_THAT(seen<ContainerExited>(), IsEmpty());
}

TEST_F(ProcessRuntimeTest, AnEssentialContainerThatCannotBePulledKeepsTheOthersFromStarting) {
    ContainerDefinition foreign;
    foreign.name = "foreign";
    foreign.image = "nginx";
    launch(task_of("a1", {shell("app", "exec sleep 600"), foreign}));
    ASSERT_TRUE(wait_for<ImagePullFailed>(1));
    EXPECT_THAT(seen<ContainerStarted>(), IsEmpty());
}

TEST_F(ProcessRuntimeTest, ANonEssentialContainerThatCannotBePulledIsLeftOut) {
    ContainerDefinition foreign;
    foreign.name = "foreign";
    foreign.image = "nginx";
    foreign.essential = false;
    launch(task_of("a1", {shell("app", "exec sleep 600"), foreign}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    EXPECT_THAT(seen<ImagePullFailed>(), SizeIs(1));
}

TEST_F(ProcessRuntimeTest, BuiltInImagesRunThisProgram) {
    ProcessRuntimeOptions wanted = options();
    wanted.executable = "/bin/echo";
    wanted.workloads = {"web"};
    start(wanted);
    ContainerDefinition container;
    container.name = "app";
    container.image = "ecs-recycler/web:latest";
    container.command = {"--fast"};
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_TRUE(wait_for_log("a1", "app", "workload web --fast\n"));
}

TEST_F(ProcessRuntimeTest, ProgramsThatDoNotExistAreReportedAsAContainerEngineDoes) {
    const std::string prefix = "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI "
                               "runtime create failed: runc create failed: unable to start container process: ";
    const auto script = directory_ / "not-a-program";
    std::ofstream(script) << "\x7f";
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    std::vector<ContainerDefinition> containers(5, shell("app", ""));
    containers[0].command = {"nosuchprogram"};
    containers[1].command = {"/no/such/program"};
    containers[2].command = {"/etc/passwd"};
    containers[3].working_directory = "/no/such/folder";
    containers[4].command = {script};
    for (std::size_t i = 0; i < containers.size(); ++i) { launch(task_of("a" + std::to_string(i), {containers[i]})); }
    ASSERT_TRUE(wait_for<ImagePullFailed>(5));
    const auto failed = seen<ImagePullFailed>();
    EXPECT_EQ(failed[0].reason, prefix + "exec: \"nosuchprogram\": executable file not found in $PATH: unknown");
    EXPECT_EQ(failed[1].reason,
              prefix + "exec: \"/no/such/program\": stat /no/such/program: no such file or directory: unknown");
    EXPECT_EQ(failed[2].reason, prefix + "exec: \"/etc/passwd\": permission denied: unknown");
    EXPECT_EQ(failed[3].reason,
              prefix +
                  "chdir to cwd (\"/no/such/folder\") set in config.json failed: no such file or directory: unknown");
    EXPECT_EQ(failed[4].reason, prefix + "exec " + script.string() + ": exec format error: unknown");
    EXPECT_THAT(seen<ContainerStarted>(), IsEmpty());
    std::filesystem::remove(script);
}

TEST_F(ProcessRuntimeTest, TheWholeTreeOfAContainerEndsWithItsMainProcess) {
    auto container =
        shell("app", "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM; echo pid=$$; sleep 600; sleep 600' & done; "
                     "while :; do sleep 0.01; done");
    launch(task_of("a1", {container}));
    ASSERT_TRUE(wait_until([&] {
        const auto log = runtime().logs("a1", "app").value_or("");
        return std::ranges::count(log, '\n') == 3;
    }));
    std::istringstream lines(runtime().logs("a1", "app").value());
    std::vector<pid_t> pids;
    for (std::string line; std::getline(lines, line);) { pids.push_back(std::stoi(line.substr(4))); }
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_TRUE(wait_until([&] { return std::ranges::none_of(pids, process_exists); }));
}

TEST_F(ProcessRuntimeTest, NothingOfATaskIsLeftAfterItsEndButItsLogs) {
    launch(task_of("a1", {shell("app", "echo hello")}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    EXPECT_TRUE(wait_until([&] { return runtime().next_event_at() == Instant::max(); }));
    for (const auto& folder : own_cgroups()) { EXPECT_FALSE(std::filesystem::exists(folder + "/a1")) << folder; }
    EXPECT_TRUE(wait_for_log("a1", "app", "hello\n"));
    EXPECT_EQ(runtime().logs("a1", "app").value_or(""), "hello\n");
    EXPECT_FALSE(runtime().logs("a2", "app").has_value());
}

TEST_F(ProcessRuntimeTest, NothingIsLeftWhenTheRuntimeEndsWhileContainersRun) {
    auto container = shell("app", "trap '' TERM; setsid sleep 600 & echo pid=$!; while :; do sleep 600; done");
    launch(task_of("a1", {container, shell("two", "exec sleep 600")}));
    ASSERT_TRUE(wait_for_log("a1", "app", "\n"));
    const pid_t child = std::stoi(runtime().logs("a1", "app").value().substr(4));
    EXPECT_TRUE(process_exists(child));
    { const auto ending = std::move(runtime_); }
    EXPECT_THAT(own_cgroups(), IsEmpty());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
    EXPECT_TRUE(wait_for_end_of(child));
}

TEST_F(ProcessRuntimeTest, FiftyTasksAtOnce) {
    for (int i = 0; i < 50; ++i) {
        auto container = shell("app", "exec sleep 600");
        container.memory_mib = 16;
        container.port_mappings = {{80, 0, "tcp", ""}};
        launch(task_of("a" + std::to_string(i), {container}));
    }
    ASSERT_TRUE(wait_for<ContainerStarted>(50));
    EXPECT_EQ(runtime().running(), 50U);
    std::vector<int> ports;
    for (const auto& started : seen<ContainerStarted>()) { ports.push_back(started.network_bindings.at(0).host_port); }
    std::ranges::sort(ports);
    EXPECT_EQ(std::ranges::adjacent_find(ports), ports.end());
    for (int i = 0; i < 50; ++i) { stop("a" + std::to_string(i)); }
    ASSERT_TRUE(wait_for<ContainerExited>(50));
    for (const auto& exited : seen<ContainerExited>()) { EXPECT_EQ(exited.exit_code, 143); }
}

TEST_F(ProcessRuntimeTest, AContainerThatWritesMuchKeepsTheNewestPartOfIt) {
    launch(task_of("a1", {shell("app", "yes 0123456789 | head -c 5000000; echo; echo end")}));
    ASSERT_TRUE(wait_for<ContainerExited>(1));
    ASSERT_TRUE(wait_for_log("a1", "app", "\nend\n"));
    const std::string log = runtime().logs("a1", "app").value();
    EXPECT_GT(log.size(), 1U << 20U);
    EXPECT_LE(log.size(), 2U << 20U);
}

TEST_F(ProcessRuntimeTest, WithoutNotificationItAsksToBePolledWhileContainersRun) {
    ProcessRuntimeOptions wanted = options();
    wanted.notify = {};
    start(wanted);
    EXPECT_EQ(runtime().next_event_at(), Instant::max());
    launch(task_of("a1", {shell("app", "exec sleep 600")}));
    ASSERT_TRUE(wait_for<ContainerStarted>(1));
    EXPECT_GT(runtime().next_event_at(), now_);
    EXPECT_LE(runtime().next_event_at(), now_ + Millis(50));
    stop("a1");
    ASSERT_TRUE(wait_for<ContainerExited>(1));
}

TEST_F(ProcessRuntimeTest, AFolderThatCannotBeMadeIsAnError) {
    ProcessRuntimeOptions wanted = options();
    wanted.temp_directory = "/no/such/folder";
    const auto made = ProcessRuntime::create(wanted);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().message, "cannot make a folder in /no/such/folder: No such file or directory");
}

// Runs `body` in a process of its own that then is killed, as by a crash.
void in_a_process_that_is_killed(const std::function<void(int ready)>& body) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        body(ends[1]);
        ::_exit(1);
    }
    ::close(ends[1]);
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 1);
    ::close(ends[0]);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

TEST_F(ProcessRuntimeTest, NothingIsLeftWhenTheRuntimesProcessIsKilled) {
    for (const auto guard : {std::optional<MemoryGuard>(), std::optional(MemoryGuard::Watchdog)}) {
        SCOPED_TRACE(guard ? to_string(*guard) : "cgroups");
        const std::string note = (directory_ / "note").string();
        in_a_process_that_is_killed([&](int ready) {
            ProcessRuntimeOptions wanted = options();
            wanted.memory_guard = guard;
            auto made = ProcessRuntime::create(wanted);
            const auto tree =
                shell("app", "sleep 600 & echo $$ $! >" + note + ".new; mv " + note + ".new " + note + "; sleep 600");
            made.value()->launch(task_of("a1", {tree}), now_);
            while (!std::filesystem::exists(note)) { std::this_thread::yield(); }
            EXPECT_EQ(::write(ready, "x", 1), 1);
            ::pause();
        });
        pid_t main = 0;
        pid_t child = 0;
        std::ifstream(note) >> main >> child;
        ASSERT_GT(child, 0);
        EXPECT_TRUE(wait_for_end_of(main));
        EXPECT_TRUE(wait_for_end_of(child));
        std::filesystem::remove(note);
        EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(directory_); })) << "the folder was left";
    }
}

TEST_F(ProcessRuntimeTest, WhatACrashedRuntimeLeftIsRemovedAtTheNextStart) {
    pid_t gone = ::fork();
    if (gone == 0) { ::_exit(0); }
    ::waitpid(gone, nullptr, 0);
    const std::string abandoned = "ecs-recycler-" + std::to_string(gone) + "-0123abcd";
    const std::string alive = "ecs-recycler-" + std::to_string(::getpid()) + "-0123abcd";
    std::filesystem::create_directories(directory_ / abandoned / "logs");
    std::filesystem::create_directories(directory_ / alive);
    std::filesystem::create_directories(directory_ / "ecs-recycler-notes");
    runtime();
    EXPECT_FALSE(std::filesystem::exists(directory_ / abandoned));
    EXPECT_TRUE(std::filesystem::exists(directory_ / alive));
    EXPECT_TRUE(std::filesystem::exists(directory_ / "ecs-recycler-notes"));
    std::filesystem::remove(directory_ / alive);
    std::filesystem::remove(directory_ / "ecs-recycler-notes");
}

} // namespace
} // namespace ecsr::local::testing
