#include "local/runtime/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ecsr::local {

namespace {

// Everything the child needs, made before the fork: another thread may hold any lock then, so between fork and exec the
// child may only make system calls.
struct Prepared {
    const SpawnRequest& request;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    FileDescriptor null;
    FileDescriptor failure_reads; // ends without a byte once the program has been started
    FileDescriptor failure_writes;
    pid_t parent = ::getpid();
    int highest_signal = SIGRTMAX;
};

std::vector<char*> as_pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const auto& text : texts) { pointers.push_back(const_cast<char*>(text.c_str())); } // exec does not write to it
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void give_up(const Prepared& prepared, SpawnStep step) {
    const SpawnFailure failure{step, errno};
    [[maybe_unused]] const auto written = ::write(prepared.failure_writes.get(), &failure, sizeof failure);
    ::_exit(127);
}

void reset_signals(const Prepared& prepared) {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number <= prepared.highest_signal; ++number) { ::sigaction(number, &standard, nullptr); }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void run_child(const Prepared& prepared) {
    const SpawnRequest& request = prepared.request;
    if (request.dies_with_parent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != prepared.parent) { ::_exit(127); } // the parent was killed before the signal was set
    }
    for (const int group : request.cgroups) {
        if (::write(group, "0", 1) != 1) { give_up(prepared, SpawnStep::EnterCgroup); }
    }
    if (request.network >= 0 && ::setns(request.network, CLONE_NEWNET) != 0) {
        give_up(prepared, SpawnStep::EnterNetwork);
    }
    ::setsid();
    reset_signals(prepared);
    const int input = request.input >= 0 ? request.input : prepared.null.get();
    const int output = request.output >= 0 ? request.output : prepared.null.get();
    if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) { give_up(prepared, SpawnStep::Fork); }
    if (request.data_limit) {
        const rlimit limit{*request.data_limit, *request.data_limit};
        ::setrlimit(RLIMIT_DATA, &limit); // a second fence behind the watchdog; without it the watchdog still stands
    }
    if (!request.working_directory.empty() && ::chdir(request.working_directory.c_str()) != 0) {
        give_up(prepared, SpawnStep::ChangeDirectory);
    }
    // The sockets that the HTTP server accepts are not closed on exec. A container that had one would keep the
    // connection open after the server has closed it, and its client would wait for an answer for ever.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(request.executable.c_str(), prepared.arguments.data(), prepared.environment.data());
    give_up(prepared, SpawnStep::Execute);
}

// The number cannot be taken by another process: the child is not reaped yet.
std::expected<Process, SpawnFailure> with_pidfd(pid_t pid) {
    FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd) { return Process{pid, std::make_shared<const FileDescriptor>(std::move(pidfd))}; }
    const int reason = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return std::unexpected(SpawnFailure{SpawnStep::Fork, reason});
}

} // namespace

std::expected<Process, SpawnFailure> spawn(const SpawnRequest& request) {
    int failure_pipe[2] = {-1, -1};
    if (::pipe2(failure_pipe, O_CLOEXEC) != 0) { return std::unexpected(SpawnFailure{SpawnStep::Fork, errno}); }
    Prepared prepared{request,
                      as_pointers(request.arguments),
                      as_pointers(request.environment),
                      FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)),
                      FileDescriptor(failure_pipe[0]),
                      FileDescriptor(failure_pipe[1])};
    if (!prepared.null) { return std::unexpected(SpawnFailure{SpawnStep::Fork, errno}); }
    // No signal handler of this process may run in the child.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) { run_child(prepared); }
    const int fork_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) { return std::unexpected(SpawnFailure{SpawnStep::Fork, fork_error}); }
    prepared.failure_writes.reset();
    SpawnFailure failure;
    ssize_t got = -1;
    do { got = ::read(prepared.failure_reads.get(), &failure, sizeof failure); } while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof failure)) {
        ::waitpid(pid, nullptr, 0);
        return std::unexpected(failure);
    }
    return with_pidfd(pid);
}

std::optional<ExitStatus> exit_status(const Process& process) {
    siginfo_t info{};
    const int waited = ::waitid(P_PIDFD, static_cast<id_t>(process.pidfd->get()), &info, WEXITED | WNOHANG);
    if (waited != 0 && errno != EINTR) { return ExitStatus{255, false}; } // somebody else reaped it (ECS behaviour C4)
    if (waited != 0 || info.si_pid == 0) { return std::nullopt; }
    if (info.si_code == CLD_EXITED) { return ExitStatus{info.si_status, false}; }
    return ExitStatus{128 + info.si_status, info.si_status == SIGKILL};
}

bool send_signal(const Process& process, int signal) {
    return ::syscall(SYS_pidfd_send_signal, process.pidfd->get(), signal, nullptr, 0) == 0;
}

bool wait_readable(int descriptor, int milliseconds) {
    pollfd entry{descriptor, POLLIN, 0};
    return ::poll(&entry, 1, milliseconds) > 0;
}

} // namespace ecsr::local
