// Networks of tasks' own, where this machine permits them; tests/e2e/local_netns_test.py has the rest.
#include "local/runtime/network_namespace.hpp"
#include "local/state/ids.hpp"
#include "tests/local/runtime/runtime_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace ecsr::local::testing {
namespace {

TaskLaunch with_network(const std::string& id, const std::string& address, const std::string& script) {
    TaskLaunch launch = task_of(id, {shell("app", script)});
    launch.network_mode = NetworkMode::Awsvpc;
    launch.address = address;
    return launch;
}

// Tests of this file run side by side, and the kernel lets go of an address only a moment after its network has ended.
std::string new_address() {
    static std::uint64_t made = 0;
    return network_address(32 * static_cast<std::uint64_t>(getpid() % 4'000) + ++made);
}

class OwnNetworks : public RuntimeTest {
protected:
    void SetUp() override {
        if (const auto made = NetworkNamespace::create(new_address(), fmt::format("ecsr-{}", getpid())); !made) {
            GTEST_SKIP() << made.error().message;
        }
        auto wanted = options();
        wanted.own_networks = true;
        start(wanted);
    }
};

TEST_F(OwnNetworks, TwoTasksBindTheSamePortOfEveryAddress) {
    const std::string binds = "exec python3 -c 'import socket, time; s = socket.create_server((\"0.0.0.0\", 7)); "
                              "print(\"bound\", flush=True); time.sleep(600)'";
    launch(with_network("one", new_address(), binds));
    launch(with_network("two", new_address(), binds));
    EXPECT_TRUE(wait_for_log("one", "app", "bound")) << runtime().logs("one", "app").value_or("");
    EXPECT_TRUE(wait_for_log("two", "app", "bound")) << runtime().logs("two", "app").value_or("");
}

TEST_F(OwnNetworks, AnAddressThatCannotBeUsedIsTheContainersReasonNotToStart) {
    launch(with_network("one", "no address", "exit 0"));
    ASSERT_TRUE(wait_for<ImagePullFailed>(1));
    EXPECT_THAT(seen<ImagePullFailed>().front().reason, ::testing::HasSubstr("CannotCreateContainerError"));
    EXPECT_THAT(seen<ImagePullFailed>().front().reason, ::testing::HasSubstr("ip: "));
}

TEST_F(OwnNetworks, OtherNetworkModesShareThatOfTheMachine) {
    auto task = with_network("one", "127.0.0.1", "readlink /proc/self/ns/net");
    task.network_mode = NetworkMode::Bridge;
    launch(task);
    const std::string own = std::filesystem::read_symlink("/proc/self/ns/net").string();
    EXPECT_TRUE(wait_for_log("one", "app", own));
}

TEST(NetworkAddress, KeepsClearOfWhatIsNoTasks) {
    EXPECT_EQ(network_address(1), "198.18.1.1");
    EXPECT_EQ(network_address(254), "198.18.1.254");
    EXPECT_EQ(network_address(255), "198.18.2.1");
    EXPECT_EQ(network_address(511 * 254), "198.19.255.254");
    EXPECT_EQ(network_address(511 * 254 + 1), "198.18.1.1");
}

} // namespace
} // namespace ecsr::local::testing
