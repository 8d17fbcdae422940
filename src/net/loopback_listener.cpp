#include "net/loopback_listener.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ecsr {
namespace {

constexpr int backlog = 1024;

std::unexpected<Error> give_up(int descriptor, std::uint16_t port, const char* what) {
    const int reason = errno;
    if (descriptor >= 0) { close(descriptor); }
    const bool refused = reason == EACCES || reason == EADDRINUSE;
    return fail(refused ? ErrorKind::Refused : ErrorKind::Io,
                fmt::format("cannot {} 127.0.0.1:{}: {}", what, port, std::strerror(reason)));
}

} // namespace

Result<ListeningSocket> listen_on_loopback(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) { return give_up(descriptor, port, "open a socket for"); }
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);

    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        return give_up(descriptor, port, "bind");
    }
    if (listen(descriptor, backlog) != 0) { return give_up(descriptor, port, "listen on"); }
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return give_up(descriptor, port, "read the port of");
    }
    return ListeningSocket{.descriptor = descriptor, .port = ntohs(address.sin_port)};
}

} // namespace ecsr
