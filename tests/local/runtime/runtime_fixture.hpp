// A process runtime whose containers are real processes, and what tests wait for.
#pragma once

#include "local/runtime/process_runtime.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ecsr::local::testing {

inline ContainerDefinition shell(std::string name, std::string script) {
    ContainerDefinition container;
    container.name = std::move(name);
    container.image = "debian";
    container.command = {"/bin/sh", "-c", std::move(script)};
    return container;
}

// Takes `mebibytes` into memory and keeps them, then says so.
inline std::string hog(int mebibytes) {
    return "exec python3 -c 'import time; x = bytearray(" + std::to_string(mebibytes) +
           " << 20); print(\"taken\", flush=True); time.sleep(600)'";
}

inline TaskLaunch task_of(std::string id, std::vector<ContainerDefinition> containers) {
    TaskLaunch launch;
    launch.task_id = std::move(id);
    launch.task_arn = "arn:aws:ecs:us-east-1:000000000000:task/c/" + launch.task_id;
    launch.cluster = "c";
    launch.family = "f";
    launch.revision = 1;
    launch.address = "127.0.0.1";
    launch.containers = std::move(containers);
    return launch;
}

// Time is the test's: it moves only by advance(). Waiting for processes is real and ends after twenty seconds.
class RuntimeTest : public ::testing::Test {
protected:
    RuntimeTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "runtime_test.XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~RuntimeTest() override {
        runtime_.reset();
        EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "the runtime left files in " << directory_;
        std::filesystem::remove_all(directory_);
    }

    ProcessRuntimeOptions options() {
        ProcessRuntimeOptions wanted;
        wanted.temp_directory = directory_;
        wanted.path = std::getenv("PATH");
        wanted.notify = [this] {
            const std::lock_guard lock(mutex_);
            notified_ = true;
            notification_.notify_all();
        };
        return wanted;
    }

    void start(ProcessRuntimeOptions wanted) {
        auto made = ProcessRuntime::create(std::move(wanted));
        ASSERT_TRUE(made.has_value()) << made.error().message;
        runtime_ = std::move(made).value();
    }
    ProcessRuntime& runtime() {
        if (!runtime_) { start(options()); }
        return *runtime_;
    }

    void launch(const TaskLaunch& task) { runtime().launch(task, now_); }
    void stop(const std::string& task_id) { runtime().stop(task_id, now_); }
    void advance(Millis by) { now_ += by; }

    // Takes events until `found` says that they are all there. False at the deadline.
    bool wait_until(const std::function<bool()>& found) {
        const auto deadline = std::chrono::steady_clock::now() + Seconds(60);
        while (true) {
            for (auto& event : runtime().take_events(now_)) { events_.push_back(std::move(event)); }
            if (found()) { return true; }
            if (std::chrono::steady_clock::now() > deadline) { return false; }
            std::unique_lock lock(mutex_);
            notification_.wait_for(lock, Millis(10), [&] { return notified_; });
            notified_ = false;
        }
    }

    template <typename EventType>
    std::vector<EventType> seen() const {
        std::vector<EventType> found;
        for (const auto& event : events_) {
            if (const auto* wanted = std::get_if<EventType>(&event)) { found.push_back(*wanted); }
        }
        return found;
    }

    template <typename EventType>
    bool wait_for(std::size_t count) {
        return wait_until([&] { return seen<EventType>().size() >= count; });
    }

    bool wait_for_log(const std::string& task_id, const std::string& container, const std::string& text) {
        return wait_until([&] { return runtime().logs(task_id, container).value_or("").contains(text); });
    }

    static bool eventually(const std::function<bool()>& found) {
        const auto deadline = std::chrono::steady_clock::now() + Seconds(60);
        while (!found()) {
            if (std::chrono::steady_clock::now() > deadline) { return false; }
            std::this_thread::yield();
        }
        return true;
    }
    // A process that is nobody's child here any more.
    static bool wait_for_end_of(pid_t pid) {
        return eventually([&] { return ::kill(pid, 0) != 0; });
    }

    std::filesystem::path directory_;
    Instant now_ = ecsr::testing::fixed_epoch;
    std::vector<Event> events_;

    std::mutex mutex_;
    std::condition_variable notification_;
    bool notified_ = false;
    std::unique_ptr<ProcessRuntime> runtime_; // last: its thread notifies
};

} // namespace ecsr::local::testing
