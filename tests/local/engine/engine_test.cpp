// What the container runtime reads of the engine and of the kernel; the rest is tested with a real engine
// (tests/contract/local_container_test.py).
#include "local/engine/engine_json.hpp"
#include "local/engine/engine_parts.hpp"
#include "local/engine/log_follower.hpp"
#include "local/engine/memory_watch.hpp"
#include "local/engine/task_network.hpp"
#include "local/engine/workload_image.hpp"

#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <thread>

namespace ecsr::local {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

TEST(LogStream, IsReadOutOfItsFrames) {
    EXPECT_EQ(without_frames("\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\4 two"s), "one two");
    EXPECT_EQ(without_frames("plain text"), "plain text");
    EXPECT_EQ(without_frames(""), "");
}

TEST(LogFollower, ReadsEachLineOnceAlsoWhereSeveralAreOfOneSecond) {
    LogPlace place;
    EXPECT_THAT(new_lines("2025-11-20T10:00:01.5Z one\n2025-11-20T10:00:02.1Z two\n", place),
                ::testing::ElementsAre("one", "two"));
    EXPECT_EQ(place.since, 1763632802);
    // What the engine tells since 10:00:02.
    EXPECT_THAT(new_lines("2025-11-20T10:00:02.1Z two\n", place), ::testing::IsEmpty());
    EXPECT_THAT(new_lines("2025-11-20T10:00:02.1Z two\n2025-11-20T10:00:02.1Z two\n", place),
                ::testing::ElementsAre("two"));
    EXPECT_THAT(
        new_lines("2025-11-20T10:00:02.1Z two\n2025-11-20T10:00:02.1Z two\n2025-11-20T11:00:03+01:00 \n", place),
        ::testing::ElementsAre(""));
    EXPECT_EQ(place.since, 1763632803);
    EXPECT_EQ(place.seen, 1U);
    EXPECT_THAT(new_lines("", place), ::testing::IsEmpty());
}

TEST(MemoryCgroup, OfVersion1IsPreferredAndMustBeTheContainers) {
    const std::string mounts = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
                               "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
    const auto found = find_memory_cgroup("4:memory:/pods/c-abc\n0::/pods/c-abc\n", mounts, "abc");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->folder, "/sys/fs/cgroup/memory/pods/c-abc");
    EXPECT_FALSE(found->unified);
    EXPECT_EQ(find_memory_cgroup("4:memory:/pods/c-other\n", mounts, "abc"), std::nullopt);
    const auto unified = find_memory_cgroup("0::/pods/c-abc\n", mounts, "abc");
    ASSERT_TRUE(unified.has_value());
    EXPECT_EQ(unified->folder, "/sys/fs/cgroup/unified/pods/c-abc");
    EXPECT_TRUE(unified->unified);
}

// A folder with a file of that name stands for a cgroup v2: both tell changes in the same way.
TEST(MemoryWatch, OfVersion2HearsOfAKill) {
    std::string pattern = (fs::temp_directory_path() / "memory_watch.XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    std::ofstream(folder / "memory.events") << "oom 0\noom_kill 0\n";
    auto helper = HelperThread::create(Millis{1000}, {});
    ASSERT_TRUE(helper.has_value());
    {
        const auto watch = MemoryWatch::start(MemoryCgroup{folder, true}, **helper);
        ASSERT_NE(watch, nullptr);
        EXPECT_FALSE(watch->has_killed());
        std::ofstream(folder / "memory.events") << "oom 1\noom_kill 1\n";
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!watch->has_killed() && std::chrono::steady_clock::now() < deadline) { std::this_thread::yield(); }
        EXPECT_TRUE(watch->has_killed());
    }
    helper->reset();
    fs::remove_all(folder);
}

TEST(Archive, HasTheChecksumThatTarExpects) {
    const auto entry = tar_entry("lib/a.so", "content");
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->size(), 1024U);
    EXPECT_EQ(entry->substr(0, 8), "lib/a.so");
    EXPECT_EQ(entry->substr(257, 5), "ustar");
    EXPECT_EQ(entry->substr(512, 7), "content");
    unsigned sum = 8U * ' '; // the field of the sum counts as spaces
    for (std::size_t i = 0; i < 512; ++i) {
        if (i < 148 || i >= 156) { sum += static_cast<unsigned char>((*entry)[i]); }
    }
    EXPECT_EQ(std::stoul(entry->substr(148, 6), nullptr, 8), sum);
}

TEST(Owner, IsGoneWhenItsProcessIsAndKeptWhenThatCannotBeTold) {
    EXPECT_FALSE(owner_is_gone(owner_mark()));
    const std::string mine = owner_mark();
    EXPECT_TRUE(owner_is_gone(mine + "1")); // another start: the number was used again
    EXPECT_FALSE(owner_is_gone("another-machine 1 1"));
    EXPECT_FALSE(owner_is_gone("nonsense"));
}

TEST(PublishedPorts, AreTheContainersOwnAtTheAddressOfAnAwsvpcTask) {
    ContainerDefinition container;
    container.port_mappings = {PortMapping{80, 8080, "tcp", ""}};
    const auto awsvpc = published_ports(NetworkMode::Awsvpc, "127.0.1.5", container);
    ASSERT_EQ(awsvpc.size(), 1U);
    EXPECT_EQ(awsvpc[0].host_address, "127.0.1.5");
    EXPECT_EQ(awsvpc[0].host_port, 80);
    EXPECT_EQ(published_ports(NetworkMode::Bridge, "127.0.0.1", container)[0].host_port, 8080);
    EXPECT_TRUE(published_ports(NetworkMode::Host, "127.0.0.1", container).empty());
}

TEST(EngineStats, TellTheProcessorTimeInNanoseconds) {
    EXPECT_EQ(read_cpu_time(R"({"cpu_stats":{"cpu_usage":{"total_usage":2500000999}}})").value(), Micros(2'500'000));
    EXPECT_EQ(read_cpu_time(R"({"cpu_stats":{}})").error().message, "the container engine tells no processor time");
}

TEST(EngineSockets, AreThoseOfDockerHostAlone) {
    EXPECT_THAT(engine_sockets("unix:///x.sock", "").value(), ::testing::ElementsAre("/x.sock"));
    EXPECT_EQ(engine_sockets("", "/run/user/7").value().back(), "/run/user/7/podman/podman.sock");
    const auto refused = engine_sockets("tcp://127.0.0.1:2375", "");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Usage);
}

} // namespace
} // namespace ecsr::local
