// ecs-recycler: puts the parts together and runs one command.
#include "act/process_mark.hpp"
#include "base/random.hpp"
#include "cli/app.hpp"
#include "net/curl_mail.hpp"
#include "net/curl_transport.hpp"
#include "net/http_server.hpp"
#include "net/loopback_listener.hpp"
#include "net/system_clock.hpp"
#include "net/unix_socket.hpp"
#include "signals.hpp"
#include "terminal.hpp"

#include <climits>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace {

using namespace ecsr;

std::string holder(const aws::Environment& environment) {
    char host[HOST_NAME_MAX + 1] = {};
    gethostname(host, sizeof host - 1);
    const auto user = environment.non_empty("USER").value_or("uid " + std::to_string(getuid()));
    return user + "@" + host + " pid " + std::to_string(getpid());
}

Result<std::pair<int, std::uint16_t>> listen(std::uint16_t port) {
    const auto socket = listen_on_loopback(port);
    if (!socket) { return std::unexpected(socket.error()); }
    return std::pair{socket->descriptor, socket->port};
}

Result<std::unique_ptr<Transport>> connect_socket(const std::string& path) {
    auto transport = CurlTransport::create({.unix_socket = path});
    if (!transport) { return std::unexpected(transport.error()); }
    return std::unique_ptr<Transport>(std::move(*transport));
}

std::string own_path() {
    std::error_code unreadable;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", unreadable);
    return unreadable ? "/proc/self/exe" : path.string();
}

cli::Console console() {
    const bool shows_errors = apps::is_terminal(STDERR_FILENO);
    return {.out = std::cout,
            .err = std::cerr,
            .err_is_terminal = shows_errors,
            .can_ask = shows_errors && apps::is_terminal(STDIN_FILENO),
            .columns = apps::columns(STDERR_FILENO),
            .read_line = apps::read_line};
}

// Such as head, when it has read what it wants: nobody misses the rest.
bool reader_has_left() {
    pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

} // namespace

int main(int argc, char** argv) {
    apps::Signals signals;
    auto environment = aws::system_environment();
    const auto transport =
        CurlTransport::create({.ca_bundle = environment.non_empty("AWS_CA_BUNDLE").value_or(""), .verify_tls = true});
    if (!transport) {
        std::cerr << "ecs-recycler: " << transport.error().message << "\n";
        return 2;
    }
    CurlMail mail;
    SystemClock clock;
    const auto temp = environment.non_empty("TMPDIR").value_or("/tmp");
    const auto held_by = holder(environment);
    cli::World world{
        .transport = **transport,
        .clock = clock,
        .outside = {.transport = **transport, .mail = mail, .clock = clock},
        .start_server = start_http_server,
        .socket_exchange = unix_socket_exchange,
        .listen = listen,
        .connect_socket = connect_socket,
        .environment = std::move(environment),
        .console = console(),
        .interrupts = {.end_in_order = signals.end_in_order(), .leave_now = signals.leave_now()},
        .on_hangup = [&signals](std::function<void()> handler) { signals.on_hangup(std::move(handler)); },
        .seed = seed_from_system(),
        .executable = own_path(),
        .temp_directory = temp,
        .holder = held_by,
        .process = act::process_mark(),
    };
    const int code = cli::run(std::vector<std::string>(argv + 1, argv + argc), world);
    std::cout.flush();
    if (std::cout || reader_has_left()) { return code; }
    std::cerr << "ecs-recycler: standard output cannot be written: the result is not complete\n";
    return code == 0 ? 1 : code;
}
