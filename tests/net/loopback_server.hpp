// A server on a loopback port that does to its connections whatever a test says; and ports that never answer.
#pragma once

#include "base/text.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ecsr::testing {

class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {
        if (fd < 0) { std::abort(); }
    }
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (fd_ >= 0) { ::close(fd_); }
    }
    int fd() const { return fd_; }

private:
    int fd_;
};

// Bound to 127.0.0.1 and a port that the kernel picks; not listening, so that connections are refused.
inline Socket bound_socket() {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) { std::abort(); }
    return socket;
}

inline sockaddr_in address_of(const Socket& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) { std::abort(); }
    return address;
}

inline std::string url_of(const Socket& socket) {
    return "http://127.0.0.1:" + std::to_string(ntohs(address_of(socket).sin_port));
}

// One connection, as the server sees it.
class Connection {
public:
    explicit Connection(Socket socket) : socket_(std::move(socket)) {}

    // Head and body of the next request, as they came over the wire; empty when the client has closed.
    std::string read_request() {
        while (true) {
            const auto head = input_.find("\r\n\r\n");
            if (head != std::string::npos && input_.size() >= head + 4 + content_length(head)) {
                const auto size = head + 4 + content_length(head);
                std::string request = input_.substr(0, size);
                input_.erase(0, size);
                return request;
            }
            char buffer[65536];
            const auto got = ::recv(socket_.fd(), buffer, sizeof buffer, 0);
            if (got <= 0) { return ""; }
            input_.append(buffer, static_cast<std::size_t>(got));
        }
    }

    void write(std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(socket_.fd(), text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) { return; }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void answer(int status, const std::string& body, const std::string& headers = "") {
        write("HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }

private:
    std::size_t content_length(std::size_t head) const {
        for (const auto& line : split(std::string_view(input_).substr(0, head), '\n')) {
            const auto colon = line.find(':');
            if (equals_ignoring_case(line.substr(0, colon), "content-length")) {
                return static_cast<std::size_t>(std::stoul(line.substr(colon + 1)));
            }
        }
        return 0;
    }

    Socket socket_;
    std::string input_;
};

// Serves each connection in its own thread with `serve`; the connection closes when `serve` returns.
class LoopbackServer {
public:
    using Serve = std::function<void(Connection&)>;

    explicit LoopbackServer(Serve serve) : serve_(std::move(serve)), listener_(bound_socket()) {
        if (::listen(listener_.fd(), 64) != 0) { std::abort(); }
        acceptor_ = std::thread([this] { accept_all(); });
    }

    // Closes everything; a `serve` that still reads sees the end of its connection.
    ~LoopbackServer() {
        ::shutdown(listener_.fd(), SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int fd : open_) { ::shutdown(fd, SHUT_RDWR); }
        }
        for (auto& worker : workers_) { worker.join(); }
    }

    std::string url() const { return url_of(listener_); }

    int connections() {
        const std::lock_guard lock(mutex_);
        return connections_;
    }

    // Returns when `count` connections have been served and closed.
    void wait_for_closed(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ >= count; });
    }

private:
    void accept_all() {
        while (true) {
            const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) { return; }
            const std::lock_guard lock(mutex_);
            ++connections_;
            open_.push_back(fd);
            workers_.emplace_back([this, fd] { serve_one(fd); });
        }
    }

    void serve_one(int fd) {
        {
            Connection connection{Socket(fd)};
            serve_(connection);
            const std::lock_guard lock(mutex_);
            std::erase(open_, fd);
        }
        const std::lock_guard lock(mutex_);
        ++closed_;
        changed_.notify_all();
    }

    const Serve serve_;
    const Socket listener_;
    std::thread acceptor_;
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> workers_;
    std::condition_variable changed_;
    int connections_ = 0;
    int closed_ = 0;
};

// A port on which connecting never ends: its backlog is full and nobody accepts.
class FullBacklog {
public:
    FullBacklog() : listener_(bound_socket()) {
        if (::listen(listener_.fd(), 0) != 0) { std::abort(); }
        const auto address = address_of(listener_);
        // The kernel takes backlog + 1 connections; more stay half open.
        for (int i = 0; i < 4; ++i) {
            Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            const int status = ::connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
            if (status != 0 && errno != EINPROGRESS) { std::abort(); }
            clients_.push_back(std::move(client));
        }
    }

    std::string url() const { return url_of(listener_); }

private:
    const Socket listener_;
    std::vector<Socket> clients_;
};

} // namespace ecsr::testing
