// The local ECS, as it is reached from within the networks of tasks: one server more in each of them, at the same
// address of loopback.
#pragma once

#include "base/http_server.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace ecsr::cli {

class TaskDoors {
public:
    TaskDoors(HttpServerFactory start_server, HttpHandler handler);
    ~TaskDoors();
    TaskDoors(const TaskDoors&) = delete;
    TaskDoors& operator=(const TaskDoors&) = delete;

    // On a thread of that network. Null when it cannot be opened, which is logged. Letting go of it returns at once:
    // the door closes on another thread, because its visitors may wait for whoever lets go.
    std::shared_ptr<void> open(std::uint16_t port);
    // Closes all; none opens any more. Nothing calls the handler then.
    void close();

private:
    void retire(int number);
    void close_retired(const std::stop_token& stop);

    const HttpServerFactory start_server_;
    const HttpHandler handler_;

    std::mutex mutex_; // guards what follows
    std::condition_variable_any changed_;
    std::map<int, std::unique_ptr<HttpServer>> open_;
    std::vector<std::unique_ptr<HttpServer>> retired_;
    int next_ = 0;
    bool closed_ = false;

    std::jthread closer_; // last: it uses all of the above
};

} // namespace ecsr::cli
