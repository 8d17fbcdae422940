#include "local/balancer/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <future>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ecsr::local {
namespace {

constexpr std::size_t output_limit = 8192;

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Result<Pipe> open_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(ErrorKind::Io, fmt::format("cannot open a pipe: {}", std::strerror(errno)));
    }
    return Pipe{.read_end = ends[0], .write_end = ends[1]};
}

struct Launch {
    std::vector<char*> arguments; // ends with a null pointer
    std::vector<int> inherited;
    Pipe output;
    Pipe exec_error; // closed by a successful exec, else carries errno
    pid_t parent = -1;
};

// Runs in the child between fork and exec: system calls only.
[[noreturn]] void become(const Launch& launch) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setpgid(0, 0);
    if (getppid() == launch.parent) {
        // Without /dev/null it reads what this process reads; HAProxy reads nothing.
        const int null_device = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null_device >= 0) { dup2(null_device, STDIN_FILENO); }
        dup2(launch.output.write_end, STDOUT_FILENO);
        dup2(launch.output.write_end, STDERR_FILENO);
        // Libraries open sockets that would stay open in the child, and keep their ports, long after they are closed
        // here.
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        for (const int descriptor : launch.inherited) { fcntl(descriptor, F_SETFD, 0); }
        execvp(launch.arguments[0], launch.arguments.data());
    }
    const int reason = errno;
    [[maybe_unused]] const auto written = write(launch.exec_error.write_end, &reason, sizeof reason);
    _exit(127);
}

// The errno of a failed exec; 0 when the program runs.
int wait_for_exec(int descriptor) {
    int reason = 0;
    ssize_t count = -1;
    do { count = read(descriptor, &reason, sizeof reason); } while (count < 0 && errno == EINTR);
    return count == sizeof reason ? reason : 0;
}

Status exec_failure(const std::string& program, int reason) {
    if (reason == 0) { return {}; }
    return fail(reason == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
                fmt::format("cannot run {}: {}", program, std::strerror(reason)));
}

} // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::vector<std::string>& arguments,
                                                          const std::vector<int>& inherited) {
    ECSR_ASSERT(!arguments.empty());
    auto output = open_pipe();
    if (!output) { return std::unexpected(output.error()); }
    auto exec_error = open_pipe();
    if (!exec_error) {
        close(output->read_end);
        close(output->write_end);
        return std::unexpected(exec_error.error());
    }
    std::vector<std::string> words = arguments;
    Launch launch{
        .arguments = {}, .inherited = inherited, .output = *output, .exec_error = *exec_error, .parent = getpid()};
    for (auto& word : words) { launch.arguments.push_back(word.data()); }
    launch.arguments.push_back(nullptr);

    std::unique_ptr<ChildProcess> child(new ChildProcess());
    std::promise<int> started; // errno of fork or exec, 0 when the program runs
    auto outcome = started.get_future();
    child->keeper_ = std::jthread([&launch, started = std::move(started), self = child.get()]() mutable {
        const int output_end = launch.output.read_end; // `launch` is gone once `started` is set
        const pid_t pid = fork();
        if (pid == 0) { become(launch); }
        const int fork_error = pid < 0 ? errno : 0;
        self->pid_ = pid;
        close(launch.output.write_end);
        close(launch.exec_error.write_end);
        const int reason = pid < 0 ? fork_error : wait_for_exec(launch.exec_error.read_end);
        close(launch.exec_error.read_end);
        started.set_value(reason);
        self->read_output(output_end);
        close(output_end);
        self->reap();
    });
    if (auto running = exec_failure(arguments[0], outcome.get()); !running) { return std::unexpected(running.error()); }
    return child;
}

ChildProcess::~ChildProcess() {
    signal(SIGKILL);
    if (keeper_.joinable()) { keeper_.join(); }
}

void ChildProcess::read_output(int descriptor) {
    std::array<char, 4096> buffer{};
    while (true) {
        const auto count = read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) { continue; }
        if (count <= 0) { return; }
        const std::lock_guard lock(mutex_);
        output_.append(buffer.data(), static_cast<std::size_t>(count));
        if (output_.size() > output_limit) { output_.erase(0, output_.size() - output_limit); }
    }
}

void ChildProcess::reap() {
    if (pid_ < 0) { return; }
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {}
    // The process id is free for others once it is waited for: from here on nobody may signal it.
    const std::lock_guard lock(mutex_);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    ended_ = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                 : fmt::format("exit code {}", WEXITSTATUS(status));
}

void ChildProcess::signal(int number) {
    const std::lock_guard lock(mutex_);
    if (pid_ > 0 && !ended_) { kill(pid_, number); }
}

std::optional<std::string> ChildProcess::ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
}

std::string ChildProcess::output() const {
    const std::lock_guard lock(mutex_);
    return output_;
}

} // namespace ecsr::local
