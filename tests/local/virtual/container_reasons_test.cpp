// The reasons of containers (ECS behaviour C4) that containers on virtual time end with, as DescribeTasks tells them.
//
// The other runtimes add CannotCreateContainerError and CannotInspectContainerError, each in its own tests. The rest of
// C4 is not reached: there are no registries with rights of their own (CannotPullECRContainerError,
// CannotPullContainerAuthError, CannotPullImageManifestError), no volumes (CannotCreateVolumeError, InvalidVolumeError,
// HostConfigError), and no agent that loses a container or its time (ContainerNetworkingError, ContainerVanishedError,
// NoSuchContainerError, DockerTimeoutError, DockerStateError, CannotStopContainerError, CannotRemoveContainerError,
// CannotDescribeContainerError, TaskStoppedBeforePullBeginError).
#include "local/virtual/virtual_ecs.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

struct Case {
    std::string containers; // JSON, of the definition
    std::string launch_type;
    std::string stopped_reason;
    std::string reason; // of the container "app"
};

std::string labelled(const std::string& labels) {
    return R"([{"name":"app","image":"i","memory":64,"dockerLabels":{)" + labels + "}}]";
}

// The task that RunTask of these containers has left behind.
Task run(const Case& each) {
    VirtualEcs ecs({.seed = 1, .start = ecsr::testing::fixed_epoch, .scheduler = {}});
    const auto must = [](const Result<std::string>& answer) { EXPECT_TRUE(answer) << answer.error().message; };
    must(ecs.ecs("CreateCluster", R"({"clusterName":"c"})"));
    must(ecs.ecs("RegisterTaskDefinition",
                 R"({"family":"f","networkMode":"awsvpc","containerDefinitions":)" + each.containers + "}"));
    must(ecs.ecs("RunTask", R"({"cluster":"c","taskDefinition":"f","launchType":")" + each.launch_type +
                                R"(","networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"]}}})"));
    ecs.go_on(std::chrono::minutes(10));
    EXPECT_EQ(ecs.state().tasks.size(), 1U);
    return ecs.state().tasks.begin()->second;
}

TEST(ContainerReasons, AreThoseOfTheAgentLetterForLetter) {
    const std::string leak = labelled(R"("local.ecs/memory-base":"65MiB")");
    const std::string pull = labelled(R"("local.ecs/image-pull":"fail: inspect image has been retried 1 time(s): x")");
    const std::string pulled = "CannotPullContainerError: inspect image has been retried 1 time(s): x";
    const std::string exited = "Essential container in task exited";
    const Case cases[] = {
        {leak, "EC2", exited, "OutOfMemoryError: Container killed due to memory usage"},
        {leak, "FARGATE", exited, "OutOfMemoryError: container killed due to memory usage"},
        {pull, "EC2", "Task failed to start", pulled},
        {pull, "FARGATE", pulled, pulled},
        {R"([{"name":"app","image":"i","memory":64,"dependsOn":[{"containerName":"init","condition":"SUCCESS"}]},
             {"name":"init","image":"i","memory":64,"essential":false,"dockerLabels":{"local.ecs/exit":"3@5s"}}])",
         "EC2", "Task failed to start",
         "TaskDependencyError: container app depends on container init to reach SUCCESS, which cannot happen any more"},
        {labelled(R"("local.ecs/exit":"1@1s")"), "EC2", exited, ""},
    };
    for (const Case& each : cases) {
        SCOPED_TRACE(each.launch_type + " " + each.containers);
        const Task task = run(each);
        EXPECT_EQ(task.last_status, TaskStatus::Stopped);
        EXPECT_EQ(task.stopped_reason, each.stopped_reason);
        EXPECT_EQ(task.containers.front().reason, each.reason);
    }
}

// ECS behaviour C4: no exit code where nothing ran; 137 for a kill, 143 for SIGTERM, else the program's own.
TEST(ContainerReasons, HaveTheirExitCodes) {
    const auto exit_code = [](const std::string& labels) {
        return run({labelled(labels), "EC2", "", ""}).containers.front().exit_code;
    };
    EXPECT_EQ(exit_code(R"("local.ecs/image-pull":"fail: x")"), std::nullopt);
    EXPECT_EQ(exit_code(R"("local.ecs/memory-base":"65MiB")"), 137);
    EXPECT_EQ(exit_code(R"("local.ecs/exit":"3@1s")"), 3);
}

} // namespace
} // namespace ecsr::local
