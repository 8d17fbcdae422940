#include "net/unix_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace ecsr {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

// Closes the socket when it goes out of scope.
class Connection {
public:
    explicit Connection(int descriptor) : descriptor_(descriptor) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (descriptor_ >= 0) { close(descriptor_); }
    }
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

std::unexpected<Error> broken(const std::string& path) {
    return fail(ErrorKind::Unreachable, fmt::format("{}: {}", path, std::strerror(errno)));
}

Status wait_until_ready(int descriptor, short events, Deadline deadline, const std::string& path) {
    while (true) {
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) { return fail(ErrorKind::Timeout, fmt::format("{}: no answer in time", path)); }
        pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
        const int ready = poll(&waiting, 1, static_cast<int>(left));
        if (ready > 0) { return {}; }
        if (ready < 0 && errno != EINTR) { return broken(path); }
    }
}

Status send_all(int descriptor, const std::string& text, Deadline deadline, const std::string& path) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        if (auto ready = wait_until_ready(descriptor, POLLOUT, deadline, path); !ready) { return ready; }
        const auto count = send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EINTR && errno != EAGAIN) { return broken(path); }
        if (count > 0) { sent += static_cast<std::size_t>(count); }
    }
    return {};
}

Result<std::string> receive_all(int descriptor, Deadline deadline, const std::string& path) {
    std::string answer;
    std::array<char, 16384> buffer{};
    while (true) {
        if (auto ready = wait_until_ready(descriptor, POLLIN, deadline, path); !ready) {
            return std::unexpected(ready.error());
        }
        const auto count = recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count == 0) { return answer; }
        if (count < 0 && errno != EINTR && errno != EAGAIN) { return broken(path); }
        if (count > 0) { answer.append(buffer.data(), static_cast<std::size_t>(count)); }
    }
}

} // namespace

Result<std::string> unix_socket_exchange(const std::string& path, const std::string& command, Millis timeout) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail(ErrorKind::Io, fmt::format("{}: longer than the {} characters that a Unix socket path may have",
                                               path, sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    const Connection connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connection.descriptor() < 0) { return broken(path); }
    // Connecting to a Unix socket does not wait unless the listener's backlog is full, which the send time-out covers.
    const timeval patience{.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
    setsockopt(connection.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(connection.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return broken(path);
    }
    if (auto sent = send_all(connection.descriptor(), command, deadline, path); !sent) {
        return std::unexpected(sent.error());
    }
    return receive_all(connection.descriptor(), deadline, path);
}

} // namespace ecsr
