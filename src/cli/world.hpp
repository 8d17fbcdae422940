// Everything of this machine that a command may use. Made by apps/ from net/; tests hand in their own.
#pragma once

#include "aws/environment.hpp"
#include "base/clock.hpp"
#include "base/http_server.hpp"
#include "base/mail.hpp"
#include "base/time.hpp"
#include "base/transport.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace ecsr::cli {

struct Console {
    std::ostream& out; // results
    std::ostream& err; // progress, questions, errors
    bool err_is_terminal = false;
    bool can_ask = false; // a person is at standard input and at standard error
    int columns = 80;
    // One line of standard input without its end; nothing at its end or when `stop` is requested.
    std::function<std::optional<std::string>(std::stop_token stop)> read_line;
};

// SIGINT and SIGTERM: the first asks to end in order, the second to leave at once.
struct Interrupts {
    std::stop_token end_in_order;
    std::stop_token leave_now;
};

// Sends one command to the Unix socket at `path` and returns the whole answer.
using SocketExchange =
    std::function<Result<std::string>(const std::string& path, const std::string& command, Millis timeout)>;

// A listening socket on 127.0.0.1: (descriptor, port); the descriptor becomes the caller's. Port 0: the kernel picks
// one.
using Listen = std::function<Result<std::pair<int, std::uint16_t>>(std::uint16_t port)>;

// HTTP to the Unix socket at the path.
using ConnectSocket = std::function<Result<std::unique_ptr<Transport>>(const std::string& path)>;

// Where people are told. In real time, also where a command lives in the time of a local ECS.
struct Outside {
    Transport& transport;
    MailTransport& mail;
    Clock& clock;
};

struct World {
    Transport& transport;
    Clock& clock;
    Outside outside;
    HttpServerFactory start_server;
    SocketExchange socket_exchange;
    Listen listen;
    ConnectSocket connect_socket = {};
    aws::Environment environment;
    Console console;
    Interrupts interrupts;
    // From then on SIGHUP calls the handler instead of interrupting; an empty one ends that.
    std::function<void(std::function<void()> handler)> on_hangup = {};
    std::uint64_t seed = 0;
    std::string executable; // this program, for the containers of the local ECS
    std::string temp_directory = "/tmp";
    std::string holder;       // "user@host pid 123": named by the locks of this process
    std::string process = {}; // act::process_mark()
};

} // namespace ecsr::cli
