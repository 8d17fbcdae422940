#include "cli/task_doors.hpp"

#include "base/log.hpp"

#include <utility>

namespace ecsr::cli {

TaskDoors::TaskDoors(HttpServerFactory start_server, HttpHandler handler)
    : start_server_(std::move(start_server)), handler_(std::move(handler)),
      closer_([this](const std::stop_token& stop) { close_retired(stop); }) {}

TaskDoors::~TaskDoors() {
    close();
}

std::shared_ptr<void> TaskDoors::open(std::uint16_t port) {
    auto server = start_server_({.port = port, .threads = 1}, handler_);
    if (!server) {
        log(LogLevel::Warning, "a task cannot ask about itself", {{"error", server.error().message}});
        return nullptr;
    }
    const std::lock_guard lock(mutex_);
    if (closed_) { return nullptr; }
    const int number = next_++;
    open_[number] = std::move(*server);
    return {static_cast<void*>(this), [number](void* doors) { static_cast<TaskDoors*>(doors)->retire(number); }};
}

void TaskDoors::retire(int number) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(number);
    if (found == open_.end()) { return; }
    retired_.push_back(std::move(found->second));
    open_.erase(found);
    changed_.notify_all();
}

void TaskDoors::close_retired(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !retired_.empty(); })) {
        auto closing = std::exchange(retired_, {});
        lock.unlock();
        closing.clear();
        lock.lock();
    }
}

void TaskDoors::close() {
    std::map<int, std::unique_ptr<HttpServer>> closing;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        closing = std::exchange(open_, {});
    }
    closing.clear();
    if (!closer_.joinable()) { return; }
    closer_.request_stop();
    closer_.join();
    retired_.clear();
}

} // namespace ecsr::cli
