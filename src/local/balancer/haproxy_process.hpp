// One running HAProxy and its command socket.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "local/balancer/child_process.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

// Sends one command to the Unix socket at `path` and returns the whole answer (net: unix_socket_exchange).
using CommandExchange =
    std::function<Result<std::string>(const std::string& path, const std::string& command, Millis timeout)>;

class HaproxyProcess {
public:
    struct Options {
        std::string program = "haproxy";
        std::filesystem::path directory; // for the configuration and the socket; made by the caller
        std::string name;                // unique in `directory`
        CommandExchange exchange;
    };

    // Writes the configuration that `configure` makes for a socket path and starts HAProxy with it; returns before
    // HAProxy serves. Errors: NotFound (HAProxy is not installed; the message says what to do), Io.
    static Result<std::unique_ptr<HaproxyProcess>>
    start(const Options& options, const std::function<std::string(const std::string& socket_path)>& configure,
          const std::vector<int>& inherited);
    // Kills it when it still runs, and removes its files.
    ~HaproxyProcess();
    HaproxyProcess(const HaproxyProcess&) = delete;
    HaproxyProcess& operator=(const HaproxyProcess&) = delete;

    // True once its command socket answers; then it also serves.
    bool is_ready();
    // The answer to commands separated by ';'. Errors: Unreachable, Timeout.
    Result<std::string> command(const std::string& commands);
    // Why it is gone, in one line with HAProxy's own complaint; empty while it runs.
    std::optional<std::string> ended() const;
    // Takes no new connection, lets requests in flight finish, then ends by itself.
    void finish();
    pid_t pid() const { return child_->pid(); }

private:
    HaproxyProcess() = default;

    std::string socket_path_;
    std::filesystem::path config_path_;
    CommandExchange exchange_;
    std::unique_ptr<ChildProcess> child_;
    bool ready_ = false;
};

} // namespace ecsr::local
