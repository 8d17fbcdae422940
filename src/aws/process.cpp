#include "aws/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr std::size_t most_output_bytes = 1'048'576;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) { close(fd_); }
    }
    int get() const { return fd_; }

private:
    int fd_;
};

std::unexpected<Error> system_failure(const std::string& what, int number) {
    return fail(number == ENOENT ? ErrorKind::NotFound : ErrorKind::Io, fmt::format("{}: {}", what, strerror(number)));
}

// The process and the reading end of its standard output.
struct Child {
    pid_t pid = -1;
    Descriptor exited; // readable when the process has ended
    Descriptor output; // non-blocking
};

// The signals that a tool may have blocked or ignored for itself must work in the helper.
void reset_signals(posix_spawnattr_t& attributes) {
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) { sigaddset(&usual, signal); }
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

Result<Child> spawn(const std::vector<std::string>& argv) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) { return system_failure("no pipe for " + argv.front(), errno); }
    Child child;
    child.output = Descriptor(ends[0]);
    const Descriptor writing(ends[1]);
    fcntl(child.output.get(), F_SETFL, O_NONBLOCK);

    std::vector<std::string> words = argv;
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) { pointers.push_back(word.data()); }
    pointers.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, writing.get(), STDOUT_FILENO);
    reset_signals(attributes);
    const int status = posix_spawnp(&child.pid, pointers.front(), &files, &attributes, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (status != 0) { return system_failure("cannot run " + argv.front(), status); }
    child.exited = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
    return child;
}

Descriptor make_timer(Millis timeout) {
    Descriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    const auto span = std::max(timeout, Millis(1));
    const auto seconds = std::chrono::floor<Seconds>(span);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::nanoseconds(span - seconds).count();
    timerfd_settime(timer.get(), 0, &when, nullptr);
    return timer;
}

// Takes what is there to read; false when there is more than the limit.
bool drain(const Descriptor& output, std::string& text, bool& ended) {
    std::array<char, 4096> buffer{};
    while (text.size() <= most_output_bytes) {
        const auto got = read(output.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) { continue; }
        if (got <= 0) {
            ended = got == 0;
            return true;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return false;
}

// Reads until the process has ended.
Status collect(const Child& child, const std::string& program, Millis timeout, const std::stop_token& stop,
               std::string& output) {
    const Descriptor timer = make_timer(timeout);
    const Descriptor stopped(eventfd(0, EFD_CLOEXEC));
    const std::stop_callback wake(stop, [&stopped] { eventfd_write(stopped.get(), 1); });
    bool ended = false;
    while (true) {
        std::array<pollfd, 4> waiting{{{child.exited.get(), POLLIN, 0},
                                       {timer.get(), POLLIN, 0},
                                       {stopped.get(), POLLIN, 0},
                                       {ended ? -1 : child.output.get(), POLLIN, 0}}};
        if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
            return system_failure("waiting for " + program, errno);
        }
        if (!drain(child.output, output, ended)) {
            return fail(ErrorKind::Io, fmt::format("{} printed more than {} bytes", program, most_output_bytes));
        }
        if (waiting[0].revents != 0) { return {}; }
        if (waiting[1].revents != 0) {
            return fail(ErrorKind::Timeout, fmt::format("{} did not end within {}", program, format_duration(timeout)));
        }
        if (waiting[2].revents != 0) { return fail(ErrorKind::Interrupted, "interrupted while running " + program); }
    }
}

Status check_exit(int status, const std::string& program) {
    if (WIFSIGNALED(status)) {
        return fail(ErrorKind::Io, fmt::format("{} was killed by signal {}", program, WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        return fail(ErrorKind::Io, fmt::format("{} failed with exit code {}", program, WEXITSTATUS(status)));
    }
    return {};
}

// What one word of a command line is made of while it is read.
struct WordReader {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = '\0';

    void end_word() {
        if (in_word) { words.push_back(std::move(word)); }
        word.clear();
        in_word = false;
    }

    void add(char c) {
        word += c;
        in_word = true;
    }

    void plain(char c) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            end_word();
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else {
            add(c);
        }
    }
};

} // namespace

Result<std::string> run_process(const std::vector<std::string>& argv, Millis timeout, const std::stop_token& stop) {
    ECSR_ASSERT(!argv.empty());
    auto child = spawn(argv);
    if (!child) { return std::unexpected(std::move(child.error())); }
    std::string output;
    const Status collected = child->exited.get() < 0 ? Status(system_failure("cannot watch " + argv.front(), errno))
                                                     : collect(*child, argv.front(), timeout, stop, output);
    kill(-child->pid, SIGKILL); // the group: also what the helper has started itself
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {}
    if (!collected) { return std::unexpected(collected.error()); }
    if (auto good = check_exit(status, argv.front()); !good) { return std::unexpected(std::move(good.error())); }
    return output;
}

Result<std::vector<std::string>> split_command_line(std::string_view text) {
    WordReader reader;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool escapes = c == '\\' && reader.quote != '\'';
        if (escapes && i + 1 == text.size()) { return fail(ErrorKind::Usage, "the command ends with a backslash"); }
        if (escapes && (reader.quote == '\0' || text[i + 1] == '"' || text[i + 1] == '\\')) {
            reader.add(text[++i]);
        } else if (reader.quote == '\0') {
            reader.plain(c);
        } else if (c == reader.quote) {
            reader.quote = '\0';
        } else {
            reader.add(c);
        }
    }
    if (reader.quote != '\0') { return fail(ErrorKind::Usage, "the command has a quote that is not closed"); }
    reader.end_word();
    if (reader.words.empty()) { return fail(ErrorKind::Usage, "the command is empty"); }
    return std::move(reader.words);
}

} // namespace ecsr::aws
