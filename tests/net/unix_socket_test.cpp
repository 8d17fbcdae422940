#include "net/loopback_listener.hpp"
#include "net/unix_socket.hpp"

#include <cstring>
#include <filesystem>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace ecsr {
namespace {

// Listens on a Unix socket in a folder of its own.
class UnixSocket : public ::testing::Test {
protected:
    UnixSocket() {
        std::string folder = (std::filesystem::temp_directory_path() / "unix-socket-XXXXXX").string();
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        path_ = folder + "/s";
        listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(listener_, 1), 0);
    }
    ~UnixSocket() override {
        close(listener_);
        std::filesystem::remove_all(folder_);
    }

    // Reads one line, answers with `answer` in two parts, closes.
    std::jthread serve(std::string answer) {
        return std::jthread([this, answer = std::move(answer)] {
            const int connection = accept(listener_, nullptr, nullptr);
            char byte = 0;
            while (read(connection, &byte, 1) == 1 && byte != '\n') { question_ += byte; }
            const auto half = answer.size() / 2;
            EXPECT_EQ(write(connection, answer.data(), half), static_cast<ssize_t>(half));
            EXPECT_GE(write(connection, answer.data() + half, answer.size() - half), 0);
            close(connection);
        });
    }

    std::filesystem::path folder_;
    std::string path_;
    std::string question_;
    int listener_ = -1;
};

TEST_F(UnixSocket, TheAnswerIsReadToItsEnd) {
    const std::string long_answer(200'000, 'x');
    auto server = serve(long_answer);
    const auto answer = unix_socket_exchange(path_, "show stat\n", Millis{5000});
    server.join();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, long_answer);
    EXPECT_EQ(question_, "show stat");
}

TEST_F(UnixSocket, AServerThatNeverAnswersIsATimeout) {
    const auto answer = unix_socket_exchange(path_, "show stat\n", Millis{50});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
}

TEST_F(UnixSocket, APathWhereNobodyListensIsUnreachable) {
    const auto answer = unix_socket_exchange(path_ + "-none", "show stat\n", Millis{1000});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Unreachable);
    EXPECT_EQ(answer.error().message, path_ + "-none: No such file or directory");
}

TEST_F(UnixSocket, APathThatIsTooLongIsNamed) {
    const auto answer = unix_socket_exchange(std::string(200, 'p'), "", Millis{1000});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Io);
}

TEST(LoopbackListener, TheKernelPicksAPortAndATakenPortIsRefused) {
    const auto first = listen_on_loopback(0);
    ASSERT_TRUE(first);
    EXPECT_NE(first->port, 0);
    const auto second = listen_on_loopback(first->port);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::Refused);
    EXPECT_EQ(second.error().message, fmt::format("cannot bind 127.0.0.1:{}: Address already in use", first->port));
    close(first->descriptor);
}

} // namespace
} // namespace ecsr
