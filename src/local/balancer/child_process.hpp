// One child process that cannot outlive this one, with what it says kept.
//
// The kernel's parent-death signal is tied to the *thread* that forked, so each child is forked by a thread of its own
// that lives as long as the child; callers may come and go on any thread.
#pragma once

#include "base/error.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace ecsr::local {

// Safe to use from several threads.
class ChildProcess {
public:
    // Runs `arguments[0]` (found in PATH) in a process group of its own, so that Ctrl-C in the terminal does not reach
    // it. The `inherited` descriptors keep their numbers in the child. Returns when the program is running.
    // Errors: NotFound (no such program), Io.
    static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& arguments,
                                                       const std::vector<int>& inherited);
    // SIGKILL when it still runs; returns when it is gone.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    // Nothing when the child has ended.
    void signal(int number);
    // "exit code 1", "signal 9"; empty while it runs.
    std::optional<std::string> ended() const;
    // The last few KiB that it wrote to stdout and stderr.
    std::string output() const;

private:
    ChildProcess() = default;
    void read_output(int descriptor);
    void reap();

    pid_t pid_ = -1;
    mutable std::mutex mutex_;
    std::string output_;               // guarded by mutex_
    std::optional<std::string> ended_; // guarded by mutex_
    std::jthread keeper_;
};

} // namespace ecsr::local
