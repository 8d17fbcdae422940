#include "terminal.hpp"

#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ecsr::apps {

namespace {

// Readable as soon as `stop` is requested.
class StopDescriptor {
public:
    explicit StopDescriptor(const std::stop_token& stop)
        : descriptor_(eventfd(0, EFD_CLOEXEC)), on_stop_(stop, Wake{descriptor_}) {}
    ~StopDescriptor() { close(descriptor_); }
    StopDescriptor(const StopDescriptor&) = delete;
    StopDescriptor& operator=(const StopDescriptor&) = delete;
    int get() const { return descriptor_; }

private:
    struct Wake {
        int descriptor;
        void operator()() const {
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = write(descriptor, &one, sizeof one);
        }
    };
    int descriptor_;
    std::stop_callback<Wake> on_stop_;
};

bool wait_for_input(int stop_descriptor) {
    pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {stop_descriptor, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0) {} // a signal only wakes it
    return watched[1].revents == 0;
}

} // namespace

bool is_terminal(int descriptor) {
    return isatty(descriptor) == 1;
}

int columns(int descriptor) {
    winsize size{};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::optional<std::string> read_line(const std::stop_token& stop) {
    const StopDescriptor stopped(stop);
    std::string line;
    while (wait_for_input(stopped.get())) {
        char c = 0;
        if (read(STDIN_FILENO, &c, 1) != 1) { return line.empty() ? std::nullopt : std::optional(line); }
        if (c == '\n') { return line; }
        line += c;
    }
    return std::nullopt;
}

} // namespace ecsr::apps
