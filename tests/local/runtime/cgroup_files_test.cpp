#include "local/runtime/cgroup_files.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ecsr::local {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* hybrid_mounts = "tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0\n"
                                      "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n"
                                      "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
                                      "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";

TEST(CgroupMounts, OfAHybridMachine) {
    const auto mounts = find_cgroup_mounts(hybrid_mounts, "4:memory:/jobs/17\n1:cpu,cpuacct:/\n0::/\n");
    EXPECT_THAT(mounts.unified, ElementsAre("/sys/fs/cgroup/unified"));
    EXPECT_THAT(mounts.memory,
                ElementsAre("/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/jobs", "/sys/fs/cgroup/memory/jobs/17"));
}

TEST(CgroupMounts, OfAMachineWithVersionTwoAlone) {
    const auto mounts = find_cgroup_mounts("cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n",
                                           "0::/user.slice/user-1000.slice/app.scope\n");
    EXPECT_THAT(mounts.unified, ElementsAre("/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/user-1000.slice",
                                            "/sys/fs/cgroup/user.slice/user-1000.slice/app.scope"));
    EXPECT_THAT(mounts.memory, IsEmpty());
}

TEST(CgroupMounts, OfAMachineWithout) {
    const auto mounts = find_cgroup_mounts("proc /proc proc rw 0 0\n", "");
    EXPECT_THAT(mounts.unified, IsEmpty());
    EXPECT_THAT(mounts.memory, IsEmpty());
}

TEST(OwnerOfFolder, IsInTheNameOfARuntimesFolderAlone) {
    EXPECT_EQ(owner_of_folder("ecs-recycler-123-0af9"), 123);
    for (const auto* other : {"ecs-recycler-123", "ecs-recycler-123-", "ecs-recycler-x-0af9", "ecs-recycler-123-xyz",
                              "ecs-recycler-123-0af9-1", "ecs-recycler-0-0af9", "ecs-recycler-99999999999-0af9",
                              "ecs-recycler--1-0af9", "other-123-0af9", ""}) {
        EXPECT_EQ(owner_of_folder(other), std::nullopt) << other;
    }
}

class CgroupFilesTest : public ::testing::Test {
protected:
    CgroupFilesTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cgroup_files_test.XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~CgroupFilesTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

TEST_F(CgroupFilesTest, CountersAreReadByName) {
    std::ofstream(folder_ / "memory.events") << "low 1\nhigh 2\noom 3\noom_kill 4\noom_group_kill 5\n";
    EXPECT_EQ(cgroup_counter(folder_ / "memory.events", "oom_kill"), 4U);
    EXPECT_EQ(cgroup_counter(folder_ / "memory.events", "nosuch"), 0U);
    EXPECT_EQ(cgroup_counter(folder_ / "nosuch", "oom_kill"), 0U);
}

TEST_F(CgroupFilesTest, WritesSayWhatWentWrong) {
    const auto written = write_cgroup_file(folder_ / "nosuch", "1");
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().message,
              "cannot write \"1\" to " + (folder_ / "nosuch").string() + ": No such file or directory");
}

TEST_F(CgroupFilesTest, WithoutAKillFileTheListedProcessesAreKilledUntilNoneIsListed) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    std::filesystem::create_directories(folder_ / "task" / "container");
    std::ofstream(folder_ / "task" / "cgroup.procs") << "";
    std::ofstream(folder_ / "task" / "container" / "cgroup.procs") << child << '\n';
    EXPECT_FALSE(kill_cgroup(folder_));
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    std::ofstream(folder_ / "task" / "container" / "cgroup.procs") << "";
    EXPECT_TRUE(kill_cgroup(folder_));
}

TEST_F(CgroupFilesTest, FoldersAreRemovedFromTheInside) {
    std::filesystem::create_directories(folder_ / "a" / "b" / "c");
    EXPECT_TRUE(remove_cgroup(folder_ / "a"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "a"));
    EXPECT_TRUE(remove_cgroup(folder_ / "a")) << "gone is as good as removed";
}

} // namespace
} // namespace ecsr::local
