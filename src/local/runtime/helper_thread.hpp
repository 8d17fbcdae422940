// The runtime's own thread: it starts processes and waits for descriptors, so that nobody else has to wait.
//
// Processes are started here because a parent-death signal follows the thread that made the child, not its process.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "local/runtime/file_descriptor.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ecsr::local {

class HelperThread {
public:
    // Every `tick` the `on_tick`, where there is one, is called on the thread until it returns false; wake_ticks() has
    // it called again.
    static Result<std::unique_ptr<HelperThread>> create(Millis tick, std::function<bool()> on_tick);
    // Finishes the jobs that were given and joins the thread.
    ~HelperThread();
    HelperThread(const HelperThread&) = delete;
    HelperThread& operator=(const HelperThread&) = delete;

    // Runs the job on the thread and waits for it. Not to be called on the thread itself.
    void run(const std::function<void()>& job);

    // Calls `ready` on the thread when `descriptor` can be read or is hung up, again and again while `ready` returns
    // true; then lets go of the descriptor. May be called on the thread.
    Status watch(std::shared_ptr<const FileDescriptor> descriptor, std::function<bool()> ready);

    void wake_ticks();

private:
    struct Watched {
        std::shared_ptr<const FileDescriptor> descriptor;
        std::function<bool()> ready;
    };

    HelperThread(FileDescriptor epoll, FileDescriptor wakeup, Millis tick, std::function<bool()> on_tick);

    void loop();
    void run_jobs();
    void serve(int descriptor);
    void wake();

    const FileDescriptor epoll_;
    const FileDescriptor wakeup_;
    const Millis tick_;
    const std::function<bool()> on_tick_;

    std::mutex mutex_; // guards what follows
    std::vector<std::function<void()>> jobs_;
    std::map<int, std::shared_ptr<const Watched>> watched_;
    bool ticking_ = static_cast<bool>(on_tick_);
    bool ending_ = false;

    std::thread thread_; // last: it uses all of the above
};

} // namespace ecsr::local
